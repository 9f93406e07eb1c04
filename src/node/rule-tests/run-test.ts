/**
 * One rule test: a fresh engine, its steps in order, and what each check found.
 *
 * When time passes a tick is logged at each moment at which the engine wants to be woken, as node/ticker.ts does it, so
 * nothing is judged late. Called for each test of a file by run-files.ts.
 */
import type { AlertView } from '../../alerts/fold.js'
import { engineVersion } from '../../alerts/shard.js'
import type { LogEntry } from '../../core/entry.js'
import { QwError } from '../../core/errors.js'
import type { UnixMs } from '../../core/names.js'
import type { FreezeState, ProposalState, Transition } from '../../core/transition.js'
import { Desk } from './desk.js'
import { type Difference, differenceOfItems, differenceOfLists } from './difference.js'
import { Engine } from './engine.js'
import { type Expected, splitMoment, type Watched } from './expected.js'
import type { Given } from './given.js'
import { type FreezeView, type Item, itemOfAlert, itemOfFreeze, itemOfProposal, type ProposalView } from './items.js'
import { shownMoment } from './moments.js'
import { shownTransition } from './shown-transition.js'
import type { RuleTest } from './test-file.js'

export interface Failure {
  readonly line: number
  readonly at: string
  readonly differences: readonly Difference[]
}

export interface TestResult {
  readonly name: string
  readonly line: number
  readonly checks: number
  readonly failures: readonly Failure[]
}

export interface Circumstances {
  readonly shards?: number
  /** The engine goes through its snapshot and back before every batch. */
  readonly restarts?: boolean
}

/** @throws QwError QW_RULES_INVALID when the test gives what no service would take. */
export function runTest(test: RuleTest, circumstances: Circumstances = {}): TestResult {
  const { name, line } = test
  const world = new World(test, circumstances)
  const failures: Failure[] = []
  let checks = 0
  try {
    for (const step of test.steps) {
      if (step.restart) world.restart()
      for (const atMs of step.atMs) world.give(atMs, step.input)
      if (!step.expected) continue
      checks += 1
      const differences = world.differencesTo(step.expected)
      if (differences.length > 0) failures.push({ line: step.expected.line, at: shownMoment(world.nowMs), differences })
    }
  } catch (error) {
    if (error instanceof QwError) throw error
    failures.push({ line, at: shownMoment(world.nowMs), differences: [thrown(error)] })
  }
  return { name, line, checks, failures }
}

const thrown = (error: unknown): Difference => ({
  of: 'the engine threw',
  lines: [String(error instanceof Error ? (error.stack ?? error.message) : error)],
})

class World {
  readonly #engine: Engine
  readonly #desk = new Desk()
  readonly #restarts: boolean
  nowMs: UnixMs
  /** Since the last check. */
  #transitions: Transition[] = []

  constructor({ rules, calendar, policy, startMs, units }: RuleTest, { shards = 1, restarts = false }: Circumstances) {
    this.#engine = new Engine(shards)
    this.#restarts = restarts
    this.nowMs = startMs
    const first: LogEntry[] = [
      { kind: 'engine', version: engineVersion },
      ...(calendar ? [calendar] : []),
      { kind: 'policy', policy },
      { kind: 'rules', rules },
    ]
    this.give(
      startMs,
      first.map((entry) => ({ kind: 'entry', entry })),
    )
    this.give(startMs, [...units.values()].flat())
    this.#transitions = []
  }

  restart(): void {
    this.#engine.restart()
  }

