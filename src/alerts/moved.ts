/**
 * Events that moved figures over units, as a shard tells the fold of them: three numbers an event, so that telling costs
 * next to nothing. Who they were is looked up in the batch, and only when a verdict names them.
 */
import { type County, counties, type LogPosition, type Sector, sectors } from '../core/names.js'

/** An event that moved a figure, and what it touched. */
export interface MovedEvent {
  readonly position: LogPosition
  readonly touched: number
  /** It happened before one already counted for its unit. */
  readonly late: boolean
  /** Where its unit is; absent: it is about the city. */
  readonly county?: County
  readonly sector?: Sector
}

/** A verdict over units names at most so many events; enough to find the report behind it, and bounded. */
export const namedEventsMax = 20

const lateBit = 1 << 30

/** Position, bits of touch.ts with one for late, place (profile.ts). */
export function writeMoved(into: number[], position: LogPosition, touched: number, late: boolean, place: number): void {
  into.push(position, late ? touched | lateBit : touched, place)
}

export function* readMoved(moved: readonly number[]): Generator<MovedEvent> {
  for (let at = 0; at < moved.length; at += 3) {
    const [touched, place] = [moved[at + 1] as number, moved[at + 2] as number]
    yield {
      position: moved[at] as LogPosition,
      touched: touched & ~lateBit,
      late: (touched & lateBit) !== 0,
      county: counties[Math.floor(place / sectors.length)] as County,
      sector: sectors[place % sectors.length] as Sector,
    }
  }
}

/** All that the shards' events touched, without looking at who they were. */
export function touchedBy(moved: readonly number[]): number {
  let touched = 0
  for (let at = 1; at < moved.length; at += 3) touched |= moved[at] as number
  return touched & ~lateBit
}
