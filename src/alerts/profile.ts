/**
 * What a unit is, by its latest registration, and the cell of sums that follows from it.
 */
import { type County, counties, type Level, type Sector, sectors, type UnitKind } from '../core/names.js'
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
  /** Its name (`nameOfCell`): each is named in nearly every batch. */
  readonly name: string
  /** County and sector as one number: moved.ts. */
  readonly place: number
}

export interface Profile extends Stamp {
  readonly name: string
  readonly cell: InternedCell
}

export const nameOfCell = ({ county, sector, level, kind, frontline }: Cell): string =>
  `${county}|${sector}|${level}|${kind}|${frontline}`

export const placeOf = ({ county, sector }: Cell): number =>
  counties.indexOf(county) * sectors.length + sectors.indexOf(sector)

export function cellOfName(name: string): Cell {
  const [county, sector, level, kind, frontline] = name.split('|')
  return { county, sector, level, kind, frontline: frontline === 'true' } as Cell
}
