/**
 * One client of `/v1/stream`: hello, subscribe, answer pings, count transitions, resume.
 *
 * 100,000 of these live in a handful of processes, so each is a few fields. It speaks docs/stream.md and nothing else,
 * and leaves judging, and when to come back, to its owner (bench/crowd.ts).
 */
import { FrameMemory } from './frame-memory.js'
import type { TransitionText } from './frame-text.js'
import { type Receipt, receive, reloadReceipt, startReceipt } from './receipts.js'
import { type Loss, WsClient, type WsOwner, type WsTarget } from './ws-client.js'
import { opcodes } from './ws-frames.js'

export interface StreamOwner {
  /** Every topic is subscribed and at the present: its snapshot is in, or what was missed. */
  readonly onReady: (client: StreamClient) => void
  /** A transition that is no duplicate. `frame` must not be kept. */
  readonly onTransition: (client: StreamClient, frame: TransitionText, receivedUs: number) => void
  readonly onMalformed: (client: StreamClient, text: string) => void
  /** The service could not resume a subscription: what it had got until then. */
  readonly onReload: (client: StreamClient, ended: Receipt) => void
  /** The connection ended, for whatever reason; not called after `leave()`. */
  readonly onLost: (client: StreamClient, loss: Loss) => void
}

interface ServerFrame {
  readonly type?: string
  readonly topic?: string
  readonly head?: number
  readonly n?: number
  readonly resumed?: boolean
  readonly parts?: number
  readonly code?: string
  readonly afterMs?: number
  readonly returnAfterMs?: number
}

/** What a topic still waits for: its `subscribed`, so many snapshot parts, or a transition as new as `head`. */
type Awaited =
  | { readonly kind: 'subscribed' }
  | { readonly kind: 'parts'; left: number | undefined }
  | { readonly kind: 'head'; readonly head: number }

const memory = new FrameMemory()
/** Byte 9 of `{"type":"transition"`; no other type begins with it. */
const transitionByte = 't'.charCodeAt(0)
/** The same of `{"type":"ping","t":`. */
const pingByte = 'p'.charCodeAt(0)
const tAt = '{"type":"ping","t":'.length
const comma = ','.charCodeAt(0)
const typeAt = '{"type":"'.length

export class StreamClient implements WsOwner {
  readonly receipts: readonly Receipt[]
  /** When the connection was lost that it is recovering from; 0 when it is at the present. Kept by the owner. */
  lostUs = 0
  /** When to come back if the connection is lost without a word: the `returnAfterMs` of its welcome. */
  returnAfterMs = 0
  /** It was cut off, cut off itself, or stopped reading, at any time: no witness for those who were left alone. */
  disturbed = false
  readonly #target: WsTarget
  readonly #owner: StreamOwner
  #ws: WsClient
  /** Topics that are not at the present; undefined when all are. */
  #awaited: Map<string, Awaited> | undefined
  #resuming = false

  constructor(target: WsTarget, receipts: readonly Receipt[], owner: StreamOwner) {
    this.receipts = receipts
    this.#target = target
    this.#owner = owner
    this.#awaited = this.#everything()
    this.#ws = new WsClient(target, this)
  }

  /** Connects again and resumes from the cursors. The connection before must be lost or left. */
  comeBack(): void {
    this.#resuming = true
    this.#awaited = this.#everything()
    this.#ws = new WsClient(this.#target, this)
  }

  /** Ends the connection without a word to anybody. */
  leave(): void {
    this.#ws.reset()
  }

  /** Stops reading, as a client does whose machine is busy or whose line is bad. */
  stall(): void {
    this.#ws.pause()
  }

  goOn(): void {
    this.#ws.resume()
  }

  /** Both at once, as the product's own client does: the server keeps what comes before its welcome. */
  onOpen(): void {
    const topics = this.receipts.map(({ topic, cursor }) => (this.#resuming ? { topic, since: cursor } : { topic }))
    this.#ws.sendTexts('{"type":"hello","v":1}', JSON.stringify({ type: 'subscribe', topics }))
  }

  onLost(loss: Loss): void {
    this.#owner.onLost(this, loss)
  }

  onMessage(opcode: number, bytes: Buffer, start: number, end: number, receivedUs: number): void {
    if (opcode !== opcodes.text) return
    const type = bytes[start + typeAt]
    if (type === transitionByte) this.#transition(bytes, start, end, receivedUs)
    else if (type === pingByte) this.#ws.sendText(pongTo(bytes, start, end))
    else this.#other(JSON.parse(bytes.toString('utf8', start, end)) as ServerFrame)
  }

  #transition(bytes: Buffer, start: number, end: number, receivedUs: number): void {
    const frame = memory.read(bytes, start, end)
    const receipt = frame && this.#receiptOf(frame.topic)
    if (frame === undefined || receipt === undefined) {
      this.#owner.onMalformed(this, bytes.toString('utf8', start, end))
      return
    }
    if (receive(receipt, frame.n, frame.p)) this.#owner.onTransition(this, frame, receivedUs)
    if (this.#awaited !== undefined) this.#reached(receipt)
  }

  #receiptOf(topic: string): Receipt | undefined {
    for (const receipt of this.receipts) if (receipt.topic === topic) return receipt
    return undefined
  }

  #everything(): Map<string, Awaited> {
    return new Map(this.receipts.map(({ topic }) => [topic, { kind: 'subscribed' }]))
  }

  #other(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.returnAfterMs = frame.returnAfterMs ?? 0
        return
      case 'subscribed':
        this.#subscribed(frame)
        return
      case 'snapshot':
        this.#snapshotPart(frame)
        return
      case 'error':
      case 'bye':
        this.#ws.lose({
          reason: `${frame.type} ${frame.code}`,
          ...(frame.afterMs !== undefined && { afterMs: frame.afterMs }),
        })
    }
  }

  #subscribed({ topic = '', head = 0, resumed = false }: ServerFrame): void {
    const receipt = this.#receiptOf(topic)
    if (receipt === undefined) return
    if (resumed) {
      this.#awaited?.set(topic, { kind: 'head', head })
      this.#reached(receipt)
      return
    }
    if (receipt.cursor > 0) this.#owner.onReload(this, reloadReceipt(receipt))
    startReceipt(receipt, head)
    this.#awaited ??= new Map()
    this.#awaited.set(topic, { kind: 'parts', left: undefined })
  }

  #snapshotPart({ topic = '', n = 0, parts = 1 }: ServerFrame): void {
    const receipt = this.#receiptOf(topic)
    const awaited = this.#awaited?.get(topic)
    if (receipt === undefined || awaited?.kind !== 'parts') return
    startReceipt(receipt, n)
    awaited.left = (awaited.left ?? parts) - 1
    if (awaited.left <= 0) this.#topicReady(topic)
  }

  #reached({ topic, cursor }: Receipt): void {
    const awaited = this.#awaited?.get(topic)
    if (awaited?.kind === 'head' && cursor >= awaited.head) this.#topicReady(topic)
  }

  #topicReady(topic: string): void {
    if (!this.#awaited?.delete(topic) || this.#awaited.size > 0) return
    this.#awaited = undefined
    this.#owner.onReady(this)
  }
}

/** 100,000 clients are pinged 7,000 times a second, and only `t` has to be read. */
const pongTo = (bytes: Buffer, start: number, end: number): string => {
  const comesAfter = bytes.indexOf(comma, start + tAt)
  const stop = comesAfter < 0 || comesAfter >= end ? end - 1 : comesAfter
  return `{"type":"pong","t":${bytes.toString('latin1', start + tAt, stop)}}`
}
