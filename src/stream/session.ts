/**
 * One client's connection, as the push process knows it. No behaviour beyond sending: reception decides what a client
 * may do, catch-up brings it to the present. What it is sent over is the business of ws-session.ts and sse-session.ts.
 *
 * There are 12,500 of these in a process, so a field costs 100 kB and an empty Map two megabytes: what few clients have
 * is undefined, and what has few items is an array.
 */
import type { ErrorCode } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Channel } from './channel.js'
import type { Cohort } from './cohort.js'
import type { ClientFrame, FramedSnapshot } from './frames.js'
import type { Grant } from './token.js'
import type { Job } from './turns.js'
import type { Frame } from './wire.js'

/** How far a subscription is on its way to the present. */
export type Progress =
  /** `since` as the client gave it; undefined asks for a snapshot. */
  | { readonly kind: 'start'; readonly since: N | undefined }
  | { readonly kind: 'asked' }
  | { readonly kind: 'snapshot'; readonly snapshot: FramedSnapshot; part: number }
  /** Transitions that the core read from the record, complete up to `upTo`. */
  | { readonly kind: 'record'; readonly frames: readonly Frame[]; readonly upTo: N; index: number }
  | { readonly kind: 'ring' }
  /** At the present, without a cohort: goes on when something arrives. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'live'; readonly cohort: Cohort<Subscription> }
  | { readonly kind: 'ended' }

export interface Subscription {
  readonly session: Session
  readonly channel: Channel<Subscription>
  progress: Progress
  /** The client was sent everything of the topic with n <= cursor. Not kept up while live: the cohort's cursor counts. */
  cursor: N
  /** The last `n` that was sent before it went live, or the `n` it began with. */
  sentN: N
  /** Which connection to the core vouched for the cursor: it may be ahead of what has reached us. */
  coreLife: number
  /** How often it asked the core without reaching the present. */
  asks: number
  /** Set once the client was told `subscribed`. */
  announced: boolean
  /** True while it makes up for a gap that was ours. */
  resyncing: boolean
  figures: Cohort<Session> | undefined
}

export interface Farewell {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
}

/** How a connection ends. */
export interface LastWords {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
  /** The `bye` frame. */
  readonly frame: string
  readonly afterMs: number
}

/** What catches a session up. */
export interface Pump {
  pump(session: Session): number
  queue(session: Session): void
}

export abstract class Session implements Job {
  /** `waiting`: it has shown who it is, and is let in when its turn comes. */
  state: 'hello' | 'verifying' | 'waiting' | 'ready' | 'closed' = 'hello'
  grant: Grant | undefined
  subscriptions: readonly Subscription[] = none
  /** How many of them are on their way to the present. */
  catching = 0
  queued = false
  heartbeatSlot: Set<Session> | undefined
  /** Set while our own cork is open: ending a socket inside one would leave it half open. */
  corked = false
  farewell: Farewell | undefined
  /** Topics that it asked for since its last heartbeat. */
  topicsAsked = 0
  /** Frames that came before it was welcome. */
  early: readonly ClientFrame[] | undefined
  /** When the heartbeat was, while the client has not shown since that it lives. */
  pingOpen: number | undefined
  readonly #pump: Pump

  constructor(pump: Pump) {
    this.#pump = pump
  }

  run(): number {
    return this.#pump.pump(this)
  }

  /** The client answered a ping of the protocol. */
  answered(t: number): void {
    if (t === this.pingOpen) this.pingOpen = undefined
  }

  subscription(topic: string): Subscription | undefined {
    return this.subscriptions.find(({ channel }) => channel.topic.name === topic)
  }

  /** Nothing may be sent any more. */
  abstract get open(): boolean
  /** It owes us so much reading that it is given no more for now. */
  abstract get full(): boolean
  /** Nothing that is published reaches it: it has to be sent everything by itself. */
  abstract get apart(): boolean
  /** `topic`, `n`: where the client stands on that topic once it has the frame. */
  abstract send(frame: string | Buffer, topic?: string, n?: N): void
  /** The welcome. `returnAfterMs`: when to come back if the connection is lost without a word. */
  abstract greet(frame: string, returnAfterMs: number): void
  /** Several frames in one write. */
  abstract cork(write: () => void): void
  /** Last words, then the connection is over; its owner hears of it as of any other end. */
  abstract end(words: LastWords): void
  /** The heartbeat is due. `heads`: what a ping names. */
  abstract beat(nowMs: number, heads: () => Readonly<Record<string, N>>): void
  /** So many bytes were published to it through a cohort. True: it is full now, and wants to leave its cohorts. */
  abstract owe(bytes: number): boolean
  /** Becomes, and ceases to be, a receiver of what is published to a cohort. */
  abstract join(cohort: string): void
  abstract leave(cohort: string): void
}

const none: readonly Subscription[] = []

/** Close code of an error that has none: `an unexpected condition` (RFC 6455, 7.4.1). */
export const closeOfDefect = 1011
