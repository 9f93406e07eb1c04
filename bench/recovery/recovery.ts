/**
 * `npm run bench -- recovery`: the real service under load, its processes killed with SIGKILL at random moments, and then
 * the proof that nothing acknowledged was lost and nothing counted or shown twice.
 *
 * Which member is killed after which pause follows from the seed; what it is doing at that moment does not.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPosition } from '../../src/core/names.js'
import { type Draw, randomOf } from '../../src/core/random.js'
import { openLogReader } from '../../src/log/reader.js'
import type { Report as VerifyReport } from '../../src/node/verify/report.js'
import type { Flags, Values } from '../arguments.js'
import { countyOfUnit, topicsOf } from '../city.js'
import type { Cleanup } from '../cleanup.js'
import { host } from '../free-ports.js'
import { describeCommit, describeMachine } from '../machine.js'
import { everyNowAndThen, say } from '../progress.js'
import { repositoryRoot } from '../service.js'
import { foundCity, readTransitions } from '../service-calls.js'
import { temporaryDirectory } from '../temporary.js'
import { fill } from './fill.js'
import { type KeptService, keepService, type Member, untilReady } from './kept-service.js'
import { failuresOf, type Kill, lossOf, recoveryOf, spreadByMember, spreadOf } from './report.js'
import { Sender } from './sender.js'
import { Watcher } from './watcher.js'

export const recoveryFlags = {
  kills: { default: 20, min: 1, max: 10_000, about: 'processes that are killed' },
  fill: { default: 0, min: 0, max: 100_000_000, about: 'events in the log before the load begins' },
  rate: { default: 200, min: 1, max: 20_000, about: 'events a second' },
  departments: { default: 8, min: 1, max: 256, about: 'senders, each with one request at a time' },
  clients: { default: 40, min: 1, max: 2_000, about: 'clients of the stream, every tenth a wall' },
  units: { default: 1_100, min: 11, max: 100_000, about: 'units of the city' },
  seed: { default: 1, min: 0, max: 2 ** 31 - 1, about: 'of who is killed, and after which pause' },
  pauseMsMin: { default: 300, min: 0, max: 600_000, about: 'shortest pause between a recovery and the next kill' },
  pauseMsMax: { default: 6_000, min: 0, max: 600_000, about: 'longest' },
  hastyShare: {
    default: 0.15,
    min: 0,
    max: 1,
    fraction: true,
    about: 'share of kills that do not wait for the recovery from the one before',
  },
  onlyCore: { default: 0, min: 0, max: 1, about: '1: the core alone is killed' },
  snapshotEveryEntries: { default: 0, min: 0, max: 100_000_000, about: 'of the service; 0: as it comes' },
  recoveryWaitSeconds: { default: 120, min: 1, max: 3_600, about: 'a recovery that takes longer has failed' },
} as const satisfies Flags

export type RecoverySettings = Values<typeof recoveryFlags>

/** The core more often than the others: most depends on it. */
const weights: readonly (readonly [Member, number])[] = [
  ['core', 6],
  ['push', 4],
  ['main', 3],
  ['store', 3],
  ['writer', 2],
]

const flipShare = 0.11
const countyShare = 0.5
const answerWaitMs = 10_000
const startWaitMs = 120_000
// Long enough for a socket to notice that its other end is gone.
const noticeMs = 100

export const runRecovery = async (settings: RecoverySettings, cleanup: Cleanup) => {
  const directory = await temporaryDirectory(cleanup)
  const options = {
    dataSet: '',
    logLevel: 'warn',
    ...(settings.snapshotEveryEntries === 0 ? {} : { snapshotEveryEntries: settings.snapshotEveryEntries }),
  }
  const service = await keepService(directory, options)
  cleanup.add(() => service.stop())
  const run = new Run(settings, service)
  cleanup.add(async () => run.close())
  return run.all()
}

