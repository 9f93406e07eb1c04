/**
 * The open-loop pace: request i is due at `startUs + i / rate`, whatever became of the requests before it.
 *
 * Nothing is skipped. A pacer that woke late sends all that is due at once, and each still counts from its intended
 * time: a service that stalls cannot make the bench ask less of it (coordinated omission), and a bench that is itself
 * late shows it in its own figures.
 */
import type { ClockUs } from './clock.js'

export interface Schedule {
  /** When request 0 is due. */
  readonly startUs: number
  readonly ratePerSecond: number
  readonly count: number
}

/** When request `index` is due, in microseconds. Computed from the index alone, so errors do not add up. */
export const intendedUs = (schedule: Schedule, index: number): number =>
  schedule.startUs + (index * 1e6) / schedule.ratePerSecond

/** How many requests are due by `nowUs`: 0…count. */
export const dueCount = (schedule: Schedule, nowUs: number): number => {
  if (nowUs < schedule.startUs) return 0
  const due = Math.floor(((nowUs - schedule.startUs) * schedule.ratePerSecond) / 1e6) + 1
  return Math.min(schedule.count, due)
}

export interface PacerTools {
  readonly clock: ClockUs
  /** Wakes after about `delayMs`; it may be late. */
  readonly sleep: (delayMs: number) => Promise<void>
}

/** Calls `send` once for each index, in order, never early. Resolves after the last. */
export const runPaced = async (
  schedule: Schedule,
  tools: PacerTools,
  send: (index: number, intendedUs: number) => void,
): Promise<void> => {
  let next = 0
  while (next < schedule.count) {
    const due = dueCount(schedule, tools.clock())
    for (; next < due; next += 1) send(next, intendedUs(schedule, next))
    if (next < schedule.count) await tools.sleep((intendedUs(schedule, next) - tools.clock()) / 1e3)
  }
}
