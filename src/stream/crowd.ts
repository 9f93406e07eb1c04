/**
 * Everybody who is connected to this process: the clients that have not said hello, and those that were let in, spread
 * over a wheel so that no ping and no piece of news goes to all of them in one turn.
 */
import type { ErrorCode } from '../core/errors.js'
import type { N } from '../core/names.js'
import { Wheel } from './heartbeat.js'
import type { Session } from './session.js'
import type { Job, Turns } from './turns.js'
import type { WsSession } from './ws-session.js'

export interface CrowdSettings {
  readonly heartbeatMs: number
  readonly helloWaitMs: number
  readonly cohortSubscribersMax: number
}

export class Crowd {
  size = 0
  readonly #settings: CrowdSettings
  readonly #turns: Turns
  /** Clients that have not said hello, the oldest first. */
  readonly #silent = new Set<WsSession>()
  readonly #wheel: Wheel<Session>
  #news: News | undefined

  constructor(settings: CrowdSettings, turns: Turns) {
    this.#settings = settings
    this.#turns = turns
    this.#wheel = new Wheel(settings.heartbeatMs)
  }

  /** How often `beat` is to be called. */
  get turnEveryMs(): number {
    return this.#wheel.tickMs
  }

  came(): void {
    this.size += 1
  }

  /** It has to say hello by itself. */
  isSilent(session: WsSession): void {
    this.#silent.add(session)
  }

  /** It has said hello; whoever lets it wait knows where it is. */
  greeted(session: Session): void {
    this.#silent.delete(session as WsSession)
  }

  admitted(session: Session): void {
    session.heartbeatSlot = this.#wheel.add(session)
  }

  left(session: Session): void {
    session.heartbeatSlot?.delete(session)
    this.#silent.delete(session as WsSession)
    this.size -= 1
  }

  /** Gives those their heartbeat whose turn it is; returns who is to be sent away, and why. */
  beat(nowMs: number): [Session, ErrorCode][] {
    const away: [Session, ErrorCode][] = []
    for (const session of this.#wheel.turn()) {
      session.topicsAsked = 0
      const reason = reasonToEnd(session)
      if (reason === undefined) session.beat(nowMs, () => headsOf(session))
      else away.push([session, reason])
    }
    for (const session of this.#silent) {
      if (nowMs - session.openedAtMs < this.#settings.helloWaitMs) break
      away.push([session, 'QW_HELLO_LATE'])
    }
    return away
  }

  everybody(): Session[] {
    return [...this.#silent, ...this.#wheel.all()]
  }

  /** Sends a frame to everybody who was let in, a cohort a turn. Who is let in meanwhile may get it too. */
  tell(frame: string): void {
    if (this.#news) this.#news.over = true
    this.#news = new News(frame, this.#wheel.all(), this.#settings.cohortSubscribersMax, this.#turns)
    this.#turns.add(this.#news, 'wide')
  }
}

/** The last `n` that was sent on each topic. */
function headsOf({ subscriptions }: Session): Record<string, N> {
  const heads: Record<string, N> = {}
  for (const { channel, progress, sentN } of subscriptions) {
    const head = progress.kind === 'live' ? Math.max(progress.cohort.sentN, sentN) : sentN
    if (head > 0) heads[channel.topic.name] = head as N
  }
  return heads
}

/** Why a client's heartbeat is its last: its token ended, or it does not answer, and then whether it reads at all. */
function reasonToEnd(session: Session): ErrorCode | undefined {
  if ((session.grant?.untilMs ?? 0) <= Date.now()) return 'QW_TOKEN_INVALID'
  if (session.pingOpen === undefined) return undefined
  return session.full ? 'QW_TOO_SLOW' : 'QW_PONG_LATE'
}

/** One frame on its way round. */
class News implements Job {
  queued = false
  /** Something newer is on its way: who has not had this one needs it no more. */
  over = false
  readonly #frame: string
  readonly #rest: Iterator<Session>
  readonly #perTurn: number
  readonly #turns: Turns

  constructor(frame: string, rest: Iterable<Session>, perTurn: number, turns: Turns) {
    this.#frame = frame
    this.#rest = rest[Symbol.iterator]()
    this.#perTurn = perTurn
    this.#turns = turns
  }

  run(): number {
    if (this.over) return 0
    for (let told = 0; told < this.#perTurn; told += 1) {
      const { done, value } = this.#rest.next()
      if (done) return told
      value.send(this.#frame)
    }
    this.#turns.add(this, 'wide')
    return this.#perTurn
  }
}
