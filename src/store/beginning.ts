/** Where a writer goes on after a start: what it knew, what it was about to do, and what the store may hold already. */
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import { Derivation } from './derivation.js'
import { Follower } from './follower.js'
import type { Ends } from './gather.js'
import type { ProgressFiles } from './progress.js'
import type { StoreSource } from './source.js'
import { openStoredLog, type StoreAccess } from './stored-log.js'

export interface Beginning {
  readonly follower: Follower
  readonly derivation: Derivation
  /** The range that was about to be inserted. */
  readonly begun: Ends | undefined
  /** Rows of positions up to here may be in the store; beyond it there are none. */
  readonly mayHoldUpTo: LogPosition
}

export async function beginning(source: StoreSource, access: StoreAccess, files: ProgressFiles): Promise<Beginning> {
  const [begun, checkpoint, stored] = await Promise.all([
    files.readRange(),
    files.readCheckpoint(),
    openStoredLog(access),
  ])
  const mayHoldUpTo = Math.max(begun?.to ?? 0, stored.settled) as LogPosition
  const known = checkpoint ?? { position: 0 as LogPosition, n: 0 as N, kept: undefined }
  const derivation = new Derivation(known.kept)
  const replayed = await replay(stored, new Follower(stored, known.position, known.n), derivation, source.first)
  return { follower: new Follower(source, replayed.position, replayed.n), derivation, begun, mayHoldUpTo }
}

/** What the log no longer holds is followed in the store's own copy: a checkpoint was lost, or another log is given. */
async function replay(
  stored: StoreSource,
  follower: Follower,
  derivation: Derivation,
  first: LogPosition,
): Promise<Follower> {
  while (follower.position + 1 < first) {
    const gap = new QwError('QW_STORE_GAP', { stored: follower.position, first })
    if (stored.first > follower.position + 1) throw gap
    const judged = await follower.next()
    if (!judged || judged.last >= first) throw gap
    derivation.step(judged.batch, judged.transitions)
  }
  return follower
}
