/**
 * Fills the city: the list of units over HTTP, then everything live through the stream, for as long as the page is open.
 *
 * The stream does not tell names, closed units, the end of a load and of which units a silent feed told; so the list is
 * read again after every reload of the stream, when a unit appears that nobody named, when a feed falls silent or is
 * heard again, and every few minutes.
 */
import { Backoff } from '../../client/backoff.js'
import { connect, type Transition } from '../../client/stream.js'
import { Again } from '../model/again.js'
import type { CityFigures } from '../model/answers.js'
import { readClock, readConfig, readRules, readSummary, readTransitions, readUnit, readUnits } from './service.js'
import { changed, city, clockMs, exercise, hasUnits, heardMs, journal, ruleSet, stream, summary } from './state.js'

const reReadEveryMs = 5 * 60_000
const reReadDuringLoadMs = 5000
const transitionsRead = 500
/** Beyond so many units nobody named, the whole list is cheaper. */
const singleReadsMax = 20

const backoff = new Backoff({ reconnectMsMin: 500, reconnectMsMax: 15_000, random: Math.random })

export async function startFeed(): Promise<void> {
  const config = await patiently(readConfig)
  exercise.value = config.exercise
  startClock()
  const client = connect({
    url: config.stream,
    // A wall that comes back a second earlier is worth more than what the attempts cost.
    reconnectMsMax: 5000,
    onState: (state) => {
      stream.value = state
    },
    onWelcome: (welcome) => {
      exercise.value = welcome.exercise
    },
  })
  client.subscribe('all', { figures: true, onSnapshot, onTransition, onFigures: (values) => onFigures(values) })
}

function onSnapshot(items: readonly unknown[], n: number): void {
  heard()
  city.reset(items)
  journal.clear()
  changed()
  unitList.soon()
  rules.soon()
  patiently(() => readTransitions(n, transitionsRead)).then((entries) => {
    journal.add(entries)
    changed()
  }, report)
}

function onTransition(transition: Transition): void {
  heard()
  city.apply(transition)
  journal.add([transition])
  if (transition.why.ruleVersion !== undefined && !knownVersions.has(transition.why.ruleVersion)) {
    // Another set judges; a version that is not in it either is asked about once.
    knownVersions.add(transition.why.ruleVersion)
    rules.soon()
  }
  if (isOfFeed(transition)) unitList.soon()
  changed()
}

function isOfFeed(transition: Transition): boolean {
  if (transition.kind !== 'alert' || transition.unit !== undefined) return false
  const rule = ruleSet.value?.rules.find(({ id }) => id === transition.rule)
  return rule === undefined || rule.scopes.includes('source')
}

const knownVersions = new Set<string>()

const rules = new Again(async () => {
  await patiently(async () => {
    ruleSet.value = await readRules()
  })
  for (const { version } of ruleSet.value?.rules ?? []) knownVersions.add(version)
}, report)

function onFigures(values: unknown): void {
  heard()
  const figures = values as CityFigures
  summary.value = figures.city
  const unnamed = city.figures(figures)
  if (unnamed.length > singleReadsMax) unitList.soon()
  else for (const id of unnamed) readNew(id)
  changed()
}

/** A unit that came while the page is open. When it cannot be read now, the next reading of the list has it. */
function readNew(id: string): void {
  readUnit(id).then((unit) => {
    if (!unit || unit.closed) return
    city.addUnit(unit)
    changed()
  }, report)
}

let listTimer: ReturnType<typeof setTimeout> | undefined

const unitList = new Again(async () => {
  clearTimeout(listTimer)
  await patiently(async () => {
    city.beginReading()
    const [answers, sums] = await Promise.all([readUnits(), readSummary()])
    city.replaceUnits(answers)
    summary.value = sums
  })
  hasUnits.value = true
  changed()
  listTimer = setTimeout(() => unitList.soon(), city.awaitsLoad ? reReadDuringLoadMs : reReadEveryMs)
}, report)

/** Tries until it succeeds, with growing waits. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const value = await attempt()
      backoff.succeeded()
      return value
    } catch (error) {
      report(error)
      await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()))
    }
  }
}

/** The clock in the corner: this computer's, or in an exercise the scenario's, which moves by order. */
function startClock(): void {
  const turn = (): void => {
    if (!exercise.value) clockMs.value = Date.now()
    else
      readClock().then(({ now }) => {
        clockMs.value = Date.parse(now)
      }, report)
    setTimeout(turn, 1000 - (Date.now() % 1000))
  }
  turn()
}

function heard(): void {
  heardMs.value = Date.now()
}

function report(error: unknown): void {
  console.warn('quotawatch wall:', error)
}
