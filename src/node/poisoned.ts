/**
 * Entries that the engine could not take, in the log: set aside there, and looked for before anything is judged again.
 */
import type { LogPosition } from '../core/names.js'
import type { Log } from '../log/log.js'
import type { PoisonedEntry } from '../workers/judge.js'

// Enough to find the place; what a thrown error says is not ours to bound otherwise.
const errorCharactersMax = 500
const stackCharactersMax = 4000

/** Resolves when it is durable. */
export async function setAside(log: Log, { position, error }: PoisonedEntry, warn: (message: string) => void) {
  const thrown = `${error.name}: ${error.message}`.slice(0, errorCharactersMax)
  const stack = (error.stack ?? '').slice(0, stackCharactersMax)
  warn(`entry ${position} is set aside, the engine cannot take it: ${thrown}`)
  await log.append([{ kind: 'skipped', position, error: thrown, stack }]).durable
}

export async function skippedFrom(log: Pick<Log, 'find'>, from: LogPosition): Promise<LogPosition[]> {
  const positions: LogPosition[] = []
  for await (const { entry } of log.find('skipped', from)) positions.push(entry.position)
  return positions
}
