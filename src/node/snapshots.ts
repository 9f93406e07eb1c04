/**
 * Snapshots of everything that is a function of the log: the engine, the sequencer, what stands.
 *
 * One file holds them all, so that a start never mixes two moments. The engine and the sequencer stand at different
 * positions (the sequencer counts what is pending), so each section carries its own and skips what it has seen.
 */
import { engineVersion } from '../alerts/shard.js'
import type { LogPosition, N } from '../core/names.js'
import type { EngineState } from '../workers/judge.js'
import {
  listSnapshots,
  readSnapshot,
  type SnapshotFile,
  type SnapshotSection,
  writeSnapshot,
} from '../workers/snapshot-file.js'
import type { Standing } from './standing.js'

export interface ServiceState {
  readonly engineVersion: string
  readonly engine: EngineState
  readonly sequencer: Uint8Array
  readonly standing: Standing
}

interface Meta {
  readonly engineVersion: string
  readonly n: N
  readonly shards: number
  readonly standing: Standing
}

/** Returns how many bytes it took. */
export async function writeState(
  directory: string,
  state: Omit<ServiceState, 'engineVersion'>,
  keep: number,
): Promise<number> {
  const meta: Meta = { engineVersion, n: state.engine.n, shards: state.engine.shards.length, standing: state.standing }
  const text = (name: string, content: string): SnapshotSection => ({ name, bytes: Buffer.from(content) })
  const sections = [
    text('meta', JSON.stringify(meta)),
    text('fold', state.engine.fold),
    ...state.engine.shards.map((shard, i) => text(`shard ${i}`, shard)),
    { name: 'sequencer', bytes: state.sequencer },
  ]
  await writeSnapshot(directory, state.engine.position, sections, keep)
  return sections.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

export interface StateSearch {
  /** At most this position of the log, and at most this n of the record. */
  readonly position: LogPosition
  readonly n: N
  /** A snapshot made with another count of shards cannot be used. */
  readonly shards: number
  /** Told about each file that is damaged; the one before is used. */
  readonly onDamaged: (reason: string) => void
}

/** The newest state that is whole and fits; undefined when there is none. */
export async function findState(directory: string, search: StateSearch): Promise<ServiceState | undefined> {
  for (const file of await listSnapshots(directory)) {
    if (file.position > search.position) continue
    try {
      const state = await readState(file)
      if (state.engine.n <= search.n && state.engine.shards.length === search.shards) return state
    } catch (error) {
      search.onDamaged((error as Error).message)
    }
  }
  return undefined
}

/** QW_SNAPSHOT_DAMAGED */
export const readState = async (file: SnapshotFile): Promise<ServiceState> =>
  toState(file.position, await readSnapshot(file))

function toState(position: LogPosition, sections: ReadonlyMap<string, Buffer>): ServiceState {
  const section = (name: string): Buffer => {
    const bytes = sections.get(name)
    if (!bytes) throw new Error(`the snapshot at ${position} has no section ${name}`)
    return bytes
  }
  const meta = JSON.parse(section('meta').toString()) as Meta
  const shards = Array.from({ length: meta.shards }, (_, i) => section(`shard ${i}`).toString())
  return {
    engineVersion: meta.engineVersion,
    engine: { position, n: meta.n, shards, fold: section('fold').toString() },
    sequencer: section('sequencer'),
    standing: meta.standing,
  }
}
