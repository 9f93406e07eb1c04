/**
 * Files that this process may open (proc(5)). Connections are files too: so many of them are let in that
 * the log, the record and snapshots never lack one.
 */
import { readFileSync } from 'node:fs'

/** The soft limit, which Node raises to the hard one when it starts; infinite where it is not known. */
export function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** At most `wanted`, and so few that `reserved` files are left; at least one. */
export const connectionsAllowed = (wanted: number, reserved: number, filesMax = openFilesMax()): number =>
  Math.max(1, Math.min(wanted, filesMax - reserved))
