/**
 * Reads the committed events.ndjson the way a stranger would: nothing of data/city is used.
 *
 * Folds the events into one record per unit, so that jiangmen.test.ts can add up the table of domain section 1.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QuotaEvent } from '../../src/core/event.js'
import type { Basis, County, Level, Sector, UnitKind } from '../../src/core/names.js'

export const directory = join('data', 'jiangmen')
export const ndjson = readFileSync(join(directory, 'events.ndjson'), 'utf8')

export interface CensusUnit {
  readonly id: string
  readonly name: string
  readonly level: Level
  readonly county: County
  readonly kind: UnitKind
  readonly sector: Sector
  readonly frontline: boolean
  approved: number | undefined
  heads: Partial<Record<Basis, number>>
  contract: number
}

export const events: readonly QuotaEvent[] = ndjson
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as QuotaEvent)

const byId = new Map<string, CensusUnit>()

const known = (id: string): CensusUnit => {
  const unit = byId.get(id)
  if (!unit) throw new Error(`${id} is used before it is registered`)
  return unit
}

for (const event of events) {
  if (event.type === 'unit.registered') {
    if (byId.has(event.subject)) throw new Error(`${event.subject} is registered twice`)
    byId.set(event.subject, { id: event.subject, ...event.data, approved: undefined, heads: {}, contract: 0 })
  } else if (event.type === 'quota.approved') {
    if (known(event.subject).approved !== undefined) throw new Error(`${event.subject} is approved twice`)
    known(event.subject).approved = event.data.approved
  } else if (event.type === 'staff.entered') {
    const { heads } = known(event.subject)
    heads[event.data.basis] = (heads[event.data.basis] ?? 0) + event.data.count
  } else if (event.type === 'contract.entered') {
    known(event.subject).contract += event.data.count
  }
}

export const units: readonly CensusUnit[] = [...byId.values()]

/** Posts that the units were granted; a unit without an approval is a defect of the file. */
export const postsOf = (chosen: readonly CensusUnit[]): number =>
  chosen.reduce((all, unit) => {
    if (unit.approved === undefined) throw new Error(`${unit.id} has no approved quota`)
    return all + unit.approved
  }, 0)

export const contractOf = (chosen: readonly CensusUnit[]): number =>
  chosen.reduce((all, unit) => all + unit.contract, 0)

const heads = (unit: CensusUnit, bases: readonly Basis[]): number =>
  bases.reduce((all, basis) => all + (unit.heads[basis] ?? 0), 0)

/** The two counting policies of domain section 1. */
export const filledBy = {
  home: (unit: CensusUnit): number => heads(unit, ['permanent', 'seconded_out', 'posted_out']),
  desk: (unit: CensusUnit): number => heads(unit, ['permanent', 'seconded_in', 'posted_in']),
} as const
