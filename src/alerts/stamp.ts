/**
 * What decides between two reports of the same fact: the later `time` wins, then the greater source, then the greater
 * id (design 8). Any order of arrival ends in the same fact.
 */
import type { UnixMs } from '../core/names.js'

export interface Stamp {
  readonly timeMs: UnixMs
  readonly source: string
  readonly id: string
}

/** Negative when `a` comes before `b`. 0 only for the same event. Strings by code unit, the same on every machine. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.timeMs - b.timeMs || compareText(a.source, b.source) || compareText(a.id, b.id)
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Whether `candidate` takes the place of `held`. */
export const replaces = (candidate: Stamp, held: Stamp | undefined): boolean =>
  held === undefined || compareStamps(candidate, held) > 0
