/**
 * Which parts of the log this engine can judge again, and from which state.
 *
 * A part that another engine version has judged is left to that version (design 6). What comes before the first entry
 * that is kept, or before the first good snapshot of a part, cannot be judged for want of a state to begin from.
 */
import { engineVersion } from '../../alerts/shard.js'
import type { LogPosition } from '../../core/names.js'
import type { LogReader } from '../../log/reader.js'
import type { EngineState } from '../../workers/judge.js'
import { listSnapshots } from '../../workers/snapshot-file.js'
import { readState } from '../snapshots.js'
import type { Range } from './report.js'

export interface Stretch extends Range {
  /** Absent: from the first entry of all. */
  readonly state?: EngineState
}

export interface Stretches {
  readonly judged: readonly Stretch[]
  readonly left: readonly Left[]
}

type Left = Range & { readonly why: string }

/** `onDamaged`: told of each snapshot that cannot be used. */
export async function stretchesOf(
  reader: LogReader,
  snapshotPath: string,
  onDamaged: (reason: string) => void,
): Promise<Stretches> {
  const judged: Stretch[] = []
  const left: Left[] = []
  for (const reign of await reignsOf(reader, await firstVersion(reader, snapshotPath, onDamaged))) {
    const { version, from, to } = reign
    if (version !== engineVersion) {
      left.push({ from, to, why: `engine ${version ?? 'unknown'} judged them, this is ${engineVersion}` })
    } else if (from === 1) judged.push({ from, to })
    else fromState(reign, await firstStateIn(snapshotPath, reign, onDamaged), judged, left)
  }
  return { judged, left }
}

function fromState({ from, to }: Range, state: EngineState | undefined, judged: Stretch[], left: Left[]): void {
  const begin = ((state?.position ?? to) + 1) as LogPosition
  if (begin > from) left.push({ from, to: (begin - 1) as LogPosition, why: 'there is no snapshot to begin from' })
  if (state) judged.push({ from: begin, to, state })
}

/** Who judges the first entry that is kept: the engine's own entry says it, or the state before it. */
async function firstVersion(
  { first }: LogReader,
  snapshotPath: string,
  onDamaged: (reason: string) => void,
): Promise<string | undefined> {
  if (first === 1) return engineVersion
  for (const file of (await listSnapshots(snapshotPath)).reverse())
    try {
      return (await readState(file)).standing.engine?.version
    } catch (error) {
      onDamaged((error as Error).message)
    }
  return undefined
}

type Reign = Range & { readonly version: string | undefined }

/** From where to where each engine version judged. */
async function reignsOf(reader: LogReader, version: string | undefined): Promise<Reign[]> {
  const reigns: Reign[] = []
  let begun: Pick<Reign, 'from' | 'version'> = { from: reader.first, version }
  const endAt = (to: LogPosition) => {
    if (to >= begun.from) reigns.push({ ...begun, to })
  }
  for await (const { position, entry } of reader.find('engine', reader.first)) {
    if (entry.version === begun.version) continue
    // The entry itself is the first that the new one judges.
    endAt((position - 1) as LogPosition)
    begun = { from: position, version: entry.version }
  }
  endAt(reader.head)
  return reigns
}

/** The oldest good state from which all of a part but its beginning can be judged. */
async function firstStateIn(
  snapshotPath: string,
  { from, to }: Range,
  onDamaged: (reason: string) => void,
): Promise<EngineState | undefined> {
  for (const file of (await listSnapshots(snapshotPath)).reverse()) {
    if (file.position < from - 1 || file.position >= to) continue
    try {
      return (await readState(file)).engine
    } catch (error) {
      onDamaged((error as Error).message)
    }
  }
  return undefined
}
