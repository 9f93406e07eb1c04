/**
 * What is the city's and nobody else's, each a subject of its own: the pool, the accounts of the reform budget, the
 * departments' feeds, and the service itself.
 */
import type { UnixMs } from '../core/names.js'
import type { Due } from './deadlines.js'
import type { FactTable } from './figure.js'
import { Holder, type Where } from './holder.js'
import { touch } from './touch.js'

const nowhere: Where = {}

/** The city, a county, a sector, the pool. */
export class ScopeHolder extends Holder {
  readonly scope: 'city' | 'county' | 'sector' | 'pool'
  readonly subject: string
  readonly where: Where
  /** When time alone last gave a verdict on it; 0 before the first. */
  judgedMs = 0 as UnixMs

  constructor(scope: ScopeHolder['scope'], subject: string, where: Where = nowhere) {
    super()
    this.scope = scope
    this.subject = subject
    this.where = where
  }

  override noteJudged(nowMs: UnixMs): void {
    this.judgedMs = nowMs
  }
}

export interface PoolFacts {
  /** Posts out now. */
  readonly lent: number
  /** Loans ever made. */
  readonly loans: number
  readonly month: number
}

export const poolFacts: FactTable<PoolFacts> = {
  lent: { type: 'int', read: ({ lent }) => lent, touchedBy: touch.loans },
  loans: { type: 'int', read: ({ loans }) => loans, touchedBy: touch.loans },
  month: { type: 'int', read: ({ month }) => month, touchedBy: touch.day },
}

/** A request to the pool, pending unless its count is 0; the fold holds it for what may be proposed about it. */
export class PoolRequest extends Holder {
  readonly scope = 'pool'
  readonly subject: string
  readonly where: Where
  readonly requestId: string
  readonly count: number

  constructor(unit: string, requestId: string, count: number, where: Where) {
    super()
    this.subject = `${unit}/request/${requestId}`
    this.requestId = requestId
    this.count = count
    this.where = where
  }

  override get proposable(): { readonly requestId: string } {
    return { requestId: this.requestId }
  }
}

/** An account of the reform budget; both sums are over all subjects. */
export class Account extends Holder {
  readonly scope = 'account'
  readonly name: string
  readonly where = nowhere
  budgetedFen = 0
  spentFen = 0
  /** Greatest `time` of an event that was added; 0 before the first. */
  latestMs = 0 as UnixMs

  constructor(name: string) {
    super()
    this.name = name
  }

  get subject(): string {
    return `account/${this.name}`
  }
}

export interface AccountFacts {
  readonly account: Account
  /** A person has opened what is kept for emergencies. */
  readonly reserveOpened: boolean
}

export const accountFacts: FactTable<AccountFacts> = {
  budgetedFen: { type: 'int', read: ({ account }) => account.budgetedFen, touchedBy: touch.own },
  spentFen: { type: 'int', read: ({ account }) => account.spentFen, touchedBy: touch.own },
  special: { type: 'bool', read: ({ account }) => account.name === 'special', touchedBy: touch.own },
  reserveOpened: { type: 'bool', read: ({ reserveOpened }) => reserveOpened, touchedBy: touch.own },
}

/** A department's feed. Its silence is counted from when it was first heard, by now. */
export class Source extends Holder implements Due {
  readonly kind = 'source'
  readonly scope = 'source'
  /** The source as it names itself. */
  readonly subject: string
  readonly where = nowhere
  heardMs: UnixMs
  dueMs = 0 as UnixMs

  constructor(subject: string, heardMs: UnixMs) {
    super()
    this.subject = subject
    this.heardMs = heardMs
  }
}

export interface SourceFacts {
  readonly silentMs: number
  readonly intervalMs: number
}

export const sourceFacts: FactTable<SourceFacts> = {
  silentMs: { type: 'int', read: ({ silentMs }) => silentMs, touchedBy: touch.own },
  intervalMs: { type: 'int', read: ({ intervalMs }) => intervalMs, touchedBy: touch.own },
}

/** A part of the service, by what it says of itself in `alarm` entries. */
export class SelfPart extends Holder {
  readonly scope = 'self'
  readonly part: string
  readonly where = nowhere
  level = 0
  reason = ''

  constructor(part: string) {
    super()
    this.part = part
  }

  get subject(): string {
    return `self/${this.part}`
  }
}

export interface SelfFacts {
  /** 0 well, 1 worse, 2 bad. */
  readonly level: number
}

export const selfFacts: FactTable<SelfFacts> = {
  level: { type: 'int', read: ({ level }) => level, touchedBy: touch.own },
}
