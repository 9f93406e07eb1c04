/**
 * A service in memory that keeps the protocol of docs/stream.md, behind a network that does not keep anything: it
 * delays, loses and repeats frames, breaks connections, refuses them, and falls silent.
 *
 * The truth is kept in the plainest way, as the list of all transitions, so that the client's own folding is compared
 * with something that shares no code with it.
 */
import type { Socket } from '../../client/stream.js'
import { snapshot, subscribed, transition, welcome } from './scripted-server.js'
import type { VirtualClock } from './virtual-clock.js'

export const topics = ['all', 'county/PJ', 'county/XH', 'city'] as const
const colours = ['green', 'yellow', 'red'] as const
const heartbeatMs = 1000

interface Published {
  readonly n: number
  readonly subject: string
  readonly rule: string
  readonly to: string
  /** Topic -> the n before it there. */
  readonly before: ReadonlyMap<string, number>
}

export class SimulatedService {
  readonly clock: VirtualClock
  readonly random: () => number
  /** 0: the network is perfect. */
  trouble = 0
  readonly history: Published[] = []
  readonly #heads = new Map<string, number>()
  readonly #lines = new Set<Line>()

  constructor(clock: VirtualClock, random: () => number) {
    this.clock = clock
    this.random = random
    const beat = (): void => {
      for (const line of this.#lines) line.ping()
      clock.after(heartbeatMs, beat)
    }
    clock.after(heartbeatMs, beat)
  }

  /** The constructor that a client is given. */
  get WebSocket(): new (
    address: string,
  ) => Socket {
    const service = this
    return class extends Line {
      constructor(_address: string) {
        super(service)
      }
    }
  }

  happens(probability: number): boolean {
    return this.random() < probability * this.trouble
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T
  }

  /** One more transition of some alert. */
  publish(): void {
    const where = this.pick(['PJ', 'XH', 'city'])
    const subject = where === 'city' ? 'city' : `${where}-${this.pick([1, 2, 3])}`
    const own = ['all', where === 'city' ? 'city' : `county/${where}`]
    const n = this.history.length + 1
    const before = new Map(own.map((topic) => [topic, this.#heads.get(topic) ?? 0]))
    for (const topic of own) this.#heads.set(topic, n)
    const rule = this.pick(['vacancy', 'over-quota'])
    const one = { n, subject, rule, to: this.pick(colours), before }
    this.history.push(one)
    for (const line of this.#lines) line.published(one)
  }

  headOf = (topic: string): number => this.#heads.get(topic) ?? 0

  /** `subject rule colour` of all that is not green on the topic after transition n, sorted. */
  truth(topic: string, n: number): string[] {
    const last = new Map<string, string>()
    for (const one of this.history)
      if (one.n <= n && one.before.has(topic)) last.set(`${one.subject} ${one.rule}`, one.to)
    return [...last]
      .filter(([, to]) => to !== 'green')
      .map(([key, to]) => `${key} ${to}`)
      .sort()
  }

  connected(line: Line): void {
    this.#lines.add(line)
  }

  gone(line: Line): void {
    this.#lines.delete(line)
  }

  /** Something happens to some connection. */
  strike(): void {
    const line = this.pick([...this.#lines])
    if (!line) return
    const blow = this.random()
    if (blow < 0.4) line.break()
    else if (blow < 0.6) line.sayBye()
    else if (blow < 0.8) line.silent = true
    else line.say({ type: this.pick(['stale', 'fresh']), since: welcome.now, why: 'simulated' })
  }
}

type Listener = (event: never) => void

/** Both ends of one connection. */
class Line implements Socket {
  readyState = 0
  /** Nothing arrives any more, and nobody is told. */
  silent = false
  readonly #service: SimulatedService
  readonly #listeners = new Map<string, Listener>()
  /** Topic -> the subscription that counts; live ones hear what is published. */
  readonly #live = new Map<string, { isLive: boolean }>()
  #lastDueMs = 0

  constructor(service: SimulatedService) {
    this.#service = service
    service.clock.after(5, () => {
      if (service.happens(0.3)) this.break()
      else this.#opened()
    })
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener)
  }

  send(text: string): void {
    const frame = JSON.parse(text) as { type: string; topics?: { topic: string; since?: number }[] }
    if (frame.type === 'hello') this.say({ ...welcome, heartbeatMs })
    if (frame.type === 'subscribe') for (const { topic, since } of frame.topics ?? []) this.#subscribe(topic, since)
  }

  close(): void {
    this.readyState = 3
    this.#service.gone(this)
  }

  break(): void {
    if (this.readyState === 3) return
    this.close()
    this.#tell('close', { code: 1006 })
  }

  sayBye(): void {
    this.say({
      type: 'bye',
      code: 'QW_TOO_SLOW',
      title: 'x',
      reconnect: true,
      afterMs: Math.floor(this.#service.random() * 2000),
    })
  }

  ping(): void {
    const heads = [...this.#live].flatMap(([topic, { isLive }]) =>
      isLive ? [[topic, this.#service.headOf(topic)]] : [],
    )
    this.say({ type: 'ping', t: 1, heads: Object.fromEntries(heads) })
  }

  published(one: Published): void {
    for (const [topic, { isLive }] of this.#live) if (isLive && one.before.has(topic)) this.#sayTransition(topic, one)
  }

  /** Frames arrive in the order in which they were said; some do not arrive, some twice. */
  say(frame: object): void {
    const { clock, random } = this.#service
    const losable = 'topic' in frame || ('type' in frame && frame.type === 'ping')
    if (losable && this.#service.happens(0.05)) return
    const times = this.#service.happens(0.05) ? 2 : 1
    this.#lastDueMs = Math.max(this.#lastDueMs, clock.nowMs() + random() * 50)
    const isWelcome = 'heartbeatMs' in frame
    for (let i = 0; i < (isWelcome ? 1 : times); i++)
      clock.after(this.#lastDueMs - clock.nowMs(), () => {
        if (this.readyState === 1 && !this.silent) this.#tell('message', { data: JSON.stringify(frame) })
      })
  }

  #opened(): void {
    if (this.readyState === 3) return
    this.readyState = 1
    this.#service.connected(this)
    this.#tell('open', {})
  }

  #subscribe(topic: string, since: number | undefined): void {
    const own = { isLive: false }
    this.#live.set(topic, own)
    this.#service.clock.after(this.#service.random() * 100, () => {
      if (this.#live.get(topic) === own) this.#answer(topic, since, own)
    })
  }

  #answer(topic: string, since: number | undefined, own: { isLive: boolean }): void {
    const { history } = this.#service
    const n = history.length
    const resumed = since !== undefined && since <= n && n - since < 20
    this.say(subscribed(topic, resumed ? this.#service.headOf(topic) : n, resumed))
    if (resumed) for (const one of history) if (one.n > since && one.before.has(topic)) this.#sayTransition(topic, one)
    if (!resumed) this.#saySnapshot(topic, n)
    own.isLive = true
  }

  #saySnapshot(topic: string, n: number): void {
    const items = this.#service.truth(topic, n).map((line) => {
      const [subject, rule, colour] = line.split(' ')
      return { kind: 'alert', subject, rule, colour, since: welcome.now, why: {} }
    })
    const parts = Math.max(1, Math.ceil(items.length / 2))
    for (let part = 1; part <= parts; part++)
      this.say(snapshot(topic, n, items.slice(2 * part - 2, 2 * part), part, parts))
  }

  #sayTransition(topic: string, { n, subject, rule, to, before }: Published): void {
    this.say(transition(topic, n, before.get(topic) ?? 0, { subject, rule, to }))
  }

  #tell(type: string, event: object): void {
    this.#listeners.get(type)?.(event as never)
  }
}
