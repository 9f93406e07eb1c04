/**
 * One client of the stream, on the shipped client library: what it was shown of each topic, and when it was not current.
 */
import { WebSocket } from 'ws'
import { connect, type SocketConstructor, type Stream, type StreamState } from '../../client/stream.js'

export interface Outage {
  readonly fromMs: number
  readonly toMs: number
}

export class Watcher {
  /** Topic -> the n it was shown, as they came, after its first snapshot. */
  readonly shown = new Map<string, number[]>()
  /** Topic -> n of its first snapshot. */
  readonly began = new Map<string, number>()
  /** Snapshots after the first: what lay between was not shown one by one. */
  reloads = 0
  readonly outages: Outage[] = []
  readonly topics: readonly string[]
  readonly #stream: Stream
  #notLiveSinceMs: number | undefined = performance.now()

  constructor(url: string, topics: readonly string[]) {
    this.topics = topics
    this.#stream = connect({
      url,
      WebSocket: WebSocket as unknown as SocketConstructor,
      onState: (state) => this.#changed(state),
    })
    for (const topic of topics) this.#follow(topic)
  }

  /** Since when it has been shown the present; undefined while it is not. */
  get liveSinceMs(): number | undefined {
    return this.#notLiveSinceMs === undefined ? (this.outages.at(-1)?.toMs ?? 0) : undefined
  }

  close(): void {
    this.#stream.close()
  }

  #follow(topic: string): void {
    const shown: number[] = []
    this.shown.set(topic, shown)
    this.#stream.subscribe(topic, {
      onSnapshot: (_items, n) => {
        if (this.began.has(topic)) this.reloads += 1
        else this.began.set(topic, n)
      },
      onTransition: ({ n }) => shown.push(n),
    })
  }

  #changed({ kind }: StreamState): void {
    const nowMs = performance.now()
    if (kind === 'live') {
      if (this.#notLiveSinceMs !== undefined) this.outages.push({ fromMs: this.#notLiveSinceMs, toMs: nowMs })
      this.#notLiveSinceMs = undefined
    } else this.#notLiveSinceMs ??= nowMs
  }
}
