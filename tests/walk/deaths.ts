/**
 * A service under load whose members die, and the proof afterwards: the rest went on, the dead came back by themselves,
 * nothing acknowledged was lost or doubled, and clients that followed all the time have every transition once.
 *
 * Each member has a test of its own (deaths-of-*.test.ts), so that they run beside one another.
 */
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { connect } from '../../client/stream.js'
import { city, Department } from './department.js'
import { ready } from './health.js'
import { Inspector } from './inspector.js'
import { ask, isRunning, type Service, startService, temporaryDirectory, until } from './service.js'
import { eventsInLog } from './stopped.js'

export type Role = keyof ReturnType<Service['children']>

/** What a process dies of, as it is told by a debugger. */
export const throwing = "setTimeout(() => { throw new Error('thrown by the walk') })"
export const filling = 'const held = []; for (;;) held.push(new Array(100_000).fill(held.length))'
export const ways = ['SIGKILL', throwing, filling] as const

// Heaps are small, so that one that is filled is full soon; and nobody wants the dumps.
const environment = { NODE_OPTIONS: '--inspect-port=0 --max-old-space-size=96' }
const ownOptions = {
  restartBackoffMs: 10,
  restartBackoffMsMax: 50,
  snapshotEveryEntries: 100,
  // ClickHouse hangs in the handler of its own crash. Not less: on a busy machine a process takes long to begin.
  childSilenceMs: 15_000,
}

type Options = Readonly<Record<string, string | number>>

/** A client that follows a topic through everything, with the library that departments and walls use. */
function follow(url: string, topic: string) {
  const seen: number[] = []
  const stream = connect({ url, WebSocket, reconnectMsMin: 10, reconnectMsMax: 50 })
  // From the beginning: a snapshot in between would be a gap that nobody sees.
  stream.subscribe(topic, { since: 0, onSnapshot: () => seen.push(Number.NaN), onTransition: ({ n }) => seen.push(n) })
  return { seen, stream }
}

export class Mortals {
  service: Service
  readonly department: Department
  readonly #t: Test
  readonly #options: Options
  readonly #clients: readonly ReturnType<typeof follow>[]
  #isResting = false

  private constructor(t: Test, service: Service, options: Options) {
    this.#t = t
    this.service = service
    this.#options = options
    this.#clients = [follow(service.critical, 'all'), follow(service.stream, 'county/PJ')]
    for (const { stream } of this.#clients) t.teardown(() => stream.close())
    this.department = new Department(service)
    t.teardown(() => this.department.leave())
  }

  /** A service with a city, a department that reports, and clients that follow. */
  static async begin(t: Test, options: Options = {}): Promise<Mortals> {
    const directory = await temporaryDirectory(t)
    const all = { ...ownOptions, ...options }
    const service = await startService({ directory, options: all, environment, limits: ['-c 0'] })
    t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
    const mortals = new Mortals(t, service, all)
    t.teardown(() => mortals.service.stop())
    t.teardown(() => t.passing() || t.comment(mortals.service.said()))
    return mortals
  }

  /** One process of this role dies, and all are there again and well. */
  async end(role: Role, pid: number, way: string): Promise<void> {
    const { service } = this
    const count = service.children()[role].length
    await endProcess(service, pid, way)
    await until(
      () => service.children()[role].length,
      (now) => now === count,
    )
    await ready(service)
  }

  /** Another life of the whole service, where it was. */
  async startAgain(): Promise<void> {
    const { directory } = this.service
    const options = { ...this.#options, ...portsOf(this.service) }
    this.service = await startService({ directory, options, environment, limits: ['-c 0'] })
  }

  async acknowledgesMore(): Promise<void> {
    const before = this.department.acknowledged.length
    await until(
      () => this.department.acknowledged.length,
      (now) => now > before + 3,
    )
  }

  /** Some more is acknowledged, and then no more comes. */
  async rest(): Promise<void> {
    if (this.#isResting) return
    await this.acknowledgesMore()
    await this.department.end()
    this.#isResting = true
  }

  /** Ends the service. */
  async proof(): Promise<void> {
    await this.rest()
    const [t, { acknowledged }] = [this.#t, this.department]
    // What was acknowledged last may be judged a moment later.
    const numbers = await until(
      () => this.#numbers(),
      (all) => all.length > 0 && this.#clients.every(({ seen }) => seen.at(-1) === all.at(-1)),
    )
    t.ok(numbers.length > 10, `${numbers.length} transitions`)
    t.same(
      numbers,
      numbers.map((_, index) => index + 1),
      'numbered without a gap',
    )
    // All units are of one county, and nothing is said about the city.
    for (const { seen } of this.#clients)
      t.same(seen, numbers, 'a client that followed all the time has each once, in order')
    t.equal(await this.service.stop(), 0)
    const counts = await eventsInLog(this.service.directory)
    t.same(
      acknowledged.filter((id) => counts.get(id) !== 1),
      [],
      'what was acknowledged stands in the log, once',
    )
    t.equal(counts.size, acknowledged.length + city().length, 'and nothing else')
  }

  async #numbers(): Promise<number[]> {
    const all: number[] = []
    for (;;) {
      const { body } = await ask(`${this.service.http}/v1/transitions?since=${all.at(-1) ?? 0}&limit=1000`)
      const { items } = body as { items: { n: number }[] }
      if (items.length === 0) return all
      all.push(...items.map(({ n }) => n))
    }
  }
}

/** Resolves when it is gone. */
export async function endProcess(service: Service, pid: number, way: string): Promise<void> {
  if (way === 'SIGKILL') process.kill(pid, 'SIGKILL')
  else await (await Inspector.attach(service, pid)).evaluate(way)
  await until(
    () => isRunning(pid),
    (still) => !still,
  )
}

const portsOf = ({ http, stream, critical, gate }: Service) => ({
  httpPort: new URL(http).port,
  streamPort: new URL(stream).port,
  criticalPort: new URL(critical).port,
  gatePort: new URL(gate).port,
})
