/**
 * The service without processes, for plays: the real validator, sequencer and engine, step by step as the command sends.
 */
import { readCalendar } from '../../src/config/calendar.js'
import type { QuotaEvent } from '../../src/core/event.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { DecideOrder, Order } from '../../src/core/order.js'
import type { Transition } from '../../src/core/transition.js'
import { type Follow, Sequencer, type SequencerLimits } from '../../src/ingest/ingest.js'
import { Validator } from '../../src/ingest/validate.js'
import { Plan } from '../../src/ingest/verdict.js'
import { madeBy, type Proposal } from '../../src/node/orders/decision.js'
import type { SentEvent, Step } from '../../src/scenario/scenario.js'
import { at, by, Engine, rules, shippedRules } from '../alerts/engine.js'

export const calendar = readCalendar()

/** As shipped (config/options.ts). */
const limits: SequencerLimits = {
  timeAheadMsMax: 86_400_000,
  duplicateHorizonMs: 7 * 86_400_000,
  duplicateKeysMax: 10_000_000,
  waitingEventsMax: 100_000,
  quarantineItemsMax: 100_000,
  quarantineBytesMax: 64 * 1024 * 1024,
  quarantinedEventBytesMax: 1024 * 1024,
  quarantineDoneItemsMax: 10_000,
}

export class PlayedService {
  readonly sequencer = new Sequencer(limits)
  readonly engine = new Engine()
  readonly #validator = new Validator()

  /** With the city in a load, as the command brings it in. */
  constructor(city: readonly QuotaEvent[], startMs: UnixMs) {
    this.engine.step({ nowMs: startMs, entries: [calendar, rules(shippedRules)] })
    this.sequencer.position = 2 as LogPosition
    const order = (order: 'load.open' | 'load.close') => {
      const plan = this.#plan()
      const until = '2099-01-01T00:00:00+08:00'
      const given = order === 'load.open' ? { order, load: 'city', until, ...by } : { order, load: 'city', ...by }
      this.sequencer.order({ order: given }, startMs, plan)
      this.engine.step({ nowMs: startMs, entries: plan.entries })
    }
    order('load.open')
    this.send(
      startMs,
      city.map((event) => ({ event: { ...event, load: 'city' }, expected: { verdict: 'accepted' } })),
    )
    order('load.close')
  }

  /** @returns what it said that was not expected. */
  play({ nowMs, orders, events }: Step): string[] {
    this.engine.step({ nowMs, entries: [{ kind: 'tick' }] })
    const refused = orders.flatMap((order) => this.order(nowMs, order))
    return events.length === 0 ? refused : [...refused, ...this.send(nowMs, events)]
  }

  /** As the desk of the service does it (node/orders/): what does not apply is not taken. */
  private order(nowMs: UnixMs, order: Order): string[] {
    const why = this.#whyNot(order)
    if (why !== undefined) return [`${why}: ${JSON.stringify(order)}`]
    const plan = this.#plan()
    this.sequencer.order({ order, follows: this.#followsOf(order) }, nowMs, plan)
    this.engine.step({ nowMs, entries: plan.entries })
    return []
  }

  #followsOf(order: Order): Follow[] {
    if (order.order !== 'decide' || !('proposalId' in order) || order.decision !== 'approved') return []
    return madeBy(order, this.#proposalOf(order) as Proposal)
  }

  #proposalOf({ subject, proposalId }: { readonly subject: string; readonly proposalId: string }) {
    return (this.engine.read({ kind: 'proposals', id: proposalId, subject }) as Proposal[])[0]
  }

  #whyNot(order: Order): string | undefined {
    if (order.order === 'acknowledge' || order.order === 'silence') {
      const { subject, rule } = order
      const query = { kind: 'alertState', subject, rule } as const
      const state = (this.#ofShards(query) ?? this.engine.readFold(query)) as { readonly colour: string } | undefined
      if (!state) return 'no rule judges it'
      return order.order === 'acknowledge' && state.colour === 'green' ? 'it is green' : undefined
    }
    if (order.order === 'decide') return this.#whyNotDecide(order)
    return order.order === 'lift' ? undefined : 'the play does not give it'
  }

  #whyNotDecide(order: DecideOrder): string | undefined {
    if ('proposalId' in order) {
      const state = this.#proposalOf(order)?.state
      return state === 'open' ? undefined : `the proposal is ${state}`
    }
    const { subject: unit, requestId } = order
    const request = this.#ofShards({ kind: 'request', unit, requestId }) as { readonly state: string } | undefined
    return request?.state === 'pending' ? undefined : `the request is ${request?.state}`
  }

  #ofShards(query: Parameters<Engine['read']>[0]): unknown {
    return (this.engine.read(query) as unknown[]).find((answer) => answer !== undefined)
  }

  get transitions(): readonly Transition[] {
    return this.engine.transitions
  }

  private send(nowMs: UnixMs, events: readonly SentEvent[]): string[] {
    const plan = this.#plan()
    const unexpected = events.flatMap(({ event, expected }) => {
      // As it comes over the wire.
      const value = JSON.parse(JSON.stringify(event)) as Record<string, unknown>
      const fault = this.#validator.check(value)
      const said = fault
        ? this.sequencer.refuse({ ...fault, event: value }, nowMs, plan)
        : this.sequencer.admit(this.#validator.event, this.#validator.timeMs, nowMs, plan)
      const verdict = said.status === 'quarantined' && said.waiting ? 'waiting' : said.status
      const code = said.status === 'quarantined' ? said.code : undefined
      const isExpected = verdict === expected.verdict && code === ('code' in expected ? expected.code : undefined)
      return isExpected
        ? []
        : [`${verdict} ${code ?? ''} and not ${JSON.stringify(expected)}: ${JSON.stringify(event)}`]
    })
    if (plan.entries.length > 0) this.engine.step({ nowMs, entries: plan.entries })
    return unexpected
  }

  #plan(): Plan {
    return new Plan((this.sequencer.position + 1) as LogPosition)
  }
}

export const startOf = (month: string): UnixMs => at(`${month}-02T00:00:00+08:00`)
