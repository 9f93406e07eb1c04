/**
 * The simulated service: core, writer and push process on one machine, each started again when it dies, a store beside
 * them, departments that send and clients that watch.
 */
import { readFileSync } from 'node:fs'
import { type Config, loadConfig } from '../../src/config/config.js'
import { QwError } from '../../src/core/errors.js'
import type { N } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import type { AnswerItem } from '../../src/ingest/intake.js'
import type { JsonObject } from '../../src/ingest/validate.js'
import { isOfTheMachine } from '../../src/node/beginning.js'
import { dataPaths } from '../../src/node/data-directory.js'
import type { Addresses } from '../../src/node/messages.js'
import { pushSettings } from '../../src/node/push-settings.js'
import { startWriter } from '../../src/node/writer.js'
import { writerSocket } from '../../src/node/writer-words.js'
import { ProgressFiles } from '../../src/store/progress.js'
import type { Store } from '../../src/store/store.js'
import { Writer } from '../../src/store/writer.js'
import { startPush } from '../../src/stream/push.js'
import { answersHold, Broken, batchesOf, judgedInOnePiece, recordHolds, storeHolds, viewerHolds } from './checks.js'
import { ClickHouse } from './click-house.js'
import { CoreProcess } from './core-process.js'
import { Departments } from './departments.js'
import { Disk } from './disk.js'
import { Files } from './files.js'
import { type Life, Machine } from './machine.js'
import { Network } from './network.js'
import { Threads } from './threads.js'
import { Viewer } from './viewers.js'

const home = '/simulated'
const rulesFile = `${home}/rules.yaml`
// This file runs as dist/tests/simulation/service.js.
const rules = readFileSync(new URL('../../../tests/walk/few-rules.yaml', import.meta.url))
const defaults = loadConfig({ directory: home, environment: {} }).config

const addresses: Addresses = {
  httpHost: 'simulated',
  httpPort: 1,
  streamHost: 'simulated',
  streamPort: 1,
  criticalPort: 1,
  gatePort: 1,
  busPath: `${home}/bus`,
  storePort: 1,
}

/** A request that is not answered by then is sent again. */
const answerMsMax = 2000

export class Service {
  readonly machine: Machine
  readonly disk = new Disk()
  readonly files: Files
  readonly network: Network
  readonly threads: Threads
  readonly store: ClickHouse
  readonly departments: Departments
  readonly viewers: Viewer[] = []
  readonly said: string[] = []
  core: CoreProcess | undefined
  coreLife: Life | undefined
  pushLife: Life | undefined
  writerLife: Life | undefined
  starts = 0
  isCalm = false
  /** What the checks found, from whatever process they were made. */
  broken: unknown
  readonly #config: Config
  readonly #paths = dataPaths(`${home}/data`)

