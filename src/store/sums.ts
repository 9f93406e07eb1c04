/**
 * Sums of counties, sectors and the city over time.
 *
 * A moment shows the sums of the last hour that was over by then. An hour's rows are written with the first batch behind
 * it, so for the hour in which a unit's figures changed last, and those after it, there are none yet: there the units are
 * added up as their newest rows say. That is what the hour's rows will say, because nothing has changed since.
 */
import type { UnixMs } from '../core/names.js'
import { hourLengthMs, sumNames } from './hourly.js'
import { type HistoryQuery, momentOf, toldToMs } from './moments.js'
import { rowsOf, type StoreAccess } from './stored-log.js'

/** By the names that every other answer has: `onLoan` of the column `on_loan`. */
export interface SumsPoint {
  readonly atMs: UnixMs
  readonly sums: Readonly<Record<string, number>>
  /** Null where the rows do not say it: they were written before they did, and nothing tells it any more. */
  readonly policy: string | null
}

export interface Cells {
  /** Empty: all. */
  readonly county: string
  readonly sector: string
}

type Columns<T = number> = Readonly<Record<(typeof sumNames)[number], T>>
type Sums = Omit<SumsPoint, 'atMs'>

export async function sumsOverTime(
  access: StoreAccess,
  query: HistoryQuery,
  cells: Cells,
): Promise<{ readonly points: readonly SumsPoint[]; readonly latest?: SumsPoint }> {
  const { fromMs, stepMs, storedToMs } = query
  const toMs = toldToMs(query)
  const changedMs = await lastChange(access, storedToMs)
  const latest = toMs >= changedMs ? await latestOf(access, cells, changedMs) : undefined
  const byMoment = await writtenHours(access, query, cells)
  const written = new Map<string, WrittenRow>()
  /** What the units come to now, where the cells hold any, or held some in an hour before. */
  const now = () => (latest && (latest.found > 0 || written.size > 0) ? latest.now : undefined)
  const then = () => (written.size > 0 ? total([...written.values()]) : undefined)
  const unwrittenMs = latest ? Math.floor(changedMs / hourLengthMs + 1) * hourLengthMs : Number.POSITIVE_INFINITY
  const points: SumsPoint[] = []
  for (let moment = 0; fromMs + moment * stepMs <= toMs; moment++) {
    const atMs = (fromMs + moment * stepMs) as UnixMs
    for (const row of byMoment.get(moment) ?? []) written.set(row.cell, row)
    const sums = atMs >= unwrittenMs ? now() : then()
    if (sums) points.push({ atMs, ...sums })
  }
  const sums = now()
  return { points, ...(sums ? { latest: { atMs: changedMs, ...sums } } : {}) }
}

/** When a unit's figures changed last, as far as the store has everything. */
async function lastChange(access: StoreAccess, storedToMs: UnixMs): Promise<UnixMs> {
  const query = `SELECT toString(max(at_ms)) AS at FROM ${access.database}.unit_state WHERE at_ms <= {to:Int64}`
  const [found] = await rowsOf<{ at: string }>(access, query, { to: storedToMs })
  return Number(found?.at ?? 0) as UnixMs
}

type LatestRow = Columns & { readonly found: number; readonly policies: readonly string[] }

/**
 * From the newest row of each unit up to then; `found`: how many of them belong to these cells. Undefined where there is no unit.
 * All are under one policy, because all have a row when it changes.
 */
async function latestOf(
  access: StoreAccess,
  cells: Cells,
  toMs: UnixMs,
): Promise<{ readonly found: number; readonly now: Sums } | undefined> {
  const summed = (what: string) => `toInt32(sumIf(${what}, stands AND here))`
  const counted = (condition: string) => `toInt32(countIf(stands AND here AND ${condition}))`
  const columns: Columns<string> = {
    units: counted('1'),
    approved: summed('unit_approved'),
    on_loan: summed('unit_on_loan'),
    usable: summed('unit_usable'),
    filled: summed('unit_filled'),
    over_posts: summed('greatest(0, unit_over_by)'),
    institution_approved: `toInt32(sumIf(unit_approved, stands AND here AND kind = 'institution'))`,
    contract: summed('unit_contract'),
    green: counted(`colour = 'green'`),
    yellow: counted(`colour = 'yellow'`),
    red: counted(`colour = 'red'`),
    frozen: counted(`freeze = 'frozen'`),
  }
  const [row] = await rowsOf<LatestRow>(
    access,
    `SELECT toUInt32(countIf(here)) AS found, groupUniqArray(policy) AS policies,
       ${sumNames.map((name) => `${columns[name]} AS ${name}`).join(', ')}
     FROM (
       SELECT county != '' AND ({county:String} = '' OR county = {county:String})
           AND ({sector:String} = '' OR sector = {sector:String}) AS here,
         ${['approved', 'usable', 'over_by'].map((name) => `ifNull(${name}, 0) AS unit_${name}`).join(', ')},
         ${['on_loan', 'filled', 'contract'].map((name) => `${name} AS unit_${name}`).join(', ')},
         kind, stands, colour, freeze, policy
       FROM ${access.database}.unit_state
       WHERE at_ms <= {to:Int64} ORDER BY unit DESC, position DESC LIMIT 1 BY unit
     )`,
    { ...cells, to: toMs },
  )
  if (!row || row.policies.length === 0) return undefined
  const [policy, ...others] = row.policies
  const sums = shownSums((name) => row[name])
  return { found: row.found, now: { sums, policy: policy === undefined || others.length > 0 ? null : policy } }
}

type WrittenRow = Columns & { readonly moment: number; readonly cell: string; readonly policy: string }

async function writtenHours(
  access: StoreAccess,
  query: HistoryQuery,
  cells: Cells,
): Promise<Map<number, WrittenRow[]>> {
  const { fromMs, stepMs } = query
  const toMs = toldToMs(query)
  const rows = await rowsOf<WrittenRow>(
    access,
    `SELECT toUInt32(${momentOf(`(hour_ms + ${hourLengthMs})`)}) AS moment, concat(county, '/', sector) AS cell,
       ${sumNames.map((name) => `toInt32(rows.${name}) AS ${name}`).join(', ')}, policy
     FROM ${access.database}.hourly AS rows
     WHERE ({county:String} = '' OR county = {county:String}) AND ({sector:String} = '' OR sector = {sector:String})
       AND hour_ms + ${hourLengthMs} <= {to:Int64}
     ORDER BY rows.hour_ms DESC LIMIT 1 BY cell, moment`,
    { ...cells, from: fromMs, to: toMs, step: stepMs },
  )
  const byMoment = new Map<number, WrittenRow[]>()
  for (const row of rows) byMoment.set(row.moment, [...(byMoment.get(row.moment) ?? []), row])
  return byMoment
}

const total = (rows: readonly WrittenRow[]): Sums => ({
  sums: shownSums((name) => rows.reduce((sum, row) => sum + row[name], 0)),
  policy: policyOf(rows),
})

/**
 * A change of policy gives every cell that holds units a row, so they agree; a cell that is empty counts nothing, under
 * whatever policy it was left.
 */
function policyOf(rows: readonly WrittenRow[]): string | null {
  const counting = rows.some(({ units }) => units > 0) ? rows.filter(({ units }) => units > 0) : rows
  const [policy = '', ...others] = new Set(counting.map((row) => row.policy))
  return policy === '' || others.length > 0 ? null : policy
}

const shownSums = (sumOf: (name: (typeof sumNames)[number]) => number): Record<string, number> =>
  Object.fromEntries(sumNames.map((name) => [shownName(name), sumOf(name)] as const))

const shownName = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
