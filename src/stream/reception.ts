/**
 * What a client may do: the token at the door, topics, limits, and the words with which it is sent away.
 */
import { type ErrorCode, errorRow, QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { CatchUp } from './catch-up.js'
import type { PushStats } from './counters.js'
import type { Directory } from './directory.js'
import type { Door } from './door.js'
import { byeFrame, type ClientFrame, errorFrame, readClientFrame, type TopicRequest } from './frames.js'
import { closeOfDefect, type Session, type Subscription } from './session.js'
import { type Grant, type Role, refusal, verifyToken } from './token.js'
import { parseTopic, type TopicName } from './topics.js'
import { frameUnits, type WsSession } from './ws-session.js'

export interface ReceptionSettings {
  /** At least 32 bytes; without it no token is accepted. */
  readonly tokenSecret: string | undefined
  /** The role of a client without a token; without it a token is demanded. */
  readonly anonymousRole: Role | undefined
  readonly heartbeatMs: number
  readonly clientFrameBytesMax: number
  readonly clientFramesPerSecondMax: number
  readonly topicsPerClientMax: number
  /** How far apart clients are asked to come back after a `bye`. */
  readonly clientReturnSpreadMs: number
}

export interface ReceptionNeeds {
  readonly settings: ReceptionSettings
  readonly directory: Directory
  readonly catchUp: CatchUp
  readonly door: Door
  readonly stats: PushStats
  readonly monotonicMs: () => number
  readonly random: () => number
  /** Names the history that cursors are good for. */
  readonly epoch: () => string | undefined
}

/** A client may ask for all its topics so many times between two heartbeats: each answer is a snapshot or a resume. */
const askedAgainMax = 4
/** Frames that a client may send before it is welcome. */
const earlyFramesMax = 8

export class Reception {
  readonly #needs: ReceptionNeeds
  /** What all clients without a token are granted. */
  readonly #anonymous: Grant | undefined

  constructor(needs: ReceptionNeeds) {
    this.#needs = needs
    const { anonymousRole: role } = needs.settings
    this.#anonymous = role && { role, untilMs: Number.POSITIVE_INFINITY }
  }

  received(session: WsSession, bytes: ArrayBuffer, isBinary: boolean): void {
    if (!session.open) return
    this.guard(session, () => {
      this.#admitFrame(session, bytes, isBinary)
      this.#obey(session, readClientFrame(Buffer.from(bytes).toString()))
    })
  }

  /** Checks who a client is and shows it in; resolves when that is done, however it ended. */
  async hello(session: Session, token: string | undefined): Promise<void> {
    if (token === undefined) {
      this.guard(session, () => this.#enter(session, this.#anonymous))
      return
    }
    session.state = 'verifying'
    const { tokenSecret } = this.#needs.settings
    const grant = tokenSecret === undefined ? undefined : await verifyToken(tokenSecret, token).catch(() => undefined)
    if (!session.open) return
    session.state = 'hello'
    this.guard(session, () => this.#enter(session, grant))
  }

  /** What a client sent before it was welcome. */
  serveEarly(session: Session): void {
    const early = session.early ?? []
    session.early = undefined
    this.guard(session, () => {
      for (const frame of early) if (session.open) this.#serve(session, frame)
    })
  }

  /** Says why and ends the connection with the code's close code. */
  bye(session: Session, code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}): void {
    if (session.state === 'closed') return
    if (session.corked) {
      session.farewell = { code, detail }
      return
    }
    const { stats, random, settings } = this.#needs
    const close = errorRow(code).close ?? closeOfDefect
    stats.closes[close] = (stats.closes[close] ?? 0) + 1
    const afterMs = Number(detail['afterMs'] ?? Math.floor(random() * settings.clientReturnSpreadMs))
    session.end({ code, detail: { ...detail, afterMs }, frame: byeFrame(code, detail, afterMs), afterMs })
  }

  /** What is wrong with a client's frame ends its connection. */
  guard(session: Session, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof QwError)) throw error
      this.bye(session, error.code, error.detail)
    }
  }

  #admitFrame(session: WsSession, bytes: ArrayBuffer, isBinary: boolean): void {
    const { clientFrameBytesMax, clientFramesPerSecondMax } = this.#needs.settings
    if (bytes.byteLength > clientFrameBytesMax) throw new QwError('QW_FRAME_TOO_LARGE')
    if (isBinary) throw new QwError('QW_FRAME_INVALID', { reason: 'frames are text' })
    if (!this.#allows(session))
      throw new QwError('QW_TOO_MANY_FRAMES', { limit: `${clientFramesPerSecondMax} frames a second` })
  }

  /** A bucket that is refilled when it is looked at: no timer. */
  #allows(session: WsSession): boolean {
    const limit = this.#needs.settings.clientFramesPerSecondMax
    const nowMs = this.#needs.monotonicMs()
    // A frame a second is a thousandth of a frame a millisecond.
    const grown = session.frameAllowance + (nowMs - session.allowedAtMs) * limit
    session.frameAllowance = Math.min(limit * frameUnits, grown) - frameUnits
    session.allowedAtMs = nowMs
    return session.frameAllowance >= 0
  }

  #obey(session: WsSession, frame: ClientFrame): void {
    if (frame.type === 'hello') {
      if (session.state !== 'hello') throw new QwError('QW_FRAME_INVALID', { reason: 'a second hello' })
      // Nothing is thrown there: it ends in a welcome, a wait or a bye.
      void this.hello(session, frame.token)
    } else if (session.state === 'ready') this.#serve(session, frame)
    else if (session.state === 'hello') throw new QwError('QW_FRAME_INVALID', { reason: 'hello comes first' })
    else this.#keep(session, frame)
  }

  #keep(session: Session, frame: ClientFrame): void {
    const early = session.early ?? []
    if (early.length >= earlyFramesMax)
      throw new QwError('QW_TOO_MANY_FRAMES', { limit: `${earlyFramesMax} frames before the welcome` })
    session.early = [...early, frame]
  }

  #enter(session: Session, grant: Grant | undefined): void {
    if (!grant) throw new QwError('QW_TOKEN_INVALID')
    this.#needs.door.enter(session, grant)
  }

  #serve(session: Session, frame: ClientFrame): void {
    if (frame.type === 'subscribe') this.#subscribeAll(session, frame.topics, frame.epoch)
    else if (frame.type === 'unsubscribe') for (const topic of frame.topics) this.#unsubscribe(session, topic)
    else if (frame.type === 'pong') session.answered(frame.t)
  }

  /** A cursor of another history says nothing here: who holds one is given a snapshot. */
  #subscribeAll(session: Session, requests: readonly TopicRequest[], epoch: string | undefined): void {
    const askedMax = this.#needs.settings.topicsPerClientMax * askedAgainMax
    session.topicsAsked += requests.length
    if (session.topicsAsked > askedMax)
      throw new QwError('QW_TOO_MANY_FRAMES', { limit: `${askedMax} topics asked for between two heartbeats` })
    const isOurs = epoch === undefined || epoch === this.#needs.epoch()
    for (const { topic, figures, since } of requests)
      this.#subscribe(session, { topic, figures, ...(isOurs && since !== undefined && { since }) })
    this.#needs.catchUp.serveSoon(session)
  }

  #subscribe(session: Session, request: TopicRequest): void {
    const topic = parseTopic(request.topic)
    const reason = topic && session.grant && refusal(session.grant, topic)
    if (!topic) session.send(errorFrame('QW_TOPIC_UNKNOWN', { topic: request.topic }, request.topic))
    else if (reason) session.send(errorFrame('QW_NOT_ALLOWED', { reason }, topic.name))
    else this.#open(session, topic, request)
  }

  #open(session: Session, topic: TopicName, request: TopicRequest): void {
    const { settings, directory, catchUp } = this.#needs
    // Asked again: the client lost something, or changed its mind. It starts over.
    this.#unsubscribe(session, topic.name)
    if (session.subscriptions.length >= settings.topicsPerClientMax)
      throw new QwError('QW_TOO_MANY_FRAMES', { limit: `${settings.topicsPerClientMax} topics` })
    const subscription: Subscription = {
      session,
      channel: directory.open(topic),
      progress: { kind: 'start', since: request.since },
      cursor: 0 as N,
      sentN: 0 as N,
      coreLife: 0,
      asks: 0,
      announced: false,
      resyncing: false,
      figures: undefined,
    }
    // Unlike a push or a spread, this makes an array of just the length that is needed.
    session.subscriptions = session.subscriptions.concat(subscription)
    if (request.figures) directory.joinFigures(subscription)
    catchUp.begin(subscription)
  }

  #unsubscribe(session: Session, topic: string): void {
    const subscription = session.subscription(topic)
    if (subscription) this.#needs.directory.close(subscription)
  }
}
