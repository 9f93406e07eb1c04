/**
 * How far a play is: one line that is rewritten on a terminal, a line a month elsewhere.
 */
import { dayOf, formatDay } from '../../core/day.js'
import type { UnixMs } from '../../core/names.js'

export interface Screen {
  /** One line to standard error. */
  readonly err: (line: string) => void
  /** Rewrites the last line of standard error; absent where that is no terminal. */
  readonly status?: (line: string) => void
}

export interface Shown {
  readonly nowMs: UnixMs
  readonly events: number
  readonly unexpected: number
  readonly isPaused: boolean
}

const barCells = 30

export function createProgress(screen: Screen, beginMs: UnixMs, endMs: UnixMs): (shown: Shown) => void {
  let month = ''
  return (shown) => {
    const share = Math.min(1, Math.max(0, (shown.nowMs - beginMs) / (endMs - beginMs)))
    const line = lineOf(shown, share)
    if (screen.status) {
      const full = Math.round(share * barCells)
      screen.status(
        `[${'█'.repeat(full)}${'·'.repeat(barCells - full)}] ${line}${shown.isPaused ? '  暂停 paused' : ''}`,
      )
      return
    }
    const at = formatDay(dayOf(shown.nowMs)).slice(0, 7)
    if (at !== month) screen.err(line)
    month = at
  }
}

function lineOf({ nowMs, events, unexpected }: Shown, share: number): string {
  const wrong = unexpected === 0 ? '' : `, ${unexpected} verdicts not expected`
  return `演练 ${formatDay(dayOf(nowMs))}  ${Math.floor(share * 100)} %  ${events} events${wrong}`
}
