/**
 * How far a long command is: one line that is rewritten on a terminal, and silence elsewhere, because what is written to
 * a file is read later.
 */
import type { Terminal } from './command.js'

export interface ProgressBar {
  readonly tell: (what: string, done: number, total: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

const barCells = 30
// Faster than anybody reads, and slow enough to cost nothing.
const everyMs = 100

export function progressBar({ status }: Pick<Terminal, 'status'>): ProgressBar {
  let shownMs = Number.NEGATIVE_INFINITY
  return {
    tell(what, done, total) {
      const nowMs = performance.now()
      if (!status || nowMs - shownMs < everyMs) return
      shownMs = nowMs
      status(barOf(what, done, total))
    },
    end: () => status?.(''),
  }
}

function barOf(what: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * barCells)
  return `[${'█'.repeat(full)}${'·'.repeat(barCells - full)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${what}`
}
