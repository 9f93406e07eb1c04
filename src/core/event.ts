/**
 * An event: a fact that a department reports, as a CloudEvents 1.0 event (domain 2).
 *
 * `source` + `id` identify it for ever. The HTTP border (room ingest) validates it against the closed schema of its
 * type; from there on every room may rely on these types.
 */
import type { Basis, County, Level, Sector, UnitId, UnitKind } from './names.js'

export const approvalCauses = [
  'census',
  'list',
  'transfer',
  'conversion',
  'reward',
  'cut',
  'autonomy',
  'state',
] as const
export type ApprovalCause = (typeof approvalCauses)[number]

export const taskKinds = ['adjustment', 'placement', 'reform', 'platform', 'milestone'] as const
export type TaskKind = (typeof taskKinds)[number]

export const requestKinds = ['pool', 'adjustment', 'onboarding'] as const
export const assessmentKinds = ['economic_contribution', 'efficiency', 'annual'] as const
export const grades = ['excellent', 'good', 'passed', 'failed'] as const
export const fundAccounts = ['platform', 'placement', 'contract', 'special'] as const
export const caseChannels = ['hotline', 'online', 'appeal'] as const
export const indicatorNames = [
  'gdp_per_employee_cny',
  'gdp_growth_ratio',
  'mobility_ratio',
  'insurance_coverage_ratio',
  'stock_activation_ratio',
  'negative_opinion_ratio',
  'satisfaction_points',
  'population',
] as const

/** The closed `data` of each event type. Dates (`…On`, `until`) are calendar days `YYYY-MM-DD` in Asia/Shanghai. */
export interface EventDataByType {
  readonly 'unit.registered': {
    readonly name: string
    readonly level: Level
    readonly county: County
    readonly kind: UnitKind
    readonly sector: Sector
    readonly frontline: boolean
  }
  readonly 'unit.closed': { readonly successor?: UnitId }
  readonly 'county.described': { readonly areaKm2: number; readonly pilotWave?: number }
  readonly 'quota.approved': { readonly approved: number; readonly cause: ApprovalCause; readonly documentNo?: string }
  readonly 'staff.entered': { readonly count: number; readonly basis: Basis }
  readonly 'staff.left': { readonly count: number; readonly basis: Basis }
  readonly 'contract.entered': { readonly count: number }
  readonly 'contract.left': { readonly count: number }
  readonly 'pool.lent': {
    readonly loanId: string
    readonly count: number
    readonly dueOn: string
    readonly project?: string
    readonly investmentCny?: number
  }
  readonly 'pool.returned': { readonly loanId: string; readonly count: number }
  readonly 'request.submitted': {
    readonly requestId: string
    readonly kind: (typeof requestKinds)[number]
    readonly count: number
    readonly investmentCny?: number
  }
  readonly 'demand.listed': ListedData
  readonly 'supply.listed': ListedData
  readonly 'task.planned': {
    readonly taskId: string
    readonly title: string
    readonly kind: TaskKind
    /** Decimal, more than 0, at most six places after the point. */
    readonly target: number
    readonly startsOn: string
    readonly dueOn: string
  }
  /** `done`: decimal, 0 or more, at most six places after the point. */
  readonly 'task.progressed': { readonly taskId: string; readonly done: number }
  readonly 'assessment.published': AssessmentData
  readonly 'assessment.closed': { readonly period: string; readonly kind: (typeof assessmentKinds)[number] }
  readonly 'fund.budgeted': FundData
  readonly 'fund.spent': FundData
  readonly 'case.opened': { readonly caseId: string; readonly channel: (typeof caseChannels)[number] }
  readonly 'case.answered': { readonly caseId: string }
  readonly 'indicator.reported': { readonly name: (typeof indicatorNames)[number]; readonly value: number }
  readonly 'risk.reported': { readonly period: string }
}

interface ListedData {
  readonly listId: string
  readonly sector: Sector
  readonly count: number
  readonly until?: string
}

interface FundData {
  readonly account: (typeof fundAccounts)[number]
  readonly amountCny: number
}

type AssessmentData =
  | { readonly period: string; readonly kind: 'economic_contribution'; readonly value: number }
  | { readonly period: string; readonly kind: 'efficiency'; readonly rank: number; readonly of: number }
  | { readonly period: string; readonly kind: 'annual'; readonly grade: (typeof grades)[number] }

/** What begins with this is the service's own; nobody else reports under such a name. */
export const ownSources = '/quotawatch/'

/** Whose events a person's decision makes. */
export const decisionSource = `${ownSources}decisions`

export type EventType = keyof EventDataByType

interface EventOf<T extends EventType> {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: T
  readonly subject: string
  /** RFC 3339 with offset: when it happened. */
  readonly time: string
  readonly datacontenttype?: string
  /** Extension attribute: the name of an open load (domain 2, "A load"). */
  readonly load?: string
  readonly data: EventDataByType[T]
}

/** A valid event. Switch on `type` to narrow `data`. Other extension attributes are kept beside the named ones. */
export type QuotaEvent = { [T in EventType]: EventOf<T> }[EventType]

/** How an event is named in a transition's `why`. */
export interface EventRef {
  readonly source: string
  readonly id: string
}
