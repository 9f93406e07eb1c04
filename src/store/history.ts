/**
 * Figures over time: what a unit's, a county's, a sector's or the city's figures were at evenly spaced moments.
 *
 * A row says what is true from its time on, so a moment shows the newest row not after it. Units are known to the batch,
 * sums to the hour: a moment shows the sums of the last hour that was over by then, and the hour that runs is the
 * engine's to tell.
 */
import { QwError } from '../core/errors.js'
import { counties, sectors, type UnixMs } from '../core/names.js'
import { sumNames } from './hourly.js'
import { rowsOf, type StoreAccess } from './stored-log.js'

export interface HistoryQuery {
  /** A unit's id, a county's code or `county/<code>`, `sector/<name>` or `city`. */
  readonly subject: string
  readonly fromMs: UnixMs
  readonly toMs: UnixMs
  readonly stepMs: number
  /** More moments than this are refused with QW_QUERY_INVALID. */
  readonly pointsMax: number
}

/** Missing is null, as in `GET /v1/units/:id`. */
export interface UnitPoint {
  readonly atMs: UnixMs
  readonly approved: number | null
  readonly onLoan: number
  readonly usable: number | null
  readonly filled: number
  readonly overBy: number | null
  readonly contract: number
  readonly colour: string
  readonly freeze: string
  readonly policy: string
}

/** By the names that every other answer has: `onLoan` of the column `on_loan`. */
export interface SumsPoint {
  readonly atMs: UnixMs
  readonly sums: Readonly<Record<string, number>>
  /** Null where the rows do not say it: they were written before they did, and nothing tells it any more. */
  readonly policy: string | null
}

/** Moments before the first row are left out. `isKnown`: the store has a row of the subject, at whatever moment. */
export type History = { readonly isKnown: boolean } & (
  | { readonly of: 'unit'; readonly points: readonly UnitPoint[] }
  | { readonly of: 'sums'; readonly points: readonly SumsPoint[] }
)

const hourLengthMs = 3_600_000

export async function historyOf(access: StoreAccess, query: HistoryQuery): Promise<History> {
  const { fromMs, toMs, stepMs, pointsMax, subject } = query
  if (!(stepMs > 0) || fromMs > toMs) throw new QwError('QW_QUERY_INVALID', { reason: 'from, to and step do not fit' })
  if ((toMs - fromMs) / stepMs >= pointsMax)
    throw new QwError('QW_QUERY_INVALID', { reason: `more than ${pointsMax} moments; take a longer step` })
  const cells = cellsOf(subject)
  if (cells) return { of: 'sums', isKnown: true, points: await sumsOverTime(access, query, cells) }
  const points = await unitOverTime(access, query)
  return { of: 'unit', isKnown: points.length > 0 || (await hasRows(access, subject)), points }
}

async function hasRows(access: StoreAccess, subject: string): Promise<boolean> {
  const query = `SELECT 1 AS found FROM ${access.database}.unit_state WHERE unit = {subject:String} LIMIT 1`
  return (await rowsOf(access, query, { subject })).length > 0
}

interface Cells {
  /** Empty: all. */
  readonly county: string
  readonly sector: string
}

function cellsOf(subject: string): Cells | undefined {
  if (subject === 'city') return { county: '', sector: '' }
  // As summaries call it, and as alerts do.
  const county = counties.find((county) => subject === county || subject === `county/${county}`)
  if (county) return { county, sector: '' }
  const sector = sectors.find((sector) => subject === `sector/${sector}`)
  return sector && { county: '', sector }
}

/** The first moment that is not before `ms`, counted from 0; what lies before `from` belongs to the first. */
const momentOf = (ms: string) =>
  `if(${ms} <= {from:Int64}, 0, intDiv(${ms} - {from:Int64} + {step:Int64} - 1, {step:Int64}))`

async function unitOverTime(access: StoreAccess, query: HistoryQuery): Promise<UnitPoint[]> {
  const { subject, fromMs, toMs, stepMs } = query
  const rows = await rowsOf<Omit<UnitPoint, 'atMs'> & { moment: number }>(
    access,
    `SELECT toUInt32(${momentOf('at_ms')}) AS moment,
       ${['approved', 'usable', 'filled', 'contract'].map((name) => `toInt32(${name}) AS ${name}`).join(', ')},
       toInt32(on_loan) AS onLoan, toInt32(over_by) AS overBy, colour, freeze, policy
     FROM ${access.database}.unit_state AS rows
     WHERE unit = {subject:String} AND at_ms <= {to:Int64}
     ORDER BY rows.position DESC LIMIT 1 BY moment`,
    { subject, from: fromMs, to: toMs, step: stepMs },
  )
  const byMoment = new Map(rows.map(({ moment, ...figures }) => [moment, figures]))
  const points: UnitPoint[] = []
  let latest: Omit<UnitPoint, 'atMs'> | undefined
  for (let moment = 0; fromMs + moment * stepMs <= toMs; moment++) {
    latest = byMoment.get(moment) ?? latest
    if (latest) points.push({ atMs: (fromMs + moment * stepMs) as UnixMs, ...latest })
  }
  return points
}

type SumsRow = Record<(typeof sumNames)[number], number> & { moment: number; cell: string; policy: string }

async function sumsOverTime(access: StoreAccess, query: HistoryQuery, cells: Cells): Promise<SumsPoint[]> {
  const { fromMs, toMs, stepMs } = query
  const rows = await rowsOf<SumsRow>(
    access,
    `SELECT toUInt32(${momentOf(`(hour_ms + ${hourLengthMs})`)}) AS moment, concat(county, '/', sector) AS cell,
       ${sumNames.map((name) => `toInt32(rows.${name}) AS ${name}`).join(', ')}, policy
     FROM ${access.database}.hourly AS rows
     WHERE ({county:String} = '' OR county = {county:String}) AND ({sector:String} = '' OR sector = {sector:String})
       AND hour_ms + ${hourLengthMs} <= {to:Int64}
     ORDER BY rows.hour_ms DESC LIMIT 1 BY cell, moment`,
    { ...cells, from: fromMs, to: toMs, step: stepMs },
  )
  const byMoment = new Map<number, SumsRow[]>()
  for (const row of rows) byMoment.set(row.moment, [...(byMoment.get(row.moment) ?? []), row])
  const latest = new Map<string, SumsRow>()
  const points: SumsPoint[] = []
  for (let moment = 0; fromMs + moment * stepMs <= toMs; moment++) {
    for (const row of byMoment.get(moment) ?? []) latest.set(row.cell, row)
    if (latest.size > 0) points.push({ atMs: (fromMs + moment * stepMs) as UnixMs, ...total([...latest.values()]) })
  }
  return points
}

function total(rows: readonly SumsRow[]): Omit<SumsPoint, 'atMs'> {
  const added = (name: (typeof sumNames)[number]) => rows.reduce((sum, row) => sum + row[name], 0)
  return {
    sums: Object.fromEntries(sumNames.map((name) => [shownName(name), added(name)] as const)),
    policy: policyOf(rows),
  }
}

/**
 * A change of policy gives every cell that holds units a row, so they agree; a cell that is empty counts nothing, under
 * whatever policy it was left.
 */
function policyOf(rows: readonly SumsRow[]): string | null {
  const counting = rows.some(({ units }) => units > 0) ? rows.filter(({ units }) => units > 0) : rows
  const [policy = '', ...others] = new Set(counting.map((row) => row.policy))
  return policy === '' || others.length > 0 ? null : policy
}

const shownName = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
