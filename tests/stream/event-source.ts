/**
 * A reader of server-sent events by the letter of the HTML standard (9.2.6), so that what a browser would do is what the
 * tests see: events end with an empty line, `id` sticks, comments are passed over.
 */
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Test } from 'tap'
import type { WatchFrame } from '../../src/stream/watch.js'

export class EventSource {
  readonly frames: WatchFrame[] = []
  /** The id after each frame. */
  readonly ids: string[] = []
  comments = 0
  retryMs: number | undefined
  lastEventId: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly #message: IncomingMessage
  #ended = false
  #text = ''
  #body = ''
  #wake: (() => void)[] = []

  private constructor(message: IncomingMessage, lastEventId: string) {
    this.#message = message
    this.lastEventId = lastEventId
    this.status = message.statusCode ?? 0
    this.headers = message.headers
    message.setEncoding('utf8')
    message.on('data', (text: string) => this.#take(text))
    message.on('error', () => undefined)
    message.on('close', () => {
      this.#ended = true
      this.#notify()
    })
  }

  /** Resolves once the head of the answer is there. */
  static open(t: Test, url: string, headers: Record<string, string> = {}): Promise<EventSource> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { headers }, (message) => {
        t.teardown(() => message.destroy())
        resolve(new EventSource(message, headers['last-event-id'] ?? ''))
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  get body(): Promise<string> {
    return this.#when(() => (this.#ended ? this.#body : undefined))
  }

  pause(): void {
    this.#message.pause()
  }

  resume(): void {
    this.#message.resume()
  }

  /** Breaks the connection, as a network would. */
  disconnect(): void {
    this.#message.destroy()
  }

  frame(meant: (frame: WatchFrame) => boolean): Promise<WatchFrame> {
    return this.#when(() => {
      const found = this.frames.find(meant)
      if (!found && this.#ended) throw new Error(`ended; had ${this.frames.map(({ type }) => type)}`)
      return found
    })
  }

  ofType(type: string): Promise<WatchFrame> {
    return this.frame((frame) => frame.type === type)
  }

  transition(topic: string, n: number): Promise<WatchFrame> {
    return this.frame((frame) => frame.type === 'transition' && frame['topic'] === topic && frame['n'] === n)
  }

  ns(topic: string): number[] {
    return this.frames
      .filter((frame) => frame.type === 'transition' && frame['topic'] === topic)
      .map((frame) => frame['n'] as number)
  }

  async #when<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  #take(text: string): void {
    this.#body += text
    this.#text += text
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      this.#event(this.#text.slice(0, end).split('\n'))
      this.#text = this.#text.slice(end + 2)
    }
    this.#notify()
  }

  #event(lines: readonly string[]): void {
    const data: string[] = []
    for (const line of lines) {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
      if (line.startsWith(':')) this.comments += 1
      else if (field === 'data') data.push(value)
      else if (field === 'id') this.lastEventId = value
      else if (field === 'retry') this.retryMs = Number(value)
      else
        throw new Error(
          `a field that a browser would not know: ${JSON.stringify([field, value, ...lines, this.#body.length])}`,
        )
    }
    if (data.length === 0) return
    this.frames.push(JSON.parse(data.join('\n')) as WatchFrame)
    this.ids.push(this.lastEventId)
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resume of wake) resume()
  }
}
