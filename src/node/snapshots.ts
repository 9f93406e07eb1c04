/**
 * Snapshots of everything that is a function of the log: the engine, the sequencer, what stands.
 *
 * One file holds them all, so that a start never mixes two moments. The engine and the sequencer stand at different
 * positions (the sequencer counts what is pending), so each section carries its own and skips what it has seen.
 */
import { engineVersion } from '../alerts/shard.js'
import type { LogPosition, N } from '../core/names.js'
import type { EngineState, Pieces } from '../workers/judge.js'
import { listSnapshots, readSnapshot, type SnapshotFile, SnapshotWriter } from '../workers/snapshot-file.js'
import type { Standing } from './standing.js'

interface ServiceState {
  readonly engineVersion: string
  readonly engine: EngineState
  readonly sequencer: Pieces
  readonly standing: Standing
}

interface Meta {
  readonly engineVersion: string
  readonly n: N
  readonly shards: number
  readonly standing: Standing
}

/** Where a state stands, and what goes beside it. */
export interface StateHead {
  readonly position: LogPosition
  readonly n: N
  readonly shards: number
  readonly standing: Standing
}

const sequencerSection = 1
/** Of the engine's section 0; the others follow it. */
const engineSections = 2

/** A file into which a state is written as it is made. */
export class StateWriter {
  readonly #file: SnapshotWriter

  private constructor(file: SnapshotWriter) {
    this.#file = file
  }

  static async begin(directory: string, { position, n, shards, standing }: StateHead): Promise<StateWriter> {
    const meta: Meta = { engineVersion, n, shards, standing }
    const ofShards = Array.from({ length: shards }, (_, shard) => shardSection(shard))
    const file = await SnapshotWriter.begin(directory, position, ['meta', 'sequencer', 'fold', ...ofShards])
    await file.append(0, Buffer.from(JSON.stringify(meta)))
    return new StateWriter(file)
  }

  /** `section`: of the engine, as `Piece` counts them. */
  engine(section: number, bytes: Uint8Array): Promise<void> {
    return this.#file.append(engineSections + section, bytes)
  }

  sequencer(bytes: Uint8Array): Promise<void> {
    return this.#file.append(sequencerSection, bytes)
  }

  /** Returns how many bytes it took. */
  async commit(keep: number): Promise<number> {
    await this.#file.commit(keep)
    return this.#file.bytes
  }

  abandon(): Promise<void> {
    return this.#file.abandon()
  }
}

const shardSection = (shard: number): string => `shard ${shard}`

export interface StateSearch {
  /** At most this position of the log, and at most this n of the record. */
  readonly position: LogPosition
  readonly n: N
  /** A snapshot made with another count of shards cannot be used. */
  readonly shards: number
  /** Told about each file that is damaged or does not fit, and why; the one before is used. */
  readonly onRefused: (reason: string) => void
}

/** The newest state that is whole and fits; undefined when there is none. */
export async function findState(directory: string, search: StateSearch): Promise<ServiceState | undefined> {
  for (const file of await listSnapshots(directory)) {
    if (file.position > search.position) continue
    try {
      const state = await readState(file)
      const why = unfit(state.engine, search)
      if (why === undefined) return state
      search.onRefused(`the snapshot ${file.path} ${why}`)
    } catch (error) {
      search.onRefused((error as Error).message)
    }
  }
  return undefined
}

function unfit({ n, shards }: EngineState, search: StateSearch): string | undefined {
  if (n > search.n) return `is of transition ${n}, and the record ends at ${search.n}`
  if (shards.length !== search.shards)
    return `was made with ${shards.length} shards, and ${search.shards} are configured`
  return undefined
}

/** QW_SNAPSHOT_DAMAGED */
export const readState = async (file: SnapshotFile): Promise<ServiceState> =>
  toState(file.position, await readSnapshot(file))

function toState(position: LogPosition, sections: ReadonlyMap<string, Pieces>): ServiceState {
  const section = (name: string): Pieces => {
    const pieces = sections.get(name)
    if (!pieces?.length) throw new Error(`the snapshot at ${position} has nothing in its section ${name}`)
    return pieces
  }
  const meta = JSON.parse(Buffer.concat(section('meta')).toString()) as Meta
  const shards = Array.from({ length: meta.shards }, (_, shard) => section(shardSection(shard)))
  return {
    engineVersion: meta.engineVersion,
    engine: { position, n: meta.n, shards, fold: section('fold') },
    sequencer: section('sequencer'),
    standing: meta.standing,
  }
}
