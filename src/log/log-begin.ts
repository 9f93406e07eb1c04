/**
 * Where a log may begin: `trimmed.json` names the first position that is kept, and is on the disk before a file is
 * deleted. So files that are missing at the beginning are told from files that were trimmed.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogPosition } from '../core/names.js'
import { damaged, type Segment, syncDirectory } from './segment.js'

const nameOf = (directory: string): string => join(directory, 'trimmed.json')

/** Undefined when nothing was written down, or what was cannot be read. */
export async function readKeptFrom(directory: string): Promise<LogPosition | undefined> {
  try {
    const { first } = JSON.parse(await readFile(nameOf(directory), 'utf8')) as { readonly first?: unknown }
    return Number.isSafeInteger(first) && Number(first) >= 1 ? (first as LogPosition) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeKeptFrom(directory: string, first: LogPosition): Promise<void> {
  const beside = `${nameOf(directory)}.new`
  const file = await open(beside, 'w', 0o640)
  try {
    await file.writeFile(`${JSON.stringify({ first })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, nameOf(directory))
  await syncDirectory(directory)
}

/** What is missing before the first file. */
export interface MissingBeginning {
  readonly segment: Segment
  readonly from: LogPosition
  readonly to: LogPosition
  readonly reason: string
}

/**
 * Undefined when the log begins where it may. `mayBeTrimmed`: an earlier version, which wrote nothing down, may have
 * deleted files; then a beginning of which nothing is known is believed.
 */
export function missingBeginning(
  oldest: Segment | undefined,
  keptFrom: LogPosition | undefined,
  mayBeTrimmed: boolean,
): MissingBeginning | undefined {
  if (oldest === undefined || oldest.first <= (keptFrom ?? 1) || (keptFrom === undefined && mayBeTrimmed))
    return undefined
  const from = keptFrom ?? (1 as LogPosition)
  const reason = `the log begins here, but nothing from position ${from} on was ever deleted by the service: files are missing before it`
  return { segment: oldest, from, to: (oldest.first - 1) as LogPosition, reason }
}

/** QW_LOG_DAMAGED. Returns the position from which on the log is kept, when nothing was written down about it. */
export async function mustBegin(
  directory: string,
  oldest: Segment | undefined,
  mayBeTrimmed: boolean,
): Promise<LogPosition | undefined> {
  const keptFrom = await readKeptFrom(directory)
  const missing = missingBeginning(oldest, keptFrom, mayBeTrimmed)
  if (missing) throw damaged(missing.segment, 0, missing.from, missing.reason)
  return keptFrom === undefined ? (oldest?.first ?? (1 as LogPosition)) : undefined
}
