/**
 * The core's end of the socket to the writer's process: how far it may read, and what it has said of itself.
 *
 * The writer may be away, dead or hanging: then the last it said stands, the log keeps what it asked for, and nothing
 * waits. Positions are told at most every `tellEveryMs`; the latest counts, so a writer that does not read costs nothing.
 */
import type { Socket } from 'node:net'
import { KeptSocket } from '../stream/kept-socket.js'
import { hear, reportAtLeastEveryMs, type Settled, type WriterReport } from './writer-words.js'

export interface WriterFeedSettings {
  readonly path: string
  /** What is judged now; its transitions may not stand in the record's files yet. */
  readonly judged: () => Settled
  /** The newest transition that stands in a file. */
  readonly written: () => number
  /** The writer has said something. */
  readonly onReport: (report: WriterReport) => void
}

/** A batch is judged every millisecond under load; the writer takes thousands at once. */
const tellEveryMs = 20

export class WriterFeed {
  readonly #settings: WriterFeedSettings
  #door: KeptSocket | undefined
  #socket: Socket | undefined
  #report: WriterReport | undefined
  #heardMs = 0
  #timer: NodeJS.Timeout | undefined
  /** To be told as soon as its transitions are written. */
  #next: Settled | undefined
  #told = -1

  private constructor(settings: WriterFeedSettings) {
    this.#settings = settings
  }

  /** A socket file that is left there is replaced. */
  static async open(settings: WriterFeedSettings): Promise<WriterFeed> {
    const feed = new WriterFeed(settings)
    feed.#door = await KeptSocket.open(settings.path, (socket) => feed.#accept(socket))
    return feed
  }

  /** The last that was heard, also of a writer that is away since. */
  get report(): WriterReport | undefined {
    return this.#report
  }

  /** Connected, and not silent. */
  get isHeard(): boolean {
    return this.#socket !== undefined && performance.now() - this.#heardMs < 3 * reportAtLeastEveryMs
  }

  /** More was judged. */
  moved(): void {
    if (this.#socket) this.#timer ??= setTimeout(() => this.#tell(), tellEveryMs)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const closed = this.#door?.close()
    this.#socket?.destroy()
    await closed
  }

  /** A second one takes the place of the first: main starts another only when the first has ended. */
  #accept(socket: Socket): void {
    this.#socket?.destroy()
    this.#socket = socket
    this.#told = -1
    this.#heardMs = performance.now()
    hear<WriterReport>(socket, (report) => {
      this.#report = report
      this.#heardMs = performance.now()
      this.#settings.onReport(report)
    })
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
    })
    this.moved()
  }

  #tell(): void {
    this.#timer = undefined
    const { judged, written } = this.#settings
    const next = this.#next ?? judged()
    const isWritten = written() >= next.n
    this.#next = isWritten ? undefined : next
    const socket = this.#socket
    if (isWritten && socket && !socket.writableNeedDrain && next.position !== this.#told) {
      this.#told = next.position
      socket.write(`${JSON.stringify(next satisfies Settled)}\n`)
    }
    if (judged().position !== this.#told) this.moved()
  }
}
