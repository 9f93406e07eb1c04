/**
 * From disk to a state that serves: the newest good snapshot, then the log's tail through the same functions that
 * serve live traffic.
 *
 * What the engine says of the tail must be what the record holds already, byte for byte; what the record lost is
 * written again. Judging under another engine version than the tail was judged with is refused (design 6).
 */
import { engineVersion } from '../alerts/shard.js'
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import { restoreSequencer, Sequencer, type SequencerLimits } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { GateMemory } from '../workers/gate-board.js'
import { Judge, type Judged } from '../workers/judge.js'
import type { DataPaths } from './data-directory.js'
import { setAside, skippedFrom } from './poisoned.js'
import { findState } from './snapshots.js'
import { type Standing, standingAfter } from './standing.js'

export interface Recovered {
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly standing: Standing
  /** Entries of the tail that were judged again. */
  readonly tailEntries: number
  /** The state's position: a start with nothing new needs no snapshot. */
  readonly statePosition: LogPosition
}

export interface RecoveryInput {
  readonly config: Config
  readonly paths: DataPaths
  readonly log: Log
  readonly record: TransitionRecord
  readonly gate: GateMemory
  readonly onJudged: (judged: Judged) => void
  readonly onFatal: (error: Error) => void
  readonly warn: (message: string) => void
  /** What is being done, in words. */
  readonly says: (state: string) => void
}

// While the tail is read back, the log is not read further than so many entries ahead of the engine.
const tailAheadEntriesMax = 50_000

export async function recover(input: RecoveryInput): Promise<Recovered> {
  const { config, log, warn } = input
  input.says('reading the newest snapshot')
  const refused: string[] = []
  const state = await search(input, log.head, (reason) => refused.push(reason))
  if ((state?.engine.position ?? 0) + 1 < log.first) {
    if (state) refused.push(`the newest that is good ends at position ${state.engine.position}`)
    const reason = refused.join('; ') || 'there is none'
    throw new QwError('QW_NO_STATE', { first: log.first, reason })
  }
  const judge = await openJudge(input, state)
  const limits = sequencerLimits(config)
  const sequencer = state ? await restoreSequencer(limits, state.sequencer, 'of the sequencer') : new Sequencer(limits)
  const tail = new Tail(log, judge, sequencer, state?.standing ?? {}, state?.engine.position)
  // What the engine cannot take is set aside while the tail is judged: then the log has grown meanwhile.
  while (tail.position < log.head) await tail.read(input.says)
  if (log.believedFrom !== undefined && log.believedFrom > 1)
    warn(
      `nothing was written down of what was trimmed: that the log begins at position ${log.believedFrom} is believed, and from now on checked`,
    )
  if (log.torn) warn(`cut a batch that was in flight when the service died: ${JSON.stringify(log.torn)}`)
  const { standing, entries: tailEntries } = tail
  return { judge, sequencer, standing, tailEntries, statePosition: state?.engine.position ?? (0 as LogPosition) }
}

/** What the log holds behind the state, through the functions that serve live traffic. */
class Tail {
  position: LogPosition
  entries = 0
  standing: Standing
  readonly #log: Log
  readonly #judge: Judge
  readonly #sequencer: Sequencer

  constructor(log: Log, judge: Judge, sequencer: Sequencer, standing: Standing, position = 0 as LogPosition) {
    this.#log = log
    this.#judge = judge
    this.#sequencer = sequencer
    this.standing = standing
    this.position = position
  }

  /** Up to the head as it is when it is reached; returns when all of it is judged. */
  async read(says: (state: string) => void): Promise<void> {
    for await (const batch of this.#log.read((this.position + 1) as LogPosition)) {
      batch.entries.forEach((entry, index) => {
        // A rule set that the engine could not take does not stand.
        if (!this.#judge.isSkipped((batch.firstPosition + index) as LogPosition))
          this.standing = standingAfter(this.standing, entry)
      })
      requireEngine(this.standing.engine?.version)
      this.#sequencer.replay(batch)
      this.#judge.submit(batch)
      this.position = (batch.firstPosition + batch.entries.length - 1) as LogPosition
      this.entries += batch.entries.length
      says(`judging the log's tail: position ${this.position} of ${this.#log.head}`)
      if (this.#judge.backlogEntries > tailAheadEntriesMax) await this.#judge.drained()
    }
    await this.#judge.drained()
  }
}

/** More than a day ahead of the log's clock is a mistake upstream (domain 2). */
const timeAheadMsMax = 86_400_000

const sequencerLimits = (config: Config): SequencerLimits => ({ ...config, timeAheadMsMax })

function search(
  { config, paths, record, warn }: RecoveryInput,
  position: LogPosition,
  onRefused: (reason: string) => void = () => undefined,
) {
  const refused = (reason: string) => {
    warn(reason)
    onRefused(reason)
  }
  return findState(paths.snapshotPath, { position, n: record.head, shards: config.shards, onRefused: refused })
}

function openJudge(input: RecoveryInput, state: Awaited<ReturnType<typeof findState>>): Promise<Judge> {
  const { config, log, warn } = input
  return Judge.open({
    ...config,
    ...(state ? { state: state.engine } : {}),
    stateBefore: async (position) => (await search(input, position))?.engine,
    gate: input.gate,
    readLog: (from) => log.read(from),
    skippedFrom: (from) => skippedFrom(log, from),
    setAside: (poisoned) => setAside(log, poisoned, warn),
    onTrouble: (error) => warn(`the engine is built anew: ${error.stack ?? error.message}`),
    onJudged: input.onJudged,
    onFatal: input.onFatal,
  })
}

/** The tail may only be judged again by the version that judged it first. */
function requireEngine(version: string | undefined): void {
  if (version === undefined || version === engineVersion) return
  throw new QwError('QW_ENGINE_VERSION', { was: version, is: engineVersion })
}
