/**
 * A small truth for tests of the stream: alerts that change colour, the record of it, and real sockets around it.
 */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { Colour, County, LogPosition, N, UnixMs } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import { type Bus, type BusSettings, openBus, type Stamps } from '../../src/stream/bus.js'
import { type Push, type PushSettings, startPush } from '../../src/stream/push.js'
import { signToken } from '../../src/stream/token.js'
import { type Watch, type WatchFrame, type WatchSettings, watch } from '../../src/stream/watch.js'

export const secret = 'a secret of more than thirty-two bytes, for tests'
export const nowMs = Date.parse('2024-07-03T01:15:00Z') as UnixMs
export const stamps: Stamps = { receivedUs: 1, durableUs: 2, judgedUs: 3 }

/** What is known of one alert: the key is `unit rule`. */
export type View = Map<string, Colour>

export class Truth {
  readonly transitions: Transition[] = []
  readonly #heads = new Map<string, N>()
  readonly #colours = new Map<string, { unit: string; county: County; colour: Colour }>()

  get n(): N {
    return this.transitions.length as N
  }

  /** An alert of a unit takes another colour. */
  change(unit: string, county: County, to: Colour, rule = 'vacancy'): Transition {
    const n = (this.n + 1) as N
    const key = `${unit} ${rule}`
    const from = this.#colours.get(key)?.colour ?? 'green'
    this.#colours.set(key, { unit, county, colour: to })
    const topics: Record<string, N> = {}
    for (const topic of [`unit/${unit}`, `county/${county}`, 'all']) {
      topics[topic] = this.#heads.get(topic) ?? (0 as N)
      this.#heads.set(topic, n)
    }
    const transition: Transition = {
      n,
      topics,
      position: (n * 10) as LogPosition,
      kind: 'alert',
      subject: unit,
      unit,
      county,
      rule,
      from,
      to,
      at: (nowMs + n) as UnixMs,
      why: { events: [{ source: '/test', id: `e${n}` }], policy: 'home@1', assumed: false },
    }
    this.transitions.push(transition)
    return transition
  }

  /** What somebody who follows the topic must show. */
  view(topic: string): View {
    const [base = '', filter] = topic.split('?colour=')
    const view: View = new Map()
    for (const [key, { unit, county, colour }] of this.#colours) {
      const belongs = base === 'all' || base === `unit/${unit}` || base === `county/${county}`
      if (belongs && colour !== 'green' && (filter === undefined || filter === colour)) view.set(key, colour)
    }
    return view
  }

  /** Every n that a subscriber of the topic must be given. */
  ns(topic: string): number[] {
    const [base = '', filter] = topic.split('?colour=')
    return this.transitions
      .filter((transition) => base in transition.topics)
      .filter(({ from, to }) => filter === undefined || from === filter || to === filter)
      .map(({ n }) => n)
  }

  readonly onSnapshot: BusSettings['onSnapshot'] = async (topic) => {
    if (topic === 'unit/NOBODY') return undefined
    const n = this.n
    const items = [...this.view(topic)].map(([key, colour]) => ({ kind: 'alert', key, colour }))
    // The answer of a judge on another thread: more is published before it is there.
    await new Promise((resolve) => setImmediate(resolve))
    return { n, items }
  }

  /** Now read before, now after what is published while it reads: both are allowed. */
  readonly onCatchUp: BusSettings['onCatchUp'] = async (topic, since, limit) => {
    const read = () => this.transitions.filter((transition) => transition.n > since && topic in transition.topics)
    const before = read()
    await new Promise((resolve) => setImmediate(resolve))
    const after = this.n % 2 ? before : read()
    return after.length > limit ? undefined : after
  }
}

