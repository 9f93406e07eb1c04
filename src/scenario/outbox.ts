/**
 * From what happened to what is sent and when: ids, times, what comes late, what a silent feed holds back, what is sent
 * twice.
 *
 * Times grow strictly with the order in which things were posted, so that facts that are set (an approval, a plan) end
 * as the world knows them. Only what is counted may come late: its order does not matter.
 */
import { formatTime } from '../core/day.js'
import type { EventType, QuotaEvent } from '../core/event.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { chance, sourceOf } from './scene.js'

/** What the service must say of an event. `waiting` are the quarantined ones that come in by themselves. */
export type Expected =
  | { readonly verdict: 'accepted' | 'duplicate' }
  | { readonly verdict: 'quarantined' | 'waiting'; readonly code: string }

/** Attributes of an event, `data` among them. */
type Fields = Readonly<Record<string, unknown>>

export interface SentEvent {
  /** As it is sent; where `expected` is no acceptance it need not be a valid event. */
  readonly event: Fields
  readonly expected: Expected
}

/** What was posted in the slot that is gathering. */
interface Draft {
  readonly fields: Fields
  readonly expected: Expected
  /** The day on which it arrives, and who waits for that; in time when absent. */
  readonly arrival?: { readonly day: DayNumber; readonly onArrival: () => void }
}

const accepted: Expected = { verdict: 'accepted' }
const duplicate: Expected = { verdict: 'duplicate' }

/** Of a thousand events, how many a sender sends a second time. */
const repeatedPermille = 5
/** The latest repeat comes so many days after the first: well within the service's duplicate horizon. */
const repeatDaysMax = 3

export class Outbox {
  readonly #seed: number
  readonly #draw: Draw
  #serial = 0
  #drafts: Draft[] = []
  readonly #isSilent: (source: string, day: DayNumber) => boolean
  readonly #arrivals = new Map<DayNumber, { readonly sent: SentEvent; readonly onArrival: () => void }[]>()
  /** The events that were accepted in the last slot, for those who send what contradicts them. */
  lastAccepted: readonly QuotaEvent[] = []

  constructor(seed: number, draw: Draw, isSilent: (source: string, day: DayNumber) => boolean) {
    this.#seed = seed
    this.#draw = draw
    this.#isSilent = isSilent
  }

  /** What happened, as its department reports it. */
  add(
    report: { readonly source: string; readonly type: EventType; readonly subject: string; readonly data: unknown },
    expected: Expected = accepted,
    arrival?: Draft['arrival'],
  ): void {
    this.#drafts.push({ fields: { id: this.#nextId(), ...report }, expected, ...(arrival ? { arrival } : {}) })
  }

  /** What nobody should send; `fields` may say anything, also another id. */
  addFault(fields: Fields, expected: Expected): void {
    this.#drafts.push({ fields: { id: this.#nextId(), source: sourceOf('hr'), ...fields }, expected })
  }

  /** All that is sent at `toMs`: what was late first, then what happened since `fromMs`. */
  flush(day: DayNumber, fromMs: UnixMs, toMs: UnixMs): SentEvent[] {
    const arrived = this.#arrivals.get(day) ?? []
    this.#arrivals.delete(day)
    for (const { onArrival } of arrived) onArrival()
    const sent: SentEvent[] = arrived.map((arrival) => arrival.sent)
    const inTime: QuotaEvent[] = []
    const drafts = this.#drafts
    this.#drafts = []
    for (const [index, draft] of drafts.entries()) {
      const timeMs = fromMs + Math.floor(((index + 1) * (toMs - fromMs)) / (drafts.length + 1))
      const event = eventOf(draft, timeMs as UnixMs)
      const one: SentEvent = { event, expected: draft.expected }
      if (draft.arrival) this.#arrive(draft.arrival.day, one, draft.arrival.onArrival)
      else sent.push(one)
      if (draft.arrival || draft.expected.verdict !== 'accepted') continue
      inTime.push(event as unknown as QuotaEvent)
      if (chance(this.#draw, repeatedPermille)) this.#repeat(one, day, sent)
    }
    this.lastAccepted = inTime
    return sent
  }

  /** At once, as after an answer that was lost, or some days later. */
  #repeat({ event }: SentEvent, day: DayNumber, sent: SentEvent[]): void {
    const again: SentEvent = { event, expected: duplicate }
    const on = (day + this.#draw(0, repeatDaysMax)) as DayNumber
    if (on === day) sent.push(again)
    else if (!this.#isSilent(String(event['source']), on)) this.#arrive(on, again, () => undefined)
  }

  #nextId(): string {
    this.#serial += 1
    return `s${this.#seed}-${String(this.#serial).padStart(7, '0')}`
  }

  #arrive(day: DayNumber, sent: SentEvent, onArrival: () => void): void {
    const others = this.#arrivals.get(day)
    if (others) others.push({ sent, onArrival })
    else this.#arrivals.set(day, [{ sent, onArrival }])
  }
}

const eventOf = ({ fields }: Draft, timeMs: UnixMs): Fields => ({
  specversion: '1.0',
  time: formatTime(timeMs),
  datacontenttype: 'application/json',
  ...fields,
})
