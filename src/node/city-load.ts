/**
 * The data set that a new directory begins with, through the same door as everybody's events.
 *
 * It comes in as a load (domain 2), so that nothing is judged before all of it is there. Standing facts are dated on the
 * day of loading, or as the file has them under a scenario clock. A start that finds the load open, because the service
 * died in it, sends everything once more: what had arrived is a duplicate. Hence the day is kept in the load's end.
 */
import { setTimeout } from 'node:timers/promises'
import { dayOf, formatTime, startOfDay } from '../core/day.js'
import { QwError } from '../core/errors.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import { readConfigured } from './configured-file.js'

export interface CityLoadDeps {
  /** Path of the NDJSON file; empty: nothing is loaded. */
  readonly file: string
  readonly clock: 'system' | 'scenario'
  readonly nowMs: () => UnixMs
  /** True when nothing is known of any unit: a first start may have died before it came to its data set. */
  readonly isEmpty: boolean
  /** Latest end of the load while it is open; undefined when it was never opened, 0 when it was closed. */
  readonly endOfLoad: (name: string) => UnixMs | undefined
  readonly send: (path: string, mediaType: string, body: string) => Promise<{ status: number; body: unknown }>
}

const load = 'data-set'
// Long enough for any machine, and two midnights on, so that the day of loading can be read from it.
const endsInDays = 2
const linesPerRequest = 1000
// Behind a request of its own there is little to wait for.
const againMs = 50
const passes: ReadonlySet<string> = new Set(['QW_TOO_LATE', 'QW_OVERLOADED'])

/** Resolves to the number of events that were sent; 0 when there was nothing to do. QW_BODY_INVALID when one is refused, QW_OPTION_INVALID without the file. */
export async function loadCity(deps: CityLoadDeps): Promise<number> {
  if (!isCityDue(deps)) return 0
  const open = openEnd(deps)
  const isOpen = open !== undefined
  const day = isOpen ? ((dayOf(open) - endsInDays) as DayNumber) : dayOf(deps.nowMs())
  const text = await readConfigured('dataSet', deps.file)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (!isOpen) await order(deps, { order: 'load.open', load, until: formatTime(endOf(day)) })
  for (let from = 0; from < lines.length; from += linesPerRequest) {
    const part = lines.slice(from, from + linesPerRequest).map((line) => inLoad(line, deps.clock, day))
    await sendEvents(deps, part)
  }
  await order(deps, { order: 'load.close', load })
  return lines.length
}

/** Whether there is anything to load: a new directory, or a load that was begun and is open. */
export function isCityDue(deps: CityLoadDeps): boolean {
  const isNew = deps.endOfLoad(load) === undefined && deps.isEmpty
  return deps.file !== '' && (isNew || openEnd(deps) !== undefined)
}

function openEnd({ endOfLoad, nowMs }: CityLoadDeps): UnixMs | undefined {
  const end = endOfLoad(load)
  return end !== undefined && end > nowMs() ? end : undefined
}

const endOf = (day: DayNumber): UnixMs => startOfDay((day + endsInDays) as DayNumber)

function inLoad(line: string, clock: CityLoadDeps['clock'], day: DayNumber): string {
  const event = JSON.parse(line) as Record<string, unknown>
  const time = clock === 'scenario' ? event['time'] : formatTime(startOfDay(day))
  return JSON.stringify({ ...event, time, load })
}

async function sendEvents({ send }: CityLoadDeps, lines: readonly string[]): Promise<void> {
  const body = lines.join('\n')
  let answer = await send('/v1/events', 'application/x-ndjson', body)
  // A new engine is slow until it is warm, and this is more at once than it may be late for.
  while (answer.status === 503 && passes.has(String((answer.body as { code?: string }).code))) {
    await setTimeout(againMs)
    answer = await send('/v1/events', 'application/x-ndjson', body)
  }
  const items = (answer.body as { items?: readonly { status: string; reason?: string }[] }).items
  if (answer.status !== 202 || !items) throw refused(answer)
  const bad = items.find(({ status }) => status === 'quarantined')
  if (bad) throw refused({ status: answer.status, body: bad })
}

async function order({ send }: CityLoadDeps, words: Readonly<Record<string, string>>): Promise<void> {
  const said = { ...words, by: 'quotawatch', reason: '初始数据 the data set of a new directory' }
  const answer = await send('/v1/orders', 'application/json', JSON.stringify(said))
  if (answer.status !== 202) throw refused(answer)
}

const refused = (answer: { status: number; body: unknown }): QwError =>
  new QwError('QW_BODY_INVALID', { reason: `the data set was refused: ${JSON.stringify(answer)}` })
