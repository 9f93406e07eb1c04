/**
 * Where a client that has shown who it is comes in: the right lane, its place in the queue, and its welcome.
 */
import { QwError } from '../core/errors.js'
import { Admission, type AdmissionSettings } from './admission.js'
import type { Crowd } from './crowd.js'
import { waitFrame } from './frames.js'
import type { Session } from './session.js'
import type { Grant } from './token.js'

export interface DoorSettings extends AdmissionSettings {
  readonly lane: 'critical' | 'common'
  /** On the common lane: where walls and triggers are sent, as `ws://host:port/v1/stream`; false lets them stay. */
  readonly criticalAddress: string | false
}

export interface DoorNeeds {
  readonly settings: DoorSettings
  readonly crowd: Crowd
  readonly monotonicMs: () => number
  readonly random: () => number
  /** How late live frames were since this was last asked. */
  readonly lateMs: () => number
  /** The core has been heard: there is something to be welcome to. */
  readonly isOpen: () => boolean
  /** A client is let in: it is to be told so, and served. */
  readonly onAdmitted: (session: Session, grant: Grant) => void
}

const turnEveryMs = 10
/** Who is sent away comes back within so much more than the wait that it was told, so that not all come at once again. */
const returnJitter = 0.5

export class Door {
  readonly #needs: DoorNeeds
  readonly #admission: Admission<Session>
  #timer: NodeJS.Timeout | undefined
  #dueAtMs = 0

  constructor(needs: DoorNeeds) {
    this.#needs = needs
    this.#admission = new Admission(needs.settings)
  }

  /** @throws QwError when the client cannot be served here, or not now. */
  enter(session: Session, grant: Grant): void {
    this.#checkLane(grant)
    if (!this.#needs.isOpen()) throw new QwError('QW_CORE_AWAY')
    session.grant = grant
    this.#needs.crowd.greeted(session)
    const verdict = this.#admission.enter(session, this.#needs.monotonicMs())
    if (verdict.kind === 'now') this.#admit(session)
    else if (verdict.kind === 'waits') this.#wait(session, verdict.afterMs)
    else {
      const afterMs = Math.ceil(verdict.afterMs * (1 + this.#needs.random() * returnJitter))
      throw new QwError('QW_BUSY', { afterMs })
    }
  }

  leave(session: Session): void {
    this.#admission.leave(session)
  }

  /** Those who wait to be let in. */
  get waiting(): ReadonlySet<Session> {
    return this.#admission.waiting
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #checkLane(grant: Grant): void {
    const { lane, criticalAddress } = this.#needs.settings
    const critical = grant.role === 'wall' || grant.role === 'trigger'
    if (lane === 'critical' && !critical)
      throw new QwError('QW_NOT_ALLOWED', { reason: 'the critical lane is for walls and triggers' })
    // Whoever needs no token to be a wall may be one where it knocks; a token is made for its lane.
    const isAnonymous = grant.untilMs === Number.POSITIVE_INFINITY
    if (lane === 'common' && critical && !isAnonymous && criticalAddress !== false)
      throw new QwError('QW_NOT_ALLOWED', {
        reason: `walls and triggers connect to ${criticalAddress}`,
        address: criticalAddress,
      })
  }

  #wait(session: Session, afterMs: number): void {
    session.state = 'waiting'
    session.send(waitFrame(afterMs))
    this.#timer ??= this.#later()
  }

  #later(): NodeJS.Timeout {
    this.#dueAtMs = this.#needs.monotonicMs() + turnEveryMs
    return setTimeout(() => this.#turn(), turnEveryMs)
  }

  /** A loop that comes late to its own timer would come late to a live frame. */
  #turn(): void {
    const nowMs = this.#needs.monotonicMs()
    const lateMs = Math.max(this.#needs.lateMs(), nowMs - this.#dueAtMs)
    for (const session of this.#admission.turn(nowMs, lateMs)) if (session.open) this.#admit(session)
    this.#timer = this.#admission.waiting.size > 0 ? this.#later() : undefined
  }

  #admit(session: Session): void {
    if (session.grant === undefined) return
    session.state = 'ready'
    this.#needs.onAdmitted(session, session.grant)
  }
}
