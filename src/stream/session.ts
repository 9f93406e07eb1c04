/**
 * One client's connection, as the push process knows it. No behaviour beyond sending: reception decides what a client
 * may do, catch-up brings it to the present.
 */
import type { WebSocket } from 'uWebSockets.js'
import type { ErrorCode } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Channel, LatestChannel } from './channel.js'
import type { Cohort } from './cohort.js'
import type { Grant } from './token.js'
import type { Job } from './turns.js'
import type { EncodedSnapshot, Frame } from './wire.js'

export interface SocketData {
  session?: Session
}

export type Socket = WebSocket<SocketData>

/** How far a subscription is on its way to the present. */
export type Progress =
  /** `since` as the client gave it; undefined asks for a snapshot. */
  | { readonly kind: 'start'; readonly since: N | undefined }
  | { readonly kind: 'asked' }
  | { readonly kind: 'snapshot'; readonly snapshot: EncodedSnapshot; part: number }
  /** Transitions that the core read from the record, complete up to `upTo`. */
  | { readonly kind: 'record'; readonly frames: readonly Frame[]; readonly upTo: N; index: number }
  | { readonly kind: 'ring' }
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
  figures: { readonly channel: LatestChannel<Session>; readonly cohort: Cohort<Session> } | undefined
}

export interface Farewell {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
}

export class Session implements Job {
  readonly socket: Socket
  readonly openedAtMs: number
  state: 'hello' | 'verifying' | 'ready' | 'closed' = 'hello'
  grant: Grant | undefined
  readonly subscriptions = new Map<string, Subscription>()
  readonly catching = new Set<Subscription>()
  /** Frames that came while the token was being checked. */
  early: string[] = []
  /** Frames that it may still send, and since when they grow again. */
  allowance: { frames: number; atMs: number }
  heartbeatSlot: Set<Session> | undefined
  /** `t` of the ping that was not answered yet. */
  pingOpen: number | undefined
  /** The socket library dropped a frame: the connection ends in the next turn. */
  dropped = false
  /** Set while our own cork is open: ending a socket inside one would leave it half open. */
  corked = false
  farewell: Farewell | undefined
  news: { readonly channel: LatestChannel<Session>; readonly cohort: Cohort<Session> } | undefined
  queued = false
  readonly #pump: (session: Session) => number

  constructor(socket: Socket, nowMs: number, framesMax: number, pump: (session: Session) => number) {
    this.socket = socket
    this.openedAtMs = nowMs
    this.allowance = { frames: framesMax, atMs: nowMs }
    this.#pump = pump
  }

  run(): number {
    return this.#pump(this)
  }

  get open(): boolean {
    return this.state !== 'closed' && !this.dropped
  }

  send(frame: string | Buffer): void {
    if (this.open) this.socket.send(frame)
  }

  /** Several frames in one write. */
  cork(write: () => void): void {
    if (!this.open) return
    this.corked = true
    this.socket.cork(write)
    this.corked = false
  }
}
