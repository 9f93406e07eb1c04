/**
 * What a client may do: the token at the door, topics, limits, and the words with which it is sent away.
 */
import { type ErrorCode, errorRow, QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { CatchUp } from './catch-up.js'
import type { PushStats } from './counters.js'
import type { Directory } from './directory.js'
import { byeFrame, errorFrame, readClientFrame, type TopicRequest } from './frames.js'
import type { Session, Subscription } from './session.js'
import type { ReceptionSettings } from './settings.js'
import { type Grant, refusal, verifyToken } from './token.js'
import { parseTopic, type TopicName } from './topics.js'
import { frameUnits, type WsSession } from './ws-session.js'

export interface ReceptionNeeds {
  readonly settings: ReceptionSettings
  readonly directory: Directory
  readonly catchUp: CatchUp
  readonly stats: PushStats
  readonly monotonicMs: () => number
  readonly random: () => number
  /** The `welcome` frame; undefined while the core has never been heard. */
  readonly welcome: (grant: Grant) => string | undefined
  /** Names the history that cursors are good for. */
  readonly epoch: () => string | undefined
  /** A client was let in. */
  readonly onAdmitted: (session: WsSession) => void
}

export class Reception {
  readonly #needs: ReceptionNeeds
  /** What all clients without a token are granted. */
  readonly #anonymous: Grant

  constructor(needs: ReceptionNeeds) {
    this.#needs = needs
    this.#anonymous = { role: needs.settings.anonymousRole ?? 'viewer', untilMs: Number.POSITIVE_INFINITY }
  }

  received(session: WsSession, bytes: ArrayBuffer, isBinary: boolean): void {
    if (!session.open) return
    this.#guard(session, () => {
      this.#admitFrame(session, bytes, isBinary)
      this.#obey(session, Buffer.from(bytes).toString())
    })
  }

  /** Says why and ends the connection with the code's close code. */
  bye(session: Session, code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}): void {
    if (session.state === 'closed') return
    if (session.corked) {
      session.farewell = { code, detail }
      return
    }
    const close = errorRow(code).close ?? 1011
    this.#needs.stats.closes[close] = (this.#needs.stats.closes[close] ?? 0) + 1
    session.send(byeFrame(code, detail, Math.floor(this.#needs.random() * this.#needs.settings.clientReturnSpreadMs)))
    session.end(close, code)
  }

  /** What is wrong with a client's frame ends its connection. */
  #guard(session: Session, act: () => void): void {
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

  #obey(session: WsSession, text: string): void {
    if (session.state === 'verifying') {
      session.early = [...(session.early ?? []), text]
      return
    }
    const frame = readClientFrame(text)
    if ((frame.type === 'hello') !== (session.state === 'hello'))
      throw new QwError('QW_FRAME_INVALID', { reason: frame.type === 'hello' ? 'a second hello' : 'hello comes first' })
    if (frame.type === 'hello') this.#hello(session, frame.token)
    else if (frame.type === 'subscribe') this.#subscribeAll(session, frame.topics, frame.epoch)
    else if (frame.type === 'unsubscribe') for (const topic of frame.topics) this.#unsubscribe(session, topic)
    else if (frame.t === session.pingOpen) session.pingOpen = undefined
  }

  #hello(session: WsSession, token: string | undefined): void {
    const { tokenSecret, anonymousRole } = this.#needs.settings
    if (token === undefined) {
      if (anonymousRole === undefined) throw new QwError('QW_TOKEN_INVALID')
      this.#admit(session, this.#anonymous)
      return
    }
    if (tokenSecret === undefined) throw new QwError('QW_TOKEN_INVALID')
    session.state = 'verifying'
    verifyToken(tokenSecret, token).then(
      (grant) => this.#verified(session, grant),
      () => this.bye(session, 'QW_TOKEN_INVALID'),
    )
  }

  #verified(session: WsSession, grant: Grant): void {
    if (!session.open) return
    session.state = 'hello'
    const early = session.early ?? []
    session.early = undefined
    this.#guard(session, () => {
      this.#admit(session, grant)
      for (const text of early) if (session.open) this.#obey(session, text)
    })
  }

  #admit(session: WsSession, grant: Grant): void {
    const { lane, criticalAddress } = this.#needs.settings
    const critical = grant.role === 'wall' || grant.role === 'trigger'
    if (lane === 'critical' && !critical)
      throw new QwError('QW_NOT_ALLOWED', { reason: 'the critical lane is for walls and triggers' })
    // Whoever needs no token to be a wall may be one where it knocks; a token is made for its lane.
    const isAnonymous = grant === this.#anonymous
    if (lane === 'common' && critical && !isAnonymous && criticalAddress !== false)
      throw new QwError('QW_NOT_ALLOWED', {
        reason: `walls and triggers connect to ${criticalAddress}`,
        address: criticalAddress,
      })
    const welcome = this.#needs.welcome(grant)
    if (welcome === undefined) throw new QwError('QW_CORE_AWAY')
    session.grant = grant
    session.state = 'ready'
    session.send(welcome)
    this.#needs.onAdmitted(session)
  }

  /** A cursor of another history says nothing here: who holds one is given a snapshot. */
  #subscribeAll(session: Session, requests: readonly TopicRequest[], epoch: string | undefined): void {
    const isOurs = epoch === undefined || epoch === this.#needs.epoch()
    for (const { topic, figures, since } of requests)
      this.#subscribe(session, { topic, figures, ...(isOurs && since !== undefined && { since }) })
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
