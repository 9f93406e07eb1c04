/**
 * What a unit is, by its latest registration, and the cell of sums that follows from it.
 */
import type { County, Level, Sector, UnitKind } from '../core/names.js'
import type { Stamp } from './stamp.js'

/** What units of one cell have in common (cells.ts). One object for all of them. */
export interface Cell {
  readonly county: County
  readonly sector: Sector
  readonly level: Level
  readonly kind: UnitKind
  readonly frontline: boolean
}

/** A cell as a shard holds it: one object, and its place among the shard's cells. */
export interface InternedCell extends Cell {
  readonly index: number
}

export interface Profile extends Stamp {
  readonly name: string
  readonly cell: InternedCell
}

export const nameOfCell = ({ county, sector, level, kind, frontline }: Cell): string =>
  `${county}|${sector}|${level}|${kind}|${frontline}`

export function cellOfName(name: string): Cell {
  const [county, sector, level, kind, frontline] = name.split('|')
  return { county, sector, level, kind, frontline: frontline === 'true' } as Cell
}