  constructor(seed: number) {
    this.machine = new Machine(seed)
    this.files = new Files(this.machine, this.disk)
    this.network = new Network(this.machine, this.disk)
    this.threads = new Threads(this.machine)
    this.store = new ClickHouse(this.machine)
    this.departments = new Departments(this.machine, (events) => this.#post(events))
    this.#config = this.#small()
    for (const path of [home, `${home}/data`, ...Object.values(this.#paths)]) this.disk.makeDirectory(path)
    const file = this.disk.create(rulesFile)
    file.changeDurably({ offset: 0, bytes: rules })
    this.disk.syncDirectory(home)
  }

  /** Everything is so small that every file ends, every ring overflows and every bound is met. */
  #small(): Config {
    const { whole, pick } = this.machine.random
    return {
      ...defaults,
      openPool: this.threads.openPool,
      dataDirectory: `${home}/data`,
      rulesFile,
      shards: whole(1, 2),
      segmentBytesMax: whole(2000, 20_000),
      logZeroAheadBytes: pick([0, 512, 3000]),
      batchEntriesMax: whole(3, 30),
      recordSegmentBytesMax: whole(1500, 8000),
      recordRingTransitionsMax: whole(2, 20),
      recordFlushEveryMs: whole(1, 20),
      recordRetryMs: 50,
      snapshotEveryEntries: whole(20, 80),
      snapshotPerEntryBytesMax: 1_000_000,
      snapshotsKept: 2,
      logKeepMs: pick([0, 1]),
      diskFreeBytesMin: 1_000_000,
      ringTransitionsMax: whole(5, 40),
      resumeTransitionsMax: whole(10, 100),
      helloWaitMs: 1000,
      heartbeatMs: 300,
      clientReturnSpreadMs: 20,
      admissionsPerSecondMax: 1_000_000,
      coreReconnectMs: 5,
      coreReconnectMsMax: 50,
      storeInsertEveryMs: 30,
      storeRangeRowsMax: whole(10, 200),
      storeBackoffMs: 10,
      storeBackoffMsMax: 100,
      storeMarginEntries: whole(10, 100),
    } as Config
  }

  begin(): void {
    this.#keepCore()
    this.#keepWriter()
    this.#keepPush()
  }

  /** A client comes to watch. */
  watch(topic: string): void {
    this.viewers.push(new Viewer(this.machine, this.network, topic))
  }

  losePower(): void {
    for (const life of [this.coreLife, this.writerLife, this.pushLife]) if (life) this.machine.kill(life)
    this.disk.losePower(this.machine.random)
    this.checkAnswers()
  }

  /** Without the service's help. */
  checkAnswers(): void {
    this.#check(() => answersHold(batchesOf(this.disk, this.#paths.logPath), this.departments))
  }

  get isAtRest(): boolean {
    const { core, departments, viewers } = this
    if (!core || !departments.areDone || core.base.log.pendingEntries > 0) return false
    const { log, record, recovered } = core.base
    if (recovered.judge.position < log.head) return false
    const isFollowed = core.storePosition >= log.head && record.pendingBytes === 0
    return isFollowed && viewers.every(({ stream, n }) => stream.state.kind === 'live' && n >= 0)
  }

  /** In words, for a run that does not come to an end. */
  get state(): string {
    const { core, viewers, coreLife, writerLife, pushLife } = this
    const lives = [coreLife, writerLife, pushLife].map((life) => `${life?.name} ${life?.isAlive ? 'lives' : 'is dead'}`)
    const { log, record, recovered } = core?.base ?? {}
    const { judge } = recovered ?? {}
    return [
      ...lives,
      `log ${log?.head}+${log?.pendingEntries}, judged ${judge?.position}, n ${judge?.n}, record ${record?.head}/${record?.written}`,
      `store ${core?.storeState}`,
      ...viewers.map(({ topic, n, stream }) => `${topic} at ${n} ${JSON.stringify(stream.state)}`),
    ].join('; ')
  }

  async checkAll(): Promise<void> {
    const batches = batchesOf(this.disk, this.#paths.logPath)
    answersHold(batches, this.departments)
    const judged = judgedInOnePiece(batches, 1)
    const { core } = this
    if (!core) throw new Broken('the core does not serve')
    recordHolds(await this.#recordOf(core), judged, judged.length)
    for (const viewer of this.viewers) viewerHolds(viewer, judged, true)
    storeHolds(this.store, batches, judged)
  }

  /** In a turn of its own, because the disk takes its time. */
  async #recordOf({ base }: CoreProcess): Promise<readonly Transition[]> {
    let found: readonly Transition[] | undefined
    void base.record.read(0 as N, base.record.head).then((transitions) => {
      found = transitions
    })
    await this.machine.until('the record is read', () => found !== undefined, 60_000)
    return found ?? []
  }

  #check(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.broken ??= error
    }
  }

  /** Starts a process, and again whenever it has died. */
  #keep(name: string, start: () => Promise<unknown>, began: (life: Life) => void): void {
    const life = this.machine.begin(name, () => {
      start().catch((error: unknown) => {
        // What the machine does to it passes; what it finds on the disk must never be wrong.
        if (!isOfTheMachine(error)) this.broken ??= error
        this.said.push(`${name} did not start: ${error}`)
        this.machine.kill(life)
      })
    })
    life.ends.push(() => {
      const { random, outside } = this.machine
      this.machine.after(random.whole(5, 300), () => this.#keep(name, start, began), outside)
    })
    began(life)
  }

  #keepCore(): void {
    const say = (words: string) => this.said.push(`${this.machine.nowMs.toFixed(3)} core: ${words.split('\n', 1)}`)
    const start = async () => {
      const life = this.machine.life
      const core = await CoreProcess.open(this.#config, addresses, say)
      this.starts += 1
      this.core = core
      life.ends.push(() => {
        this.core = undefined
      })
      await this.#checkStart(core)
    }
    this.#keep('core', start, (life) => {
      this.coreLife = life
    })
  }

  /** What a start has found and judged again is what the log gives in one piece. */
  async #checkStart({ base }: CoreProcess): Promise<void> {
    const { judge } = base.recovered
    const [n, position] = [judge.n, judge.position]
    const record = await base.record.read(0 as N, n)
    this.#check(() => {
      const all = batchesOf(this.disk, this.#paths.logPath)
      const batches = all.filter(({ firstPosition }) => firstPosition <= position)
      answersHold(all, this.departments)
      const judged = judgedInOnePiece(batches, 1)
      recordHolds(record, judged, judged.length)
      for (const viewer of this.viewers) viewerHolds(viewer, judgedInOnePiece(all, 1), false)
    })
  }

  #keepWriter(): void {
    const { access } = this.store
    const openStore = async (): Promise<Pick<Store, 'write' | 'close'>> => ({
      write: async (source, { directory, ...settings }) =>
        new Writer(settings, source, access, await ProgressFiles.open(directory)),
      close: async () => undefined,
    })
    const start = () =>
      startWriter({
        config: this.#config,
        paths: this.#paths,
        socket: writerSocket(addresses.busPath),
        openStore,
        say: (_level, words) => this.said.push(`${this.machine.nowMs.toFixed(3)} writer: ${words}`),
      })
    this.#keep('writer', start, (life) => {
      this.writerLife = life
    })
  }

  #keepPush(): void {
    const start = () =>
      startPush(pushSettings(this.#config, addresses, 'common', 'a secret of more than thirty-two bytes'))
    this.#keep('push', start, (life) => {
      this.pushLife = life
    })
  }

  /** A request over the network, and its answer back. */
  #post(events: readonly JsonObject[]): Promise<readonly AnswerItem[] | undefined> {
    const { machine } = this
    const { outside, random } = machine
    return new Promise((resolve) => {
      const comes = (answer: readonly AnswerItem[] | undefined) =>
        machine.after(random.whole(1, 20) / 10, () => resolve(answer), outside)
      machine.after(answerMsMax, () => resolve(undefined), outside)
      const { core, coreLife } = this
      if (!core || !coreLife) return
      const take = () =>
        void core.take(structuredClone(events)).then(
          (answer) => comes(answer instanceof QwError ? undefined : answer),
          () => comes(undefined),
        )
      machine.after(random.whole(1, 20) / 10, take, coreLife)
    })
  }
}
