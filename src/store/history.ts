/**
 * Figures over time: what a unit's, a county's, a sector's or the city's figures were at evenly spaced moments.
 *
 * A row says what is true from its time on, so a moment shows the newest row not after it. Units are known to the batch,
 * sums to the hour (sums.ts). A unit that was closed keeps its last figures, which then count nowhere: its points say so.
 */
import { counties, sectors, type UnixMs } from '../core/names.js'
import { checkHistory, type HistoryQuery, momentOf, toldToMs } from './moments.js'
import { rowsOf, type StoreAccess } from './stored-log.js'
import { type Cells, type SumsPoint, sumsOverTime } from './sums.js'

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
  /** It was closed by then. */
  readonly closed?: true
}

/** Moments before the first row, and those after `storedToMs`, are left out. `isKnown`: the store has a row of the subject, at whatever moment. */
export type History = { readonly isKnown: boolean } & (
  | {
      readonly of: 'unit'
      readonly points: readonly UnitPoint[]
      /** When its close was taken in; absent where it stands at the last moment. */
      readonly closedAtMs?: UnixMs
    }
  | {
      readonly of: 'sums'
      readonly points: readonly SumsPoint[]
      /** The sums with the newest row of each unit, for the hour that runs; absent where `to` is before it. */
      readonly latest?: SumsPoint
    }
)

export async function historyOf(access: StoreAccess, query: HistoryQuery): Promise<History> {
  checkHistory(query)
  const { subject } = query
  const cells = cellsOf(subject)
  if (cells) return { of: 'sums', isKnown: true, ...(await sumsOverTime(access, query, cells)) }
  const points = await unitOverTime(access, query)
  const closedAtMs = points.at(-1)?.closed ? await closeOf(access, query) : undefined
  return {
    of: 'unit',
    isKnown: points.length > 0 || (await hasRows(access, subject)),
    points,
    ...(closedAtMs === undefined ? {} : { closedAtMs }),
  }
}

async function hasRows(access: StoreAccess, subject: string): Promise<boolean> {
  const query = `SELECT 1 AS found FROM ${access.database}.unit_state WHERE unit = {subject:String} LIMIT 1`
  return (await rowsOf(access, query, { subject })).length > 0
}

function cellsOf(subject: string): Cells | undefined {
  if (subject === 'city') return { county: '', sector: '' }
  // As summaries call it, and as alerts do.
  const county = counties.find((county) => subject === county || subject === `county/${county}`)
  if (county) return { county, sector: '' }
  const sector = sectors.find((sector) => subject === `sector/${sector}`)
  return sector && { county: '', sector }
}

async function unitOverTime(access: StoreAccess, query: HistoryQuery): Promise<UnitPoint[]> {
  const { subject, fromMs, stepMs } = query
  const toMs = toldToMs(query)
  const rows = await rowsOf<Omit<UnitPoint, 'atMs' | 'closed'> & { moment: number; isClosed: 0 | 1 }>(
    access,
    `SELECT toUInt32(${momentOf('at_ms')}) AS moment,
       ${['approved', 'usable', 'filled', 'contract'].map((name) => `toInt32(${name}) AS ${name}`).join(', ')},
       toInt32(on_loan) AS onLoan, toInt32(over_by) AS overBy, colour, freeze, policy,
       NOT stands AND county != '' AS isClosed
     FROM ${access.database}.unit_state AS rows
     WHERE unit = {subject:String} AND at_ms <= {to:Int64}
     ORDER BY rows.position DESC LIMIT 1 BY moment`,
    { subject, from: fromMs, to: toMs, step: stepMs },
  )
  const byMoment = new Map(
    rows.map(({ moment, isClosed, ...figures }) => [
      moment,
      isClosed ? { ...figures, closed: true as const } : figures,
    ]),
  )
  const points: UnitPoint[] = []
  let latest: Omit<UnitPoint, 'atMs'> | undefined
  for (let moment = 0; fromMs + moment * stepMs <= toMs; moment++) {
    latest = byMoment.get(moment) ?? latest
    if (latest) points.push({ atMs: (fromMs + moment * stepMs) as UnixMs, ...latest })
  }
  return points
}

/** The first row since it last stood. */
async function closeOf(access: StoreAccess, query: HistoryQuery): Promise<UnixMs> {
  const { subject } = query
  const rows = `FROM ${access.database}.unit_state WHERE unit = {subject:String} AND at_ms <= {to:Int64}`
  const [found] = await rowsOf<{ at: string }>(
    access,
    `SELECT toString(min(at_ms)) AS at ${rows} AND position > (SELECT max(position) ${rows} AND stands)`,
    { subject, to: toldToMs(query) },
  )
  return Number(found?.at) as UnixMs
}
