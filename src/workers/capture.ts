/**
 * The engine's state at a position, as pieces of text: whole lines each, so that no part of it is ever one string.
 *
 * Section 0 is the fold's, the others are the shards' in their order. Engine.ts makes pieces between batches; a snapshot
 * file keeps them.
 */
import type { LogPosition, N } from '../core/names.js'

/** All pieces of one section, in order. */
export type Pieces = readonly Uint8Array[]

export interface EngineState {
  readonly position: LogPosition
  /** The last transition up to there. */
  readonly n: N
  readonly fold: Pieces
  readonly shards: readonly Pieces[]
}

export interface Piece {
  readonly section: number
  readonly bytes: Uint8Array
}

/** The next pieces, the end, or why there will be none: then another capture must be begun. */
export type Captured =
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'whole' }
  | { readonly kind: 'givenUp'; readonly reason: string }

/** The state of the engine at `position`, fetched while it goes on. */
export interface Capture {
  readonly position: LogPosition
  readonly n: N
  readonly shards: number
  /** `sliceMs`: a batch that comes meanwhile waits at most about so long. */
  next(sliceMs: number): Promise<Captured>
}
