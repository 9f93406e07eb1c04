/** Where a writer goes on after a start: what it knew, what it was about to do, and what the store may hold already. */
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { Derivation } from './derivation.js'
import { Follower } from './follower.js'
import type { Ends } from './gather.js'
import { type ProgressFiles, UnreadableError } from './progress.js'
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

/**
 * A file of the writer's that cannot be read is said and done without: what the log still holds is followed again, and
 * asked about before it is inserted.
 */
export async function beginning(
  source: StoreSource,
  access: StoreAccess,
  files: ProgressFiles,
  warn: (message: string) => void,
): Promise<Beginning> {
  let isRangeLost = false
  const [begun, checkpoint, stored] = await Promise.all([
    files.readRange().catch((error) => {
      isRangeLost = true
      return withoutFile(error, warn)
    }),
    files.readCheckpoint().catch((error) => withoutFile(error, warn)),
    openStoredLog(access),
  ])
  // Without it everything is in doubt, and asked about.
  const begunUpTo = isRangeLost ? Number.POSITIVE_INFINITY : (begun?.to ?? 0)
  const mayHoldUpTo = Math.max(begunUpTo, stored.settled) as LogPosition
  const known = checkpoint ?? { position: 0 as LogPosition, n: 0 as N, kept: undefined }
  const derivation = new Derivation(known.kept)
  const replayed = await replay(stored, new Follower(stored, known.position, known.n), derivation, source)
  return { follower: new Follower(source, replayed.position, replayed.n), derivation, begun, mayHoldUpTo }
}

function withoutFile(error: unknown, warn: (message: string) => void): undefined {
  if (!(error instanceof UnreadableError)) throw error
  warn(`${error.message}; the store is followed from the beginning of the log`)
}

/**
 * What the log no longer holds is followed in the store's own copy: a checkpoint was lost, or another log is given. With
 * `storeTtlDays` its rows go part by part, those of transitions at other times than those of the log: any that is gone
 * is missed, or figures would be wrong from here on.
 */
async function replay(
  stored: StoreSource,
  follower: Follower,
  derivation: Derivation,
  source: StoreSource,
): Promise<Follower> {
  const { first } = source
  if (follower.position + 1 >= first) return follower
  while (follower.position + 1 < first) {
    const { position, n } = follower
    const gap = new QwError('QW_STORE_GAP', { stored: position, first })
    if (stored.first > position + 1) throw gap
    const judged = await follower.next()
    if (!judged || judged.last >= first || !goOn(judged.transitions, position, n)) throw gap
    derivation.step(judged.batch, judged.transitions)
  }
  const { position, n } = follower
  if (!goOn(await source.transitions(n, 1), position, n)) throw new QwError('QW_STORE_GAP', { stored: position, first })
  return follower
}

/** Whether none is missing between what was read up to here and these. */
const goOn = ([next]: readonly Transition[], position: LogPosition, n: N): boolean =>
  next === undefined || (next.n === n + 1 && next.position > position)