export const pushDefaults: PushSettings = {
  host: '127.0.0.1',
  port: 0,
  corePath: '',
  lane: 'common',
  criticalAddress: false,
  originHosts: ['wall.example'],
  clock: 'system',
  tokenSecret: secret,
  anonymousRole: 'wall',
  heartbeatMs: 20_000,
  helloWaitMs: 10_000,
  clientFrameBytesMax: 4096,
  clientFramesPerSecondMax: 100,
  topicsPerClientMax: 32,
  clientsMax: 1000,
  clientReturnSpreadMs: 10,
  admissionsPerSecondMax: 100_000,
  admissionLatenessMsMax: 60_000,
  admissionWaitMsMax: 15_000,
  sendQueueBytesMax: 64 * 1024,
  eventStreamBytesMax: 64 * 1024 * 1024,
  cohortSubscribersMax: 256,
  returnsPerSecond: 100_000,
  ringTransitionsMax: 10_000,
  ringBytesMax: 16 * 1024 * 1024,
  snapshotReuseMs: 1000,
  snapshotCacheBytesMax: 1024 * 1024,
  coreRequestsMax: 1000,
  coreWaitMs: 10_000,
  coreQueueBytesMax: 1024 * 1024,
  messageBytesMax: 64 * 1024 * 1024,
  reconnectMinMs: 5,
  reconnectMaxMs: 20,
  coreSilenceMs: 10_000,
  faultDropRatio: 0,
}

export class World {
  /** Another one is another life of the service. */
  truth = new Truth()
  epoch = 'history-1'
  readonly path = join(tmpdir(), `qw-${randomUUID()}.sock`)
  readonly #t: Test
  readonly #busSettings: Partial<BusSettings>
  bus: Bus | undefined

  constructor(t: Test, busSettings: Partial<BusSettings> = {}) {
    this.#t = t
    this.#busSettings = busSettings
    t.teardown(() => this.stopCore())
  }

  async startCore(): Promise<Bus> {
    this.bus = await openBus({
      path: this.path,
      epoch: this.epoch,
      n: this.truth.n,
      clock: () => ({ nowMs, kind: 'scenario' }),
      figuresEveryMs: 250,
      catchUpTransitionsMax: 1000,
      snapshotPartBytesMax: 200,
      snapshotReuseMs: 0,
      snapshotCacheBytesMax: 1024 * 1024,
      coreReadsMax: 4,
      pushQueueBytesMax: 64 * 1024 * 1024,
      onSnapshot: this.truth.onSnapshot,
      onCatchUp: this.truth.onCatchUp,
      ...this.#busSettings,
    })
    return this.bus
  }

  async stopCore(): Promise<void> {
    await this.bus?.close()
    this.bus = undefined
  }

  /** Transitions that are published in one batch; only recorded while the core is away. */
  publish(...transitions: Transition[]): void {
    this.bus?.publish(transitions, stamps)
  }

  async startPush(settings: Partial<PushSettings> = {}): Promise<{ push: Push; address: string }> {
    const push = await startPush({ ...pushDefaults, corePath: this.path, ...settings })
    this.#t.teardown(() => push.stop())
    return { push, address: `ws://127.0.0.1:${push.port}/v1/stream` }
  }

  /** Starts a core and one push process, connected to each other. */
  async start(settings: Partial<PushSettings> = {}): Promise<{ push: Push; address: string }> {
    const bus = await this.startCore()
    const started = await this.startPush(settings)
    await until(() => bus.stats().processes === 1)
    // The first word from the core has come when a client is welcome.
    const role = settings.lane === 'critical' ? 'wall' : 'viewer'
    const { tokenSecret } = { ...pushDefaults, ...settings }
    const token = tokenSecret === undefined ? undefined : await signToken(tokenSecret, { role }, 60)
    await until(async () => (await this.client(started.address)).welcome(token))
    return started
  }

