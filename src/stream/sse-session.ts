/**
 * A client on server-sent events: one response that goes on. The frames are those of the WebSocket, one an event.
 *
 * It is never in a cohort, because the socket library publishes to WebSockets only: it stays on the ring and is caught
 * up whenever something arrives. Each frame that moves a cursor carries all cursors as its `id`, so that the browser
 * hands them back by itself (`Last-Event-ID`). When the kernel takes no more, nothing is written until it does.
 *
 * The kernel takes megabytes before that, and nobody answers a ping here. But who comes back has read: so a response
 * ends when it has carried `eventStreamBytesMax`, behind a frame with an `id`, and the client goes on from there on the
 * next one. That bounds what the kernel holds for one that does not read, as the pings do on a WebSocket.
 */

import type { HttpResponse } from 'uWebSockets.js'
import type { N } from '../core/names.js'
import { type Header, refuse } from './refusal.js'
import { type LastWords, type Pump, Session } from './session.js'
import { type EventsRequest, eventsPath, originHeaders } from './sse.js'

export interface SseNeeds {
  /** What a response may carry, but for the frames up to the next one with an `id`. */
  readonly bytesMax: number
  /** The history of the cursors; undefined while the core has never been heard. */
  readonly epoch: () => string | undefined
  readonly pump: Pump
  /** Of whatever is answered. */
  readonly headers: readonly Header[]
  readonly onClosed: () => void
}

export class SseSession extends Session {
  readonly #response: HttpResponse
  readonly #needs: SseNeeds
  readonly #headers: readonly Header[]
  readonly #cursors: Map<string, N | undefined>
  #begun = false
  #blocked = false
  #sentBytes = 0
  /** The response has carried what it may, and ends in a moment. */
  #spent = false

  /** `asked`: its topics are subscribed once it was let in. */
  constructor(response: HttpResponse, { topics, epoch, origin }: EventsRequest, needs: SseNeeds) {
    super(needs.pump)
    this.#response = response
    this.#needs = needs
    this.#headers = [...needs.headers, ...originHeaders(origin)]
    this.#cursors = new Map(topics.map(({ topic, since }) => [topic, since]))
    this.early = [{ type: 'subscribe', topics, ...(epoch !== undefined && { epoch }) }]
    response.onAborted(() => this.#over())
    response.onWritable(() => this.#writable())
  }

  get apart(): boolean {
    return true
  }

  get open(): boolean {
    return this.state !== 'closed'
  }

  get full(): boolean {
    return this.#blocked || this.#spent
  }

  send(frame: string | Buffer, topic?: string, n?: N): void {
    if (!this.open) return
    this.#begin()
    if (topic !== undefined && n !== undefined) this.#cursors.set(topic, n)
    const id = topic === undefined ? '' : `id: ${this.#id()}\n`
    this.#write(`${id}data: ${frame}\n\n`)
    if (topic === undefined || this.#spent || this.#sentBytes < this.#needs.bytesMax) return
    this.#spent = true
    // Not within the cork of the one who sends.
    setImmediate(() => this.#renew())
  }

  greet(frame: string, returnAfterMs: number): void {
    if (!this.open) return
    this.#begin()
    this.#write(`retry: ${Math.max(retryMsMin, returnAfterMs)}\ndata: ${frame}\n\n`)
  }

  cork(write: () => void): void {
    if (!this.open) return
    if (this.corked) {
      write()
      return
    }
    this.corked = true
    this.#response.cork(write)
    this.corked = false
  }

  end(words: LastWords): void {
    if (!this.open) return
    this.#response.cork(() => {
      if (this.#begun) this.#response.end(`retry: ${words.afterMs}\ndata: ${words.frame}\n\n`)
      // Nothing was sent yet, so the refusal can be an ordinary answer.
      else refuse(this.#response, words, eventsPath, this.#headers)
    })
    this.#over()
  }

  /** Nothing is published to it. */
  owe(): boolean {
    return false
  }

  join(): void {}

  leave(): void {}

  /** A comment. Whoever takes nothing at all from one heartbeat to the next does not read. */
  beat(nowMs: number): void {
    if (this.#blocked) this.pingOpen = nowMs
    else if (this.#begun) this.#write(': heartbeat\n\n')
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#corked(() => {
      this.#response.writeStatus('200 OK')
      for (const [name, value] of [...this.#headers, ...streamHeaders]) this.#response.writeHeader(name, value)
    })
  }

  #id(): string {
    return `${this.#needs.epoch() ?? ''}:${[...this.#cursors.values()].map((n) => n ?? '-').join('.')}`
  }

  #write(text: string): void {
    this.#sentBytes += Buffer.byteLength(text)
    this.#corked(() => {
      if (!this.#response.write(text)) this.#blocked = true
    })
  }

  /** The library wants every write within a cork. */
  #corked(write: () => void): void {
    if (this.corked) write()
    else this.#response.cork(write)
  }

  #writable(): boolean {
    this.#blocked = false
    this.pingOpen = undefined
    if (this.catching > 0) this.#needs.pump.queue(this)
    return true
  }

  /** Ends the response as a line that is cut would, but for how soon the client is wanted back. */
  #renew(): void {
    if (!this.open) return
    this.#response.cork(() => this.#response.end(`retry: ${renewAfterMs}\n\n`))
    this.#over()
  }

  #over(): void {
    if (!this.open) return
    this.state = 'closed'
    this.#needs.onClosed()
  }
}

/** Behind a response that has carried what it may. */
const renewAfterMs = 100
/** A browser that lost the connection comes back no sooner. */
const retryMsMin = 500

const streamHeaders = [
  ['content-type', 'text/event-stream'],
  ['cache-control', 'no-store'],
  // A proxy that gathers would hold back what is meant for now (nginx).
  ['x-accel-buffering', 'no'],
] as const
