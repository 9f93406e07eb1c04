/**
 * A holder with two moments of its own: the latest that was heard of it, and the next at which it is due. Units and their
 * matters are.
 *
 * Each moment is kept as a day and the rest of it. A number of more than 31 bits is an object of its own to V8, one more
 * wait for memory, and the first of its kind that gets one where the others have small numbers gives all of them another
 * shape: each is moved over when it is next met, 4 us, and what reads them is compiled anew.
 */
import { dayMs } from '../core/day.js'
import type { UnixMs } from '../core/names.js'
import type { Due } from './deadlines.js'
import { Holder } from './holder.js'

/** By which what comes after is late: of a time ahead of the batch only what has passed counts, so that no feed with a fast clock makes late what all others tell. */
export const heardMs = (timeMs: UnixMs, nowMs: UnixMs): UnixMs => Math.min(timeMs, nowMs) as UnixMs

export abstract class Timed extends Holder implements Due {
  private latestOnDay = 0
  private latestInDayMs = 0
  private dueOnDay = 0
  private dueInDayMs = 0

  /**
   * Greatest `time` of an event about it alone that changed a fact, or of a verdict that time alone gave; 0 before the
   * first. What happened before it comes late.
   */
  get latestMs(): UnixMs {
    return (this.latestOnDay * dayMs + this.latestInDayMs) as UnixMs
  }

  set latestMs(ms: UnixMs) {
    this.latestOnDay = Math.floor(ms / dayMs)
    this.latestInDayMs = (ms - this.latestOnDay * dayMs) | 0
  }

  /** When the passing of time is next to be looked at; 0: it is not. */
  get dueMs(): UnixMs | 0 {
    return (this.dueOnDay * dayMs + this.dueInDayMs) as UnixMs
  }

  set dueMs(ms: UnixMs | 0) {
    this.dueOnDay = Math.floor(ms / dayMs)
    this.dueInDayMs = (ms - this.dueOnDay * dayMs) | 0
  }

  override noteJudged(nowMs: UnixMs): void {
    if (nowMs > this.latestMs) this.latestMs = nowMs
  }

  /** Whether it happened before what was counted already, or before a verdict of time alone; notes its time. */
  comesLate(timeMs: UnixMs, nowMs: UnixMs): boolean {
    if (timeMs < this.latestMs) return true
    const ms = heardMs(timeMs, nowMs)
    if (ms > this.latestMs) this.latestMs = ms
    return false
  }
}
