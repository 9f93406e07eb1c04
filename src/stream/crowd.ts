/**
 * Everybody who is connected to this process: the clients that have not said hello, and those that were let in, spread
 * over a wheel so that no ping and no piece of news goes to all of them in one turn.
 */
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

  /** How often `turn` is to be called. */
  get turnEveryMs(): number {
    return this.#wheel.tickMs
  }

  came(session: WsSession): void {
    this.#silent.add(session)
    this.size += 1
  }

  admitted(session: Session): void {
    this.#silent.delete(session as WsSession)
    session.heartbeatSlot = this.#wheel.add(session)
  }

  left(session: Session): void {
    session.heartbeatSlot?.delete(session)
    this.#silent.delete(session as WsSession)
    this.size -= 1
  }

  /** Those whose heartbeat is due now. */
  turn(): readonly Session[] {
    return this.#wheel.turn()
  }

  /** Those who should have said hello by now. */
  late(nowMs: number): WsSession[] {
    const late: WsSession[] = []
    for (const session of this.#silent) {
      if (nowMs - session.openedAtMs < this.#settings.helloWaitMs) break
      late.push(session)
    }
    return late
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
