/**
 * What `/readyz` names: each part, its state in words, and whether it serves.
 */
import type { Part } from '../api/api.js'
import type { Config } from '../config/config.js'
import type { Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Bus } from '../stream/bus.js'
import type { Judge } from '../workers/judge.js'
import type { Admission } from './admission.js'
import type { ServiceClock } from './clock.js'
import type { OpenFiles } from './descriptors.js'
import type { Disk } from './disk.js'
import type { Door } from './door.js'
import type { Snapshotter } from './snapshotter.js'
import type { StoreLink } from './store-link.js'

export interface ServiceParts {
  readonly config: Config
  readonly clock: ServiceClock
  readonly disk: Disk
  readonly door: Door
  readonly files: OpenFiles
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly bus: Bus
  readonly admission: Admission
  readonly snapshots: Pick<Snapshotter, 'position' | 'failure'>
  readonly store: StoreLink | undefined
  readonly gate: Part | undefined
}

export function partsOf(parts: ServiceParts): Part[] {
  const { log, record, judge, sequencer, admission, store } = parts
  const refused = admission.refuses
  return [
    {
      name: 'ingest',
      state: refused === undefined ? 'taking events' : `refusing: ${refused.message}`,
      ready: refused === undefined,
    },
    {
      name: 'log',
      state: `durable up to position ${log.head}${log.waitsFor ? `, nothing more is written: ${log.waitsFor}` : ''}`,
      ready: log.waitsFor === undefined,
    },
    diskPart(parts),
    clockPart(parts),
    connectionsPart(parts),
    parts.files.part,
    { name: 'engine', state: engineState(judge), ready: !judge.isRebuilding },
    {
      name: 'record',
      state: `holds transitions up to n ${record.head}${record.waitsFor ? `, in memory: ${record.waitsFor}` : ''}`,
      ready: record.waitsFor === undefined,
    },
    snapshotPart(parts),
    ...(parts.gate ? [parts.gate] : []),
    pushPart(parts),
    quarantinePart(sequencer),
    store?.part ?? { name: 'store', state: 'none is configured', ready: true },
  ]
}

/** Without a new one nothing is lost; the next start has more to read, and the log's old segments stay. */
function snapshotPart({ snapshots: { position, failure } }: ServiceParts): Part {
  const newest = position === 0 ? 'none yet' : `the newest is of position ${position}`
  return {
    name: 'snapshots',
    state: failure === undefined ? newest : `${newest}; the last try: ${failure}`,
    ready: true,
  }
}

/** Full or not, good events are taken. */
function quarantinePart({ quarantine }: Sequencer): Part {
  const { settledCount, waitingCount } = quarantine
  const fullBy = quarantine.fullBy(1)
  const full = fullBy ? `full (${fullBy.option} ${fullBy.limit}), bad events are refused; ` : ''
  return {
    name: 'quarantine',
    state: `${full}${settledCount} events to be looked at, ${waitingCount} wait`,
    ready: true,
  }
}

function engineState({ position, n, isRebuilding, skippedEntries }: Judge): string {
  const aside = skippedEntries === 0 ? '' : `; ${skippedEntries} entries were set aside`
  return `${isRebuilding ? 'being built anew, ' : ''}judged up to position ${position}, n ${n}${aside}`
}

function diskPart({ disk }: ServiceParts): Part {
  const left = `${Math.floor(disk.freeBytes / 1024 / 1024)} MiB are left`
  const state = disk.isFull ? `full: ${left}` : disk.isLow ? `nearly full: ${left}` : left
  return { name: 'disk', state, ready: !disk.isLow }
}

/** Seconds are exact enough, and do not change at every look. */
function clockPart({ clock, config }: ServiceParts): Part {
  const { aheadMs, heldForMs } = clock
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
  if (heldForMs !== undefined)
    return {
      name: 'clock',
      state: `the machine's clock jumped ${seconds(-aheadMs)} ahead and is not followed; it will be in ${seconds(
        config.clockHoldMs - heldForMs,
      )} if it stays there`,
      ready: false,
    }
  const state =
    aheadMs < 1000
      ? "as the machine's"
      : `${seconds(aheadMs)} ahead of the machine's, at half speed until that has caught up`
  return { name: 'clock', state, ready: aheadMs <= config.clockJumpMsMax }
}

function connectionsPart({ door, config }: ServiceParts): Part {
  const state = `${door.connections} over HTTP, ${door.connectionsMax} at most`
  const ready = door.connections <= door.connectionsMax
  const few = door.connectionsMax < config.httpConnectionsMax ? '; this system permits no more open files' : ''
  return { name: 'connections', state: `${state}${few}`, ready }
}

function pushPart({ bus, config }: ServiceParts): Part {
  const { processes, failure } = bus.stats()
  const wanted = config.pushProcesses + 1
  const state = `${processes} of ${wanted} processes connected${failure ? `, no more can come: ${failure}` : ''}`
  return { name: 'push', state, ready: processes >= wanted && failure === undefined }
}
