/**
 * The core process: everything an event walks through on this machine, joined.
 *
 *   HTTP -> ingest -> sequencer -> log -> judge -> record, bus -> push processes
 *
 * It starts in the order in which it must not fail later: disk, state, what stands, the bus, and the door last. It stops
 * the other way round: the door first, the last transitions on their way, and a snapshot at the log's end, so that the
 * next start, also with another engine version, has no tail to read.
 */
import { faultOf } from '../alerts/rules.js'
import { type ApiDeps, type HistoryQuestion, type Part, registerApi } from '../api/api.js'
import { readRules } from '../config/rules-file.js'
import { dayOf } from '../core/day.js'
import type { LogEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import { createWorkingDays, type OrderDesk, registerIngest, type WorkingDays } from '../ingest/ingest.js'
import { checkHistory } from '../store/store.js'
import { type Bus, openBus } from '../stream/bus.js'
import { registerWall } from '../wall/wall.js'
import type { Judge } from '../workers/judge.js'
import { Admission } from './admission.js'
import { Alarms, type Level, watchedParts } from './alarms.js'
import { Bodies } from './bodies.js'
import { registerCoreMetrics } from './core-metrics.js'
import { dataPaths } from './data-directory.js'
import { OpenFiles } from './descriptors.js'
import type { Door } from './door.js'
import { FiguresTurn } from './figures.js'
import { FirstCity } from './first-city.js'
import { bringStanding } from './first-entries.js'
import { type Foundation, type FoundationNeeds, openFoundation } from './foundation.js'
import { gateDesk } from './gate/desk.js'
import { GateServer } from './gate/gate-server.js'
import { type HttpServer, openHttp } from './http-server.js'
import { EngineDesk } from './orders/desk.js'
import { PlayedDirectory } from './play/played-directory.js'
import { Previews } from './preview/previews.js'
import { busSettings } from './publishing.js'
import { partsOf } from './readiness.js'
import { Snapshotter } from './snapshotter.js'
import { stallOnce } from './stall.js'
import { reachStore } from './store-access.js'
import { momentsOf, StoreLink } from './store-link.js'
import { documentOfStream } from './stream-document.js'
import { openTokenKey } from './token-key.js'
import { version } from './version.js'
import { wallDirectory } from './wall-page.js'
import { writerSocket } from './writer-words.js'

/** Resolves to its stop when it serves behind the door. */
export async function openCore(needs: FoundationNeeds, door: Door): Promise<() => Promise<void>> {
  const core = await Core.open(needs, door)
  return () => core.stop()
}

class Core {
  readonly #base: Foundation
  readonly #bus: Bus
  readonly #admission: Admission
  readonly #bodies: Bodies
  readonly #files = new OpenFiles()
  readonly #snapshotter: Snapshotter
  readonly #figures: FiguresTurn
  /** Undefined when no history is kept. */
  readonly #store: StoreLink | undefined
  readonly #workingDays: WorkingDays
  readonly #previews: Previews
  #historyAsks = 0
  #http: HttpServer | undefined
  #alarms: Alarms | undefined
  #gate: GateServer | undefined

  private constructor(
    base: Foundation,
    bus: Bus,
    snapshotter: Snapshotter,
    workingDays: WorkingDays,
    store: StoreLink | undefined,
  ) {
    const { begin, recovered, logger } = base
    this.#base = base
    this.#bus = bus
    this.#snapshotter = snapshotter
    this.#store = store
    this.#workingDays = workingDays
    this.#admission = Admission.of(base)
    this.#bodies = new Bodies(begin.config)
    this.#previews = new Previews({
      limits: begin.config,
      paths: dataPaths(begin.config.dataDirectory),
      judge: recovered.judge,
      skippedFrom: recovered.statePosition,
      nowMs: base.clock.nowMs,
    })
    this.#figures = new FiguresTurn(recovered.judge, bus, 1000 / begin.config.figuresPerSecondMax, (error) =>
      logger.warn({ err: error }, 'figures were not read'),
    )
  }

  static async open(needs: FoundationNeeds, door: Door): Promise<Core> {
    const { begin, logger } = needs
    const paths = dataPaths(begin.config.dataDirectory)
    await openTokenKey(begin.config.tokenSecretFile)
    const base = await openFoundation(paths, needs)
    const standing = await bringStanding(base)
    const { judge, tailEntries } = base.recovered
    const bus = await openBus(busSettings(base))
    const store = await openStoreLink(base)
    const snapshotter = Snapshotter.of(base, standing, () => store?.keepFrom)
    base.flow.publishTo(bus, () => {
      store?.moved()
      if (snapshotter.isDue) snapshotter.make().catch((error) => logger.error({ err: error }, 'no snapshot was made'))
    })
    const core = new Core(base, bus, snapshotter, createWorkingDays(standing.calendar), store)
    logger.info({ head: base.log.head, n: judge.n, tailEntries }, 'state is read back')
    await core.#serveBehind(door)
    return core
  }

  async #serveBehind(door: Door): Promise<void> {
    const { begin, logger, ticker, log, recovered, flow, metrics, clock } = this.#base
    const http = openHttp(door, begin.config.bodyBytesMax, (error) =>
      logger.error({ err: error }, 'a request failed by a defect of ours'),
    )
    await registerApi(http.app, this.#apiDeps(door))
    await registerWall(http.app, {
      directory: wallDirectory,
      streamAddress: `ws://${begin.addresses.streamHost}:${begin.addresses.criticalPort}/v1/stream`,
      exercise: clock.kind === 'scenario',
    })
    const city = new FirstCity(this.#base, this.#admission)
    city.guard(http.app)
    const ingest = registerIngest(http.app, {
      log,
      sequencer: recovered.sequencer,
      limits: begin.config,
      observer: {
        counted: (verdict, events) => metrics.events(verdict, events),
        appended: (first, count, receivedUs) => flow.appended(first, count, receivedUs),
        defect: (error) => logger.error({ err: error }, 'an event met a defect of ours'),
        failed: this.#base.onFatal,
      },
      nowMs: clock.nowMs,
      admission: this.#admission.verdict,
      room: this.#admission.room,
      desk: this.#desk(),
      workingDays: () => this.#workingDays,
    })
    await ingest.settle()
    this.#store?.register(metrics)
    const { judge, sequencer } = recovered
    const [admission, bodies, bus] = [this.#admission, this.#bodies, this.#bus]
    const [files, snapshots] = [this.#files, this.#snapshotter]
    registerCoreMetrics(metrics, { ...this.#base, admission, bodies, judge, sequencer, bus, door, files, snapshots })
    const gate = await this.#openGate()
    this.#gate = gate
    metrics.total(
      { name: 'quotawatch_gate_restarts_total', help: "times that the gate's thread died and another was started" },
      () => gate.restarts,
    )
    ticker.start()
    this.#base.beginning.serves(() => this.#parts(door))
    await http.serve(
      (request, response) =>
        this.#admission.verdict('events') ??
        (this.#bodies.take(request, response) ? undefined : this.#admission.tooMuch()),
    )
    this.#http = http
    await city.load()
    this.#alarms = await this.#watchOver()
    if (begin.config.faultStallMs > 0) stallOnce(begin.config.faultStallMs, logger)
  }

  /** An exercise says nothing of the service: the same scenario must give the same transitions. */
  async #watchOver(): Promise<Alarms | undefined> {
    const { begin, clock, disk, log, recovered, onFatal } = this.#base
    if (clock.kind === 'scenario') return undefined
    const alarms = await Alarms.open({
      alarmHoldMs: begin.config.alarmHoldMs,
      watched: watchedParts({
        disk,
        refusal: () => this.#admission.refuses,
        backlogEntries: () => recovered.judge.backlogEntries,
        judgeBacklogEntriesMax: begin.config.judgeBacklogEntriesMax,
        duplicateKeys: () => recovered.sequencer.memory.size,
        duplicateKeysMax: begin.config.duplicateKeysMax,
        snapshots: this.#snapshotter,
        store: this.#store,
      }),
      saidOf: (part) => saidOf(recovered.judge, part),
      append: (entry) => {
        if (disk.isFull || this.#admission.isStopping) return false
        log.append([entry]).durable.catch(onFatal)
        return true
      },
    })
    alarms.start()
    return alarms
  }

  #openGate(): Promise<GateServer> {
    const { begin, clock, gate, logger } = this.#base
    const { config, addresses } = begin
    return GateServer.open({
      memory: gate,
      host: addresses.httpHost,
      port: addresses.gatePort,
      connectionsMax: config.gateConnectionsMax,
      bodyBytesMax: config.gateBodyBytesMax,
      heapBytesMax: config.gateHeapBytesMax,
      niceness: config.criticalNiceness,
      realtimePriority: config.realtimePriority,
      clock: clock.kind,
      restartFirstMs: config.restartBackoffMs,
      restartLongestMs: config.restartBackoffMsMax,
      onTrouble: (error) => logger.error({ err: error }, 'the gate met a defect of ours'),
    })
  }

  #desk(): OrderDesk {
    const { begin, recovered, flow, clock } = this.#base
    return new EngineDesk({
      read: async (query) => (await recovered.judge.read(query)).value,
      judged: (position) => flow.reached(position),
      watch: (subject) => recovered.sequencer.watch(subject),
      readRules: async (text) => readRules(text, 'the body', faultOf),
      today: () => dayOf(clock.nowMs()),
      ordersWaitingMax: begin.config.ordersWaitingMax,
    })
  }

  #apiDeps(door: Door): ApiDeps {
    const { begin, record, recovered, metrics, clock, gate } = this.#base
    const played = new PlayedDirectory(begin.config.dataDirectory)
    return {
      gate: gateDesk(gate),
      version,
      streamDocument: documentOfStream(this.#base.begin.addresses),
      read: (query) => recovered.judge.read(query),
      transitions: (since, limit) => record.read(since, limit),
      history: (question) => this.#history(question),
      preview: (text, limit) => this.#previews.tell(text, limit),
      previewBytesMax: begin.config.orderBytesMax,
      head: () => recovered.judge.n,
      clock: {
        kind: clock.kind,
        nowMs: clock.nowMs,
        play: () => played.play,
        moveTo: async (ms, play) => {
          if (play) played.refuseOther(play)
          clock.moveTo(ms)
          if (play) await played.keep(play)
          await this.#append([{ kind: 'tick' }])
          await recovered.judge.drained()
        },
      },
      parts: () => this.#parts(door),
      metrics,
    }
  }

  #parts(door: Door): Part[] {
    const { begin, recovered } = this.#base
    const { judge, sequencer } = recovered
    const [bus, admission, store, gate] = [this.#bus, this.#admission, this.#store, this.#gate?.part]
    const [files, snapshots] = [this.#files, this.#snapshotter]
    const own = { config: begin.config, judge, sequencer, bus, admission, store, door, gate, files, snapshots }
    return partsOf({ ...this.#base, ...own })
  }

  /** What waits for the store is bounded: it may be slow, or hang until its questions have been out for too long. */
  async #history(question: HistoryQuestion) {
    const { historyAsksMax, historyPointsMax: pointsMax } = this.#base.begin.config
    checkHistory({ ...momentsOf(question, this.#base.clock.nowMs()), pointsMax })
    if (!this.#store) throw new QwError('QW_STORE_AWAY', { reason: 'no history is kept here (option store)' })
    if (this.#historyAsks >= historyAsksMax) throw new QwError('QW_OVERLOADED', { queue: 'history' })
    this.#historyAsks += 1
    return this.#store.history(question, pointsMax).finally(() => {
      this.#historyAsks -= 1
    })
  }

  #append(entries: readonly LogEntry[]): Promise<void> {
    return this.#base.log.append(entries).durable
  }

  async stop(): Promise<void> {
    const { disk, ticker, log, record, recovered, logger } = this.#base
    this.#admission.isStopping = true
    this.#alarms?.stop()
    disk.stop()
    this.#files.stop()
    ticker.stop()
    this.#figures.stop()
    this.#previews.close()
    await Promise.all([this.#http?.close(), this.#gate?.close()])
    await log.close()
    await recovered.judge.drained()
    // Without them the next start has more to read; what was acknowledged is in the log.
    await this.#snapshotter.finish().catch((error) => logger.error({ err: error }, 'no snapshot at the end of the log'))
    await record.close().catch((error) => logger.error({ err: error }, 'the record was not closed'))
    await this.#store?.close()
    await this.#bus.close()
    await recovered.judge.close()
    logger.info({ head: log.head, n: recovered.judge.n }, 'stopped')
  }
}

async function openStoreLink({ begin, clock, log, record, recovered }: Foundation): Promise<StoreLink | undefined> {
  const { config, addresses } = begin
  if (config.store === 'none') return undefined
  const parts = { path: writerSocket(addresses.busPath), log, record, judge: recovered.judge, nowMs: clock.nowMs }
  return StoreLink.open(await reachStore(config, addresses.storePort), parts)
}

/** As the alert stands; a rule set without rule `self` remembers nothing, and is told anew. */
async function saidOf(judge: Judge, part: string): Promise<Level> {
  const { value } = await judge.read({ kind: 'alertState', subject: `self/${part}`, rule: 'self' })
  const colour = (value as { readonly colour?: string } | undefined)?.colour
  return colour === 'red' ? 2 : colour === 'yellow' ? 1 : 0
}
