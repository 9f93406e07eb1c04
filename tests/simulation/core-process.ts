/**
 * The core process of the simulated service: the real parts, joined as room node joins them, without HTTP.
 */
import type { Logger } from 'pino'
import type { Metrics } from '../../src/api/metrics.js'
import type { Config } from '../../src/config/config.js'
import type { QwError } from '../../src/core/errors.js'
import type { LogPosition } from '../../src/core/names.js'
import { type AnswerItem, type IngestObserver, Intake } from '../../src/ingest/intake.js'
import type { JsonObject } from '../../src/ingest/validate.js'
import { Admission } from '../../src/node/admission.js'
import { Beginning } from '../../src/node/beginning.js'
import { monotonicUs } from '../../src/node/clock.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { bringStanding } from '../../src/node/first-entries.js'
import { type Foundation, openFoundation } from '../../src/node/foundation.js'
import type { Addresses } from '../../src/node/messages.js'
import { busSettings } from '../../src/node/publishing.js'
import { Snapshotter } from '../../src/node/snapshotter.js'
import { StoreLink } from '../../src/node/store-link.js'
import { writerSocket } from '../../src/node/writer-words.js'
import type { Store } from '../../src/store/store.js'
import { type Bus, openBus } from '../../src/stream/bus.js'

const nothing = () => undefined
const metrics = { batch: nothing, judged: nothing, transition: nothing } as unknown as Metrics

export class CoreProcess {
  readonly base: Foundation
  readonly #bus: Bus
  readonly #store: StoreLink
  readonly #snapshotter: Snapshotter
  readonly #intake: Intake
  readonly #admission: Admission

  private constructor(base: Foundation, bus: Bus, store: StoreLink, snapshotter: Snapshotter) {
    const { recovered, onFatal } = base
    this.base = base
    this.#bus = bus
    this.#store = store
    this.#snapshotter = snapshotter
    this.#admission = Admission.of(base)
    const appended: IngestObserver['appended'] = (...of) => base.flow.appended(...of)
    const observer = { counted: nothing, appended, defect: onFatal, failed: onFatal }
    this.#intake = new Intake(base.log, recovered.sequencer, observer, base.clock.nowMs, this.#admission.room)
  }

  static async open(config: Config, addresses: Addresses, say: (words: string) => void): Promise<CoreProcess> {
    const told = (details: unknown, words?: string) => say(words ?? String(details))
    const logger = { warn: told, info: told, error: told, fatal: told } as unknown as Logger
    const paths = dataPaths(config.dataDirectory)
    const begin = { kind: 'begin' as const, config, addresses, index: 0, epoch: 'simulated' }
    const base = await openFoundation(paths, { begin, logger, metrics, beginning: new Beginning() })
    const { log, record, recovered } = base
    const { judge } = recovered
    const standing = await bringStanding(base)
    const bus = await openBus(busSettings(base))
    const store = await StoreLink.open({ close: async () => undefined } as unknown as Store, {
      path: writerSocket(addresses.busPath),
      log,
      record,
      judge,
      nowMs: base.clock.nowMs,
    })
    const snapshotter = Snapshotter.of(base, standing, () => store.keepFrom)
    base.flow.publishTo(bus, () => {
      store.moved()
      if (snapshotter.isDue) snapshotter.make().catch((error: Error) => say(`no snapshot: ${error.message}`))
    })
    const core = new CoreProcess(base, bus, store, snapshotter)
    await core.#intake.settle(monotonicUs())
    base.ticker.start()
    return core
  }

  /** As the route does it: refused, or answered when it is durable. */
  async take(events: readonly JsonObject[]): Promise<AnswerItem[] | QwError> {
    const refusal = this.#admission.verdict('events')
    if (refusal) return refusal
    return this.#intake.take(
      events.map((value) => ({ value })),
      monotonicUs(),
    )
  }

  /** Everything up to here is in the store, as far as the core has heard. */
  get storePosition(): LogPosition {
    return this.#store.position
  }

  get storeState(): string {
    return this.#store.part.state
  }

  /** In the order in which the core stops. */
  async stop(): Promise<void> {
    const { disk, ticker, log, record, recovered } = this.base
    this.#admission.isStopping = true
    disk.stop()
    ticker.stop()
    await log.close()
    await recovered.judge.drained()
    await this.#snapshotter.finish().catch(nothing)
    await record.close().catch(nothing)
    await this.#store.close()
    await this.#bus.close()
    await recovered.judge.close()
  }
}
