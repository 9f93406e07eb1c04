/**
 * Disk and state: the log, the record, and what follows from them. What the core stands on before it opens any door.
 */
import type { Logger } from 'pino'
import type { Metrics } from '../api/metrics.js'
import type { UnixMs } from '../core/names.js'
import { type Log, openLog } from '../log/log.js'
import { openRecord, type TransitionRecord } from '../log/record.js'
import { createGateMemory, type GateMemory } from '../workers/gate-board.js'
import type { Beginning } from './beginning.js'
import { ServiceClock } from './clock.js'
import type { DataPaths } from './data-directory.js'
import { Disk, nearBytesOf } from './disk.js'
import { knownOf } from './evidence.js'
import { JudgedFlow } from './judged-flow.js'
import { type Recovered, recover } from './recovery.js'
import type { Begin } from './role.js'
import { Ticker } from './ticker.js'

export interface FoundationNeeds {
  readonly begin: Begin
  readonly logger: Logger
  readonly metrics: Metrics
  readonly beginning: Beginning
}

export interface Foundation extends FoundationNeeds {
  readonly clock: ServiceClock
  readonly disk: Disk
  readonly ticker: Ticker
  readonly log: Log
  readonly record: TransitionRecord
  readonly flow: JudgedFlow
  readonly recovered: Recovered
  readonly gate: GateMemory
  /** Ends the process: going on could acknowledge what is not kept. main starts us anew. */
  readonly onFatal: (error: Error) => void
}

const scenarioStart = (time: string): UnixMs => Date.parse(time) as UnixMs

export async function openFoundation(paths: DataPaths, needs: FoundationNeeds): Promise<Foundation> {
  const { begin, logger, metrics, beginning } = needs
  const { config } = begin
  const onFatal = (error: Error) => {
    logger.fatal({ err: error }, 'the core cannot go on')
    process.exit(1)
  }
  const record = await openRecord({ ...config, directory: paths.recordPath, onFatal })
  const held: { flow?: JudgedFlow; recovered?: Recovered; clock?: ServiceClock } = {}
  const log = await openLog({
    ...config,
    directory: paths.logPath,
    zeroAheadBytes: config.logZeroAheadBytes,
    spareFreeBytesMin: nearBytesOf(config),
    checkBytesMax: config.logCheckBytesMax,
    ...(await knownOf(paths, config)),
    clock: () => (held.clock as ServiceClock).nowMs(),
    onBatch: (batch, durableUs, syncUs) => {
      metrics.batch(batch.entries.length, syncUs)
      held.flow?.durable(batch.firstPosition, durableUs)
      held.recovered?.judge.submit(batch)
    },
    onFatal,
  })
  const firstMs = config.clock === 'scenario' ? scenarioStart(config.scenarioStart) : (Date.now() as UnixMs)
  const startMs = log.head > 0 ? log.nowMs : firstMs
  const clock = new ServiceClock({ ...config, kind: config.clock, startMs })
  held.clock = clock
  const disk = new Disk(log, config)
  await disk.measure()
  const ticker = new Ticker(clock, () => {
    if (disk.isFull) return false
    log.append([{ kind: 'tick' }]).durable.catch(onFatal)
    return true
  })
  const flow = new JudgedFlow(record, ticker, metrics, () => log.head + log.pendingEntries)
  held.flow = flow
  const warn = (message: string) => logger.warn(message)
  const gate = createGateMemory(config.shards, config.gateUnitsMax)
  const recovered = await recover({
    gate,
    config,
    paths,
    log,
    record,
    onJudged: (judged) => flow.judged(judged),
    onFatal,
    warn,
    says: (state) => {
      beginning.state = state
    },
  })
  held.recovered = recovered
  return { ...needs, clock, disk, ticker, log, record, flow, recovered, gate, onFatal }
}
