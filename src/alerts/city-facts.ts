/**
 * The facts of the city that a rule may name: sums over all units that stand.
 */
import type { Cells } from './cells.js'
import type { FactTable } from './figure.js'
import { touch } from './touch.js'

export interface CityFacts {
  readonly approved: number
  readonly administrativeApproved: number
  readonly movedByState: number
  readonly administrativeMovedByState: number
}

export function factsOfCity(cells: Cells): CityFacts {
  return {
    approved: cells.sum('city', 'approved'),
    administrativeApproved: cells.sum('kind/administrative', 'approved'),
    movedByState: cells.sum('city', 'movedByState'),
    administrativeMovedByState: cells.sum('kind/administrative', 'movedByState'),
  }
}

const touchedBy = touch.profile | touch.quota

export const cityFacts: FactTable<CityFacts> = {
  approved: { type: 'int', read: ({ approved }) => approved, touchedBy },
  administrativeApproved: { type: 'int', read: (city) => city.administrativeApproved, touchedBy },
  movedByState: { type: 'int', read: ({ movedByState }) => movedByState, touchedBy },
  administrativeMovedByState: { type: 'int', read: (city) => city.administrativeMovedByState, touchedBy },
}
