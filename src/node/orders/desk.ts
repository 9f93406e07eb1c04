/**
 * The order desk: asks the engine whether an order applies before it goes into the log, and says what follows it there.
 *
 * What hangs on the state of an alert, a request or a proposal is let in one at a time, and only when the engine has
 * judged the order before it: of two people who decide the same thing one is told that it is decided. An event that
 * slips in between the question and the log does no harm: the engine ignores what no longer applies. Only a decision makes
 * more than an order, so it is asked about again when its subject was touched meanwhile: a cut whose reason has just gone
 * would cut all the same. What asks nothing of the engine, a freeze above all, never waits here.
 */
import { QwError } from '../../core/errors.js'
import type { DayNumber, LogPosition } from '../../core/names.js'
import type { DecideOrder, Order, OrderRequest } from '../../core/order.js'
import type { RuleSet } from '../../core/rule-set.js'
import type { OrderDesk, PreparedOrder, SubjectWatch } from '../../ingest/ingest.js'
import type { ReadQuery } from '../../workers/judge.js'
import { checkAlert, withRule } from './alert.js'
import { prepareDecision } from './decision.js'
import { policyOf } from './policy.js'

export interface DeskNeeds {
  readonly read: (query: ReadQuery) => Promise<unknown>
  /** Resolves when the engine has judged this entry. */
  readonly judged: (position: LogPosition) => Promise<void>
  /** @throws QwError QW_RULES_INVALID */
  /** Notes what is taken about a subject from here on. */
  readonly watch: (subject: string) => Pick<SubjectWatch, 'since' | 'isTouched'>
  readonly readRules: (text: string) => Promise<RuleSet>
  /** By the service's clock. */
  readonly today: () => DayNumber
  readonly ordersWaitingMax: number
}

/** As the engine answers (alerts/summary.ts). */
interface CitySummary {
  readonly facts: { readonly reserveOpened: boolean }
}

type Take = (prepared: PreparedOrder) => Promise<LogPosition>

/** What the sequencer alone can say yes or no to. */
const asksNothing = ['freeze', 'lift', 'load.open', 'load.close'] as const
type Plain = Extract<Order, { readonly order: (typeof asksNothing)[number] }>
type Asking = Exclude<OrderRequest, Plain>

// The events of one unit come seconds apart; who finds it touched so often in a row meets a load that does not end.
const decideAttemptsMax = 10

const isPlain = (request: OrderRequest): request is Plain => (asksNothing as readonly string[]).includes(request.order)

export class EngineDesk implements OrderDesk {
  readonly #needs: DeskNeeds
  /** The last entry that came in here. */
  #newest = 0 as LogPosition
  #waiting = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(needs: DeskNeeds) {
    this.#needs = needs
  }

  give(request: OrderRequest, take: Take): Promise<LogPosition> {
    if (isPlain(request)) return this.#take({ order: request }, take)
    if (this.#waiting >= this.#needs.ordersWaitingMax) throw overloaded()
    this.#waiting += 1
    const given = this.#turn.then(() => this.#inTurn(request, take))
    this.#turn = given
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1
      })
    return given
  }

  async #inTurn(request: Asking, take: Take): Promise<LogPosition> {
    await this.#needs.judged(this.#newest)
    if (request.order === 'decide') return this.#decide(request, take)
    return this.#take(await this.#prepare(request), take)
  }

  /** On what holds at the moment at which it is taken. */
  async #decide(order: DecideOrder, take: Take): Promise<LogPosition> {
    const { read, watch, judged } = this.#needs
    for (let attempts = 0; attempts < decideAttemptsMax; attempts++) {
      const watched = watch(order.subject)
      await judged(watched.since)
      const prepared = await prepareDecision(order, read)
      if (!watched.isTouched) return this.#take(prepared, take)
    }
    throw overloaded()
  }

  async #take(prepared: PreparedOrder, take: Take): Promise<LogPosition> {
    const position = await take(prepared)
    const last = (position + (prepared.follows?.length ?? 0)) as LogPosition
    if (last > this.#newest) this.#newest = last
    return position
  }

  async #prepare(request: Exclude<Asking, DecideOrder>): Promise<PreparedOrder> {
    const { read, readRules, today } = this.#needs
    switch (request.order) {
      case 'acknowledge':
      case 'silence':
      case 'close':
        await checkAlert(request, read, today())
        return { order: request }
      case 'escalate':
      case 'rectify': {
        const order = await withRule(request, read)
        await checkAlert(order, read, today())
        return { order }
      }
      case 'release':
        await this.#requireOrdered(request.subject)
        return { order: request }
      case 'reserve.open':
        await this.#requireReserve()
        return { order: request }
      case 'policy': {
        const policy = await policyOf(request.policy, read)
        return { order: { ...request, policy }, follows: [{ kind: 'policy', policy, origin: 'order' }] }
      }
      case 'rules.activate': {
        const rules = await readRules(request.rules)
        const { name, version } = rules
        return { order: { ...request, rules: { name, version } }, follows: [{ kind: 'rules', rules, origin: 'order' }] }
      }
    }
  }

  async #requireReserve(): Promise<void> {
    const { facts } = (await this.#needs.read({ kind: 'summary', scope: 'city' })) as CitySummary
    if (facts.reserveOpened) throw new QwError('QW_RESERVE_OPEN')
  }

  async #requireOrdered(unit: string): Promise<void> {
    const [freeze] = (await this.#needs.read({ kind: 'freezes', unit })) as { readonly reasons: readonly string[] }[]
    if (!freeze?.reasons.includes('order')) throw new QwError('QW_FREEZE_NOT_ORDERED', { unit })
  }
}

const overloaded = (): QwError => new QwError('QW_OVERLOADED', { queue: 'orders' })
