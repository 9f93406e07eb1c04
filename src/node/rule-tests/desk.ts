/**
 * From what a rule test gives to entries of a log, through the border and the sequencer that the service has.
 *
 * So a test cannot tell the engine what could never be in a log: a return of more than was lent, a field that no event
 * has. What the border would keep in quarantine is a mistake in the test file. Only the horizon of duplicates is as wide
 * as all time: a test that begins in 2026 may still say what was in 2023.
 */

import type { Part } from '../../config/rule-part.js'
import { formatTime } from '../../core/day.js'
import type { LogEntry } from '../../core/entry.js'
import { QwError } from '../../core/errors.js'
import type { LogPosition, UnixMs } from '../../core/names.js'
import { type Fault, Plan, readOrder, Sequencer, Validator } from '../../ingest/ingest.js'
import type { Given, GivenEvent } from './given.js'
import { parseMoment } from './moments.js'

const limits = {
  timeAheadMsMax: 86_400_000,
  duplicateHorizonMs: Number.MAX_SAFE_INTEGER,
  duplicateKeysMax: 10_000_000,
  // Whatever comes there ends the test.
  waitingEventsMax: 10,
  quarantineItemsMax: 1000,
  quarantineBytesMax: 1_000_000,
  quarantinedEventBytesMax: 100_000,
  quarantineDoneItemsMax: 10,
}

export class Desk {
  readonly #sequencer = new Sequencer(limits)
  readonly #validator = new Validator()
  #ids = 0

  /** The entries of one batch. @throws QwError QW_RULES_INVALID when the service would not take them. */
  entriesOf(given: readonly Given[], nowMs: UnixMs): LogEntry[] {
    const plan = new Plan((this.#sequencer.position + 1) as LogPosition)
    for (const each of given) this.#take(each, nowMs, plan)
    return plan.entries
  }

  #take(given: Given, nowMs: UnixMs, plan: Plan): void {
    switch (given.kind) {
      case 'event':
        for (let i = 0; i < given.count; i++) this.#admit(given, nowMs, plan)
        return
      case 'order':
        this.#order(given.part, given.order, nowMs, plan)
        return
      case 'quarantined':
        this.#put(nonsenseOf(given.source, plan.next), nowMs, plan)
        return
      case 'entry':
        this.#put(given.entry, nowMs, plan)
    }
  }

  #admit({ part, attributes }: GivenEvent, nowMs: UnixMs, plan: Plan): void {
    this.#ids += 1
    const { time, ...others } = attributes
    const event = {
      specversion: '1.0',
      // As wide as ids can be: what is set goes by the latest (time, source, id), and texts sort as texts.
      id: `e${String(this.#ids).padStart(8, '0')}`,
      source: '/tests',
      time: time === undefined ? formatTime(nowMs) : timeOf(part, time),
      ...others,
    }
    const fault = this.#validator.check(event) ?? this.#refusalOf(nowMs, plan)
    if (fault) part.fail(`would be kept in quarantine: ${fault.reason} (${fault.code})`)
  }

  #refusalOf(nowMs: UnixMs, plan: Plan): Pick<Fault, 'code' | 'reason'> | undefined {
    const { event, timeMs } = this.#validator
    const verdict = this.#sequencer.admit(event, timeMs, nowMs, plan)
    if ('code' in verdict) return verdict
    if (verdict.status === 'accepted') return undefined
    return { code: 'QW_ID_CONFLICT', reason: 'this source and id were taken before' }
  }

  #order(part: Part, order: object, nowMs: UnixMs, plan: Plan): void {
    try {
      const request = readOrder(order)
      if (request.order === 'policy' || request.order === 'rules.activate')
        part.at('order').fail('is not given in a test: a test names its policy and its rules itself')
      else if (request.order === 'escalate' || request.order === 'rectify')
        this.#sequencer.order(
          { order: { ...request, rule: request.rule ?? part.at('rule').fail('must be named') } },
          nowMs,
          plan,
        )
      else this.#sequencer.order({ order: request }, nowMs, plan)
    } catch (error) {
      if (!(error instanceof QwError)) throw error
      part.fail(`would be refused: ${error.message}`)
    }
  }

  /** What neither border nor sequencer decides about. */
  #put(entry: LogEntry, nowMs: UnixMs, plan: Plan): void {
    this.#sequencer.replay({ firstPosition: plan.next, nowMs, entries: [entry] })
    plan.entries.push(entry)
  }
}

function timeOf(part: Part, time: unknown): string {
  const ms = typeof time === 'string' ? parseMoment(time) : undefined
  return ms === undefined ? part.at('time').fail('must be a time such as 2024-07-02 09:00') : formatTime(ms)
}

const nonsenseOf = (source: string, position: LogPosition): LogEntry => ({
  kind: 'quarantined',
  item: String(position),
  code: 'QW_EVENT_INVALID',
  reason: 'nonsense, for a test',
  event: { source },
})
