/**
 * The stage: what a player may do. A player looks at the world, draws from a stream of its own, and posts what happened;
 * what is to come later it leaves in the agenda.
 */
import type { EventDataByType, EventType } from '../core/event.js'
import type { DayNumber } from '../core/names.js'
import type { Order } from '../core/order.js'
import type { Draw } from '../core/random.js'
import type { Calendar } from './calendar.js'
import type { Unit, World } from './world.js'

/** The departments whose systems report (domain 2). */
export type Feed =
  | 'organisation'
  | 'hr'
  | 'finance'
  | 'quota-office'
  | 'education'
  | 'health'
  | 'development-reform'
  | 'petitions'

export const sourceOf = (feed: Feed): string => `/departments/${feed}`

/** One of the four times of a working day at which reports come in, or the one of another day. */
export interface Moment {
  readonly day: DayNumber
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly dayOfMonth: number
  readonly isWorkday: boolean
  /** Working days of the month so far, with this one. */
  readonly workdayOfMonth: number
  /** 0 to 3; 1 is the only one on days that are not worked. */
  readonly slot: number
}

export type Post = <T extends EventType>(feed: Feed, type: T, subject: string, data: EventDataByType[T]) => void

export interface Scene {
  readonly world: World
  readonly calendar: Calendar
  readonly firstDay: DayNumber
  /** A stream of the seed, the same for the same purpose. */
  readonly draw: (purpose: string) => Draw
  /** Reported in this slot; some of what is only counted comes late, and all of a feed that is silent. */
  readonly post: Post
  /** As `post`, and never late. */
  readonly postInTime: Post
  /** Done at the first working day from `day` on, in that slot, before the players of the slot. */
  readonly later: (day: number, slot: number, act: () => void) => void
  /** A person's word, given in this slot before its reports come in. */
  readonly order: (order: Order) => void
  readonly isSilent: (feed: Feed) => boolean
}

/** Called once in every slot. */
export type Player = (moment: Moment) => void

export const chance = (draw: Draw, permille: number): boolean => draw(1, 1000) <= permille

/** `mean` in thousandths, as a whole number that has this mean. */
export const about = (draw: Draw, permille: number): number =>
  Math.floor(permille / 1000) + (chance(draw, permille % 1000) ? 1 : 0)

export const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[draw(0, list.length - 1)] as T

/** Who reports the people of a unit. */
export const staffFeedOf = ({ profile }: Unit): Feed =>
  profile.sector === 'education' || profile.sector === 'health' ? profile.sector : 'hr'

export const isSlot = ({ isWorkday, slot }: Moment, wanted: number): boolean => isWorkday && slot === wanted
