/**
 * The words that every room shares: numbers that must never be mixed up, and the identities of things.
 *
 * Four quantities are all JavaScript numbers and would type-check in each other's place, so each is branded.
 * This room imports nobody.
 */

/** Whole posts, -2^53 < posts < 2^53. A fraction is a mistake upstream and is refused at the border. */
export type Posts = number & { readonly __brand: 'Posts' }

/** Number of a transition: 1, 2, 3 … without a gap, the same for any count of shards. 0 means "before the first". */
export type N = number & { readonly __brand: 'N' }

/** Number of a log entry: 1, 2, 3 … without a gap. 0 means "before the first". */
export type LogPosition = number & { readonly __brand: 'LogPosition' }

/** Milliseconds since 1970-01-01T00:00:00Z, whole. The log's clock and event times alike. */
export type UnixMs = number & { readonly __brand: 'UnixMs' }

/** Days since 1970-01-01 by the calendar of Asia/Shanghai (UTC+8, no daylight saving since 1991), whole. */
export type DayNumber = number & { readonly __brand: 'DayNumber' }

/** Id of a unit, for example `PJ-EDU-0012`. */
export type UnitId = string
/** Id of a rule, for example `over-quota`. */
export type RuleId = string
/** What an alert is about: a unit's id, `unit/task`, `city`, a county's code, `pool`, … (domain, "Subjects"). */
export type Subject = string

/** Ids of units, tasks and loans: they stand in topics and in addresses, so no slash, space, `?` or control character. */
export const idPattern = '^[A-Za-z0-9\\u4e00-\\u9fff][A-Za-z0-9\\u4e00-\\u9fff._:-]{0,63}$'

export const counties = ['PJ', 'JH', 'XH', 'TS', 'KP', 'HS', 'EP', 'SZ'] as const
/** 蓬江 江海 新会 台山 开平 鹤山 恩平, and 市直 for municipal units. */
export type County = (typeof counties)[number]

export const levels = ['municipal', 'county', 'township'] as const
export type Level = (typeof levels)[number]

export const unitKinds = ['administrative', 'institution'] as const
export type UnitKind = (typeof unitKinds)[number]

export const sectors = [
  'education',
  'health',
  'innovation',
  'industry',
  'ecology',
  'agriculture',
  'grassroots',
  'general',
] as const
export type Sector = (typeof sectors)[number]

export const bases = ['permanent', 'seconded_in', 'seconded_out', 'posted_in', 'posted_out'] as const
/** On what footing a head is counted (domain 1, "Who counts as staff on quota"). */
export type Basis = (typeof bases)[number]

export const colours = ['green', 'yellow', 'red'] as const
export type Colour = (typeof colours)[number]

/** Subjects that are not units and may stand in an event's `subject`. */
export const isCityWideSubject = (subject: string): boolean =>
  subject === 'city' || subject === 'pool' || (counties as readonly string[]).includes(subject)