  client(address: string): Promise<Client> {
    return Client.open(this.#t, address)
  }

  follow(address: string, settings: Omit<WatchSettings, 'onFrame'>): Follower {
    const follower = new Follower(address, settings)
    this.#t.teardown(() => follower.watch.close())
    return follower
  }
}

/** Waits for a condition to hold; the test's own limit ends a wait in vain. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** A bare client: what it is sent is what is there. */
export class Client {
  readonly frames: WatchFrame[] = []
  readonly socket: WebSocket
  readonly closed: Promise<number>
  /** Answers pings; a client that does not is closed. */
  answers = true
  #wake: (() => void)[] = []
  #ended = false

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('message', (bytes) => {
      const frame = JSON.parse(bytes.toString()) as WatchFrame
      if (frame.type === 'ping' && this.answers) this.send({ type: 'pong', t: frame['t'] })
      this.frames.push(frame)
      this.#notify()
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.#ended = true
        this.#notify()
        resolve(code)
      })
    })
  }

  static async open(t: Test, address: string): Promise<Client> {
    const socket = new WebSocket(address, { perMessageDeflate: false })
    t.teardown(() => socket.terminate())
    const client = new Client(socket)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return client
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame))
  }

  hello(token?: string): void {
    this.send({ type: 'hello', v: 1, ...(token !== undefined && { token }) })
  }

  subscribe(...topics: { topic: string; since?: number; figures?: boolean }[]): void {
    this.send({ type: 'subscribe', topics })
  }

  /** Says hello and goes; whether it was welcome. */
  async welcome(token?: string): Promise<boolean> {
    this.hello(token)
    const frame = await this.frame(() => true)
    this.socket.terminate()
    return frame.type === 'welcome'
  }

  /** The first frame from `from` on that is meant, as soon as it is there. */
  async frame(meant: (frame: WatchFrame) => boolean, from = 0): Promise<WatchFrame> {
    for (;;) {
      const found = this.frames.slice(from).find(meant)
      if (found) return found
      if (this.#ended) throw new Error(`closed; had ${this.frames.slice(from).map(({ type }) => type)}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  ofType(type: string): Promise<WatchFrame> {
    return this.frame((frame) => frame.type === type)
  }

  transition(n: number): Promise<WatchFrame> {
    return this.frame((frame) => frame.type === 'transition' && frame['n'] === n)
  }

  /** `n` of the transitions of a topic, as they came. */
  ns(topic: string): number[] {
    return this.frames
      .filter((frame) => frame.type === 'transition' && frame['topic'] === topic)
      .map((frame) => frame['n'] as number)
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resume of wake) resume()
  }
}

/** A watcher that keeps what it was told, and checks the chain of each topic. */
export class Follower {
  readonly watch: Watch
  readonly views = new Map<string, View>()
  /** Topic -> every n seen since its last snapshot or `since`. */
  readonly seen = new Map<string, number[]>()
  readonly began = new Map<string, number>()
  readonly codes: number[] = []
  stale = false
  readonly #settings: Omit<WatchSettings, 'onFrame'>

  constructor(address: string, settings: Omit<WatchSettings, 'onFrame'>) {
    this.#settings = settings
    this.watch = watch(address, {
      reconnectMinMs: 5,
      reconnectMaxMs: 20,
      ...settings,
      onFrame: (frame) => this.#take(frame),
      onClose: (code) => {
        this.codes.push(code)
        settings.onClose?.(code)
      },
    })
  }

  get topics(): string[] {
    return this.#settings.topics.map(({ topic }) => topic)
  }

  /** Holds exactly what the truth says of each of its topics. */
  agrees(truth: Truth): boolean {
    return this.#settings.topics.every(({ topic }) => {
      const view = this.views.get(topic)
      const wanted = truth.view(topic)
      return view?.size === wanted.size && [...wanted].every(([key, colour]) => view.get(key) === colour)
    })
  }

  #take(frame: WatchFrame): void {
    if (frame.type === 'stale') this.stale = true
    if (frame.type === 'fresh' || frame.type === 'welcome') this.stale = false
    const topic = String(frame['topic'])
    if (frame.type === 'subscribed' && frame['resumed'] !== true) this.views.set(topic, new Map())
    if (frame.type === 'snapshot') this.#snapshot(topic, frame)
    if (frame.type === 'transition') this.#transition(topic, frame)
  }

  #snapshot(topic: string, frame: WatchFrame): void {
    const view = this.views.get(topic) ?? new Map()
    for (const { key, colour } of frame['items'] as { key: string; colour: Colour }[]) view.set(key, colour)
    this.views.set(topic, view)
    this.began.set(topic, frame['n'] as number)
    this.seen.set(topic, [])
  }

  #transition(topic: string, frame: WatchFrame): void {
    const [, filter] = topic.split('?colour=')
    const view: View = this.views.get(topic) ?? new Map()
    this.views.set(topic, view)
    const key = `${frame['subject']} ${frame['rule']}`
    const to = frame['to'] as Colour
    if (to === 'green' || (filter !== undefined && to !== filter)) view.delete(key)
    else view.set(key, to)
    const seen = this.seen.get(topic) ?? []
    seen.push(frame['n'] as number)
    this.seen.set(topic, seen)
  }
}