  /** Time passes to `atMs`, and there the batch is logged, when there is one. */
  give(atMs: UnixMs, given: readonly Given[]): void {
    for (
      let dueMs = this.#engine.nextDeadlineMs;
      dueMs !== undefined && dueMs < atMs;
      dueMs = this.#engine.nextDeadlineMs
    )
      this.#commit(dueMs, [{ kind: 'tick' }])
    if (given.length > 0) this.#commit(atMs, this.#desk.entriesOf(given, atMs))
    else if (this.#engine.nextDeadlineMs === atMs) this.#commit(atMs, [{ kind: 'tick' }])
    this.nowMs = atMs
  }

  #commit(nowMs: UnixMs, entries: readonly LogEntry[]): void {
    if (this.#restarts) this.#engine.restart()
    this.nowMs = nowMs
    this.#transitions.push(...this.#engine.step({ nowMs, entries }))
    const { nextDeadlineMs } = this.#engine
    if (nextDeadlineMs !== undefined && nextDeadlineMs <= nowMs)
      throw new Error(`at ${shownMoment(nowMs)} the engine wants to be woken at ${shownMoment(nextDeadlineMs)}`)
  }

  differencesTo({ watched, alerts, freezes, proposals, transitions }: Expected): Difference[] {
    const isOther = (state: string) => state !== 'open'
    const found = [
      differenceOfItems('alerts', alerts, this.#alerts(watched), (state) => state === 'green'),
      differenceOfItems('freezes', freezes, this.#freezes(watched, freezes), (state) => state === 'none'),
      differenceOfItems('proposals', proposals, this.#proposals(watched), isOther),
      transitions && differenceOfLists('transitions', transitions, this.#transitionsAs(transitions, watched)),
    ]
    this.#transitions = []
    return found.filter((difference) => difference !== undefined)
  }

  #alerts(watched: Watched): Item[] {
    const views = (['yellow', 'red'] as const).flatMap((colour) => [
      ...(this.#engine.read({ kind: 'alerts', colour }) as AlertView[]),
      ...(this.#engine.readFold({ kind: 'alerts', colour }) as AlertView[]),
    ])
    return views.filter(({ rule, subject }) => looksAt(watched, rule, subject)).map(itemOfAlert)
  }

  /** A freeze belongs to the rules that are its reasons; one that was ordered, or lifted, is anybody's. */
  #freezes(watched: Watched, expected: readonly Item[]): Item[] {
    const states: readonly FreezeState[] = ['none', 'frozen', 'lifted']
    const views = states.flatMap(
      (state) => this.#engine.read({ kind: 'freezes', state }) as (FreezeView & { since: string })[],
    )
    return views
      .filter(
        ({ unit, state, reasons }) =>
          expected.some(({ of }) => of === unit) ||
          (watchesReasons(watched, state === 'lifted' ? ['order', ...reasons] : reasons) &&
            looksAtSubject(watched, unit)),
      )
      .map(itemOfFreeze)
  }

  #proposals(watched: Watched): Item[] {
    const states: readonly ProposalState[] = ['open', 'approved', 'refused', 'withdrawn']
    const views = states.flatMap((state) => [
      ...(this.#engine.read({ kind: 'proposals', state }) as ProposalView[]),
      ...(this.#engine.readFold({ kind: 'proposals', state }) as ProposalView[]),
    ])
    return views.filter(({ rule, subject }) => looksAt(watched, rule, subject)).map(itemOfProposal)
  }

  /** With its moment where the one expected in its place has one. */
  #transitionsAs(expected: readonly string[], watched: Watched): string[] {
    return this.#transitions
      .filter((transition) => isWatched(watched, transition))
      .map((transition, i) => {
        const hasMoment = splitMoment(expected[i] ?? '').moment !== undefined
        return `${hasMoment ? `${shownMoment(transition.at)} ` : ''}${shownTransition(transition)}`
      })
  }
}

const looksAtSubject = ({ subjects }: Watched, subject: string): boolean => subjects?.has(subject) ?? true

const looksAt = (watched: Watched, rule: string, subject: string): boolean =>
  (watched.rules?.has(rule) ?? true) && looksAtSubject(watched, subject)

const watchesReasons = ({ rules }: Watched, reasons: readonly string[]): boolean =>
  rules === undefined || reasons.some((reason) => reason === 'order' || rules.has(reason))

/** Freezes and requests are of a subject, whatever their reasons. */
const isWatched = (watched: Watched, transition: Transition): boolean =>
  'rule' in transition
    ? looksAt(watched, transition.rule, transition.subject)
    : looksAtSubject(watched, transition.subject)