class Run {
  readonly #settings: RecoverySettings
  readonly #service: KeptService
  readonly #draw: Draw
  readonly #sender: Sender
  readonly #watchers: Watcher[] = []
  readonly #kills: Promise<Kill>[] = []
  #startMs = 0

  constructor(settings: RecoverySettings, service: KeptService) {
    this.#settings = settings
    this.#service = service
    this.#draw = randomOf(settings.seed, 'recovery')
    this.#sender = new Sender({
      address: `http://${host}:${service.httpPort}`,
      city: { units: settings.units, flipShare },
      perSecond: settings.rate,
      departments: settings.departments,
      answerWaitMs,
    })
  }

  async all() {
    const { fill: events, units, seed } = this.#settings
    await untilReady(this.#service, startWaitMs)
    await foundCity(this.#target, { units, flipShare })
    const filled = await fill(this.#target, events, units)
    await this.#watch()
    this.#startMs = performance.now()
    this.#sender.start()
    say(`under load; seed ${seed}`)
    const endProgress = everyNowAndThen(10_000, async () => this.#progress())
    try {
      for (let done = 0; done < this.#settings.kills; done += 1) await this.#killNext()
      const kills = await Promise.all(this.#kills)
      await this.#sender.finish()
      return await this.#proof(kills, filled)
    } finally {
      endProgress()
    }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  get #target() {
    return { host, port: this.#service.httpPort }
  }

  async #watch(): Promise<void> {
    const { clients, units } = this.#settings
    for (let index = 0; index < clients; index += 1) {
      const isWall = index % 10 === 9
      const topics = isWall ? ['all'] : topicsOf(index, { units, countyShare })
      const port = isWall ? this.#service.criticalPort : this.#service.streamPort
      this.#watchers.push(new Watcher(`ws://${host}:${port}/v1/stream`, topics))
    }
    await this.#until(
      () => this.#watchers.every(({ liveSinceMs }) => liveSinceMs !== undefined),
      'all clients are live',
    )
  }

  async #killNext(): Promise<void> {
    const { pauseMsMin, pauseMsMax, hastyShare } = this.#settings
    const isHasty = this.#draw(0, 999) < hastyShare * 1000
    const pauseMs = this.#draw(pauseMsMin, Math.max(pauseMsMin, pauseMsMax))
    if (!isHasty) await this.#kills.at(-1)
    await sleep(pauseMs)
    const member = this.#pick()
    const pids = this.#service.pids(member)
    const pid = pids[this.#draw(0, Math.max(0, pids.length - 1))]
    // It is being started anew, and nobody is there to be killed: the next pause comes first.
    if (pid === undefined) return this.#killNext()
    const atMs = performance.now()
    process.kill(pid, 'SIGKILL')
    this.#kills.push(this.#recovered(member, atMs))
  }

  #pick(): Member {
    if (this.#settings.onlyCore === 1) return 'core'
    let left = this.#draw(
      1,
      weights.reduce((sum, [, weight]) => sum + weight, 0),
    )
    for (const [member, weight] of weights) {
      left -= weight
      if (left <= 0) return member
    }
    return 'core'
  }

  /** Resolves when a request that began after the kill is acknowledged and every client is shown the present. */
  async #recovered(member: Member, atMs: number): Promise<Kill> {
    const acknowledgedMs = (await this.#sender.acknowledgedAfter(atMs)) - atMs
    await sleep(noticeMs)
    await this.#until(
      () => this.#watchers.every(({ liveSinceMs }) => liveSinceMs !== undefined),
      'clients are live again',
    )
    const last = Math.max(...this.#watchers.map(({ liveSinceMs = 0 }) => liveSinceMs))
    const kill = { member, atMs: atMs - this.#startMs, acknowledgedMs, clientsMs: Math.max(0, last - atMs) }
    say(
      `killed ${member}: acknowledging after ${Math.round(acknowledgedMs)} ms, clients after ${Math.round(kill.clientsMs)} ms`,
    )
    return kill
  }

  async #proof(kills: readonly Kill[], filled: number) {
    const { seed, kills: asked } = this.#settings
    const transitions = await readTransitions(this.#target, 0)
    const running = await this.#verify()
    await this.#until(() => this.#hasAll(transitions.at(-1)?.n ?? 0), 'every client was shown the last transition')
    this.close()
    await this.#service.stop()
    const stopped = await this.#verify()
    const loss = lossOf({
      acknowledged: this.#sender.acknowledged,
      inLog: await idsInLog(this.#service.dataDirectory),
      clients: this.#watchers.flatMap(({ topics, shown, began }) =>
        topics.map((topic) => ({ topic, since: began.get(topic) ?? 0, ns: shown.get(topic) ?? [] })),
      ),
      transitions,
      topicsOf: topicsCarrying,
    })
    const failed = failuresOf(loss, kills, { running: running.verdict, stopped: stopped.verdict }, this.#sender.refused)
    const result = {
      bench: 'recovery',
      kills: kills.length,
      lost: loss.lostEvents + loss.lostTransitions,
      duplicated: loss.duplicatedEvents + loss.duplicatedTransitions,
      recoveryMs: spreadOf(kills.map(recoveryOf)),
      clientGapsMs: spreadOf(this.#gaps()),
      byMember: spreadByMember(kills),
      failed,
      loss,
      verify: { running, stopped },
      seed,
      asked,
      filled,
      events: {
        sent: this.#sender.sent,
        acknowledged: this.#sender.acknowledged.size,
        requests: this.#sender.requests,
        notAnswered: this.#sender.failures,
      },
      transitions: transitions.length,
      reloads: this.#watchers.reduce((sum, { reloads }) => sum + reloads, 0),
      everyKill: kills,
      settings: this.#settings,
      machine: describeMachine(),
      commit: describeCommit(repositoryRoot),
    }
    return { result, exitCode: failed.length === 0 ? 0 : 1 }
  }

  /** How long each client was not shown the present, each time; the wait for the first snapshot is none. */
  #gaps(): number[] {
    return this.#watchers.flatMap(({ outages }) => outages.slice(1).map(({ fromMs, toMs }) => toMs - fromMs))
  }

  #hasAll(n: number): boolean {
    return this.#watchers.every(
      ({ topics, shown, liveSinceMs }) =>
        liveSinceMs !== undefined && (!topics.includes('all') || (shown.get('all')?.at(-1) ?? 0) >= n),
    )
  }

  #verify(): Promise<VerifyReport> {
    const words = ['dist/src/main.js', 'verify', '--json', '--set', `dataDirectory=${this.#service.dataDirectory}`]
    const child = spawn(process.execPath, words, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => resolve(JSON.parse(text) as VerifyReport))
    })
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + this.#settings.recoveryWaitSeconds * 1000
    while (!isSo()) {
      if (performance.now() > endMs)
        throw new Error(`not within ${this.#settings.recoveryWaitSeconds} s: ${what}\n${await this.#service.output()}`)
      await sleep(10)
    }
  }

  #progress(): string {
    return `${this.#kills.length} of ${this.#settings.kills} kills, ${this.#sender.acknowledged.size} events acknowledged`
  }
}

/** What the bench itself knows of its city: which topics carry a transition of this subject. */
const topicsCarrying = (subject: string): string[] => {
  const unit = subject.split('/', 1)[0] ?? subject
  const county = countyOfUnit(unit)
  return county === undefined ? ['all'] : ['all', `unit/${unit}`, `county/${county}`]
}

const idsInLog = async (dataDirectory: string): Promise<Map<string, number>> => {
  const counts = new Map<string, number>()
  const reader = await openLogReader(`${dataDirectory}/log`)
  for await (const { entry } of reader.find('event', 1 as LogPosition))
    counts.set(entry.event.id, (counts.get(entry.event.id) ?? 0) + 1)
  return counts
}
