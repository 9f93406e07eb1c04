/**
 * Brings a subscription to the present: from the ring, from the record by way of the core, or by a snapshot; then hands
 * it to a cohort.
 *
 * Each subscription has a cursor: everything of its topic with n <= cursor was sent. Whatever happens meanwhile, the next
 * step is read off the cursor: below the ring's floor ask the core, inside the ring send what follows, at its head join
 * a cohort, beyond it wait. So an answer that arrives late, early or twice can neither leave a hole nor repeat anything.
 */
import type { ErrorCode } from '../core/errors.js'
import type { N } from '../core/names.js'
import { Asks, type AsksSettings } from './asks.js'
import { deliver, framesPerTurn, type Publisher, previousOn } from './channel.js'
import { errorFrame, framedSnapshot, resumedFrame, subscribedFrame } from './frames.js'
import type { Need } from './need.js'
import { passes, type Ring } from './ring.js'
import type { Progress, Pump, Session, Subscription } from './session.js'
import { SnapshotCache, type SnapshotCacheSettings } from './snapshot-cache.js'
import type { EncodedSnapshot, Frame } from './wire.js'

export interface CatchUpSettings extends AsksSettings, SnapshotCacheSettings {}

export interface CatchUpNeeds {
  readonly ring: Ring
  readonly publisher: Publisher
  readonly send: (need: Need) => void
  readonly nowMs: () => number
  /** Removes a subscription that cannot be served. */
  readonly end: (subscription: Subscription) => void
  /** Ends the connection. */
  readonly bye: (session: Session, code: ErrorCode) => void
  /** The last subscription that made up for a gap of ours is done. */
  readonly onResynced: () => void
}

/** Rounds with the core that did not reach the present, because too much happened meanwhile. */
const asksMax = 8

const onRing: Progress = { kind: 'ring' }
const asked: Progress = { kind: 'asked' }
const idle: Progress = { kind: 'idle' }
const ended: Progress = { kind: 'ended' }

/** A client that reads slowly is given more only when it has read what there was. */
const hasRoom = (session: Session): boolean => session.open && !session.full

export class CatchUp implements Pump {
  /** Counts the connections to the core; a cursor beyond the ring's head is believed only in the same one. */
  coreLife = 0
  /** Subscriptions that still make up for a gap that was ours. */
  resyncing = 0
  readonly #needs: CatchUpNeeds
  readonly #asks: Asks
  readonly #snapshots: SnapshotCache
  /** Sessions with a cursor beyond the ring's head. */
  readonly #ahead = new Set<Session>()

  constructor(settings: CatchUpSettings, needs: CatchUpNeeds) {
    this.#needs = needs
    this.#asks = new Asks(settings, needs.send)
    this.#snapshots = new SnapshotCache(settings)
  }

  /** It is on its way from now on; `serveSoon` or `queue` takes it there. */
  begin({ session }: Subscription): void {
    session.catching += 1
  }

  /** The next transition for one who is in no cohort: between its cursor and this there is none of the topic. */
  arrived(subscription: Subscription, { n }: Frame): void {
    if (subscription.progress.kind === 'idle') this.goOnAlone(subscription, (n - 1) as N, subscription.sentN)
  }

  /** A live subscription goes on from `cursor` by itself, until it stands at the present again. */
  goOnAlone(subscription: Subscription, cursor: N, sentN: N): void {
    subscription.cursor = cursor
    subscription.sentN = Math.max(sentN, subscription.sentN) as N
    subscription.progress = onRing
    this.begin(subscription)
    this.queue(subscription.session)
  }

  /** A live subscription missed something through no fault of its own: it goes on from `cursor`. */
  resync(subscription: Subscription, cursor: N, sentN: N): void {
    if (!subscription.resyncing) this.resyncing += 1
    subscription.resyncing = true
    this.goOnAlone(subscription, cursor, sentN)
  }

  forget(subscription: Subscription): void {
    this.#settled(subscription)
    this.#asks.forget(subscription)
    const { kind } = subscription.progress
    if (kind !== 'live' && kind !== 'idle') subscription.session.catching -= 1
    subscription.channel.apart?.delete(subscription)
    subscription.progress = ended
  }

  queue(session: Session): void {
    this.#needs.publisher.turns.add(session, 'catching')
  }

  /** What can be sent at once leaves in one write with what the client was told just before. */
  serveSoon(session: Session): void {
    if (session.open && session.catching > 0) this.#needs.publisher.turns.soon(session, 'catching')
  }

  /** The ring's head or floor moved. */
  advanced(): void {
    for (const session of this.#ahead) this.queue(session)
    this.#ahead.clear()
  }

  /** The core stands on another history: nothing that was read of the one before may be shown. */
  otherHistory(): void {
    this.#snapshots.clear()
  }

  /** The core is back: what was asked of the one before is asked again. */
  reconnected(): void {
    this.#asks.sendAgain()
    this.advanced()
  }

  expire(nowMs: number): void {
    for (const subscription of this.#asks.expired(nowMs)) this.#refuse(subscription, 'QW_CORE_AWAY')
  }

  snapshotArrived(encoded: EncodedSnapshot): void {
    const snapshot = framedSnapshot(encoded)
    this.#needs.publisher.stats.snapshotFrames += snapshot.frames.length
    this.#snapshots.put(snapshot, this.#needs.nowMs())
    for (const subscription of this.#asks.answered({ kind: 'snapshot', topic: snapshot.topic }))
      this.#goOn(subscription, { kind: 'snapshot', snapshot, part: 0 })
  }

  recordArrived(topic: string, since: N, upTo: N, frames: readonly Frame[]): void {
    for (const subscription of this.#asks.answered({ kind: 'catchUp', topic, since })) {
      const own = frames.filter((frame) => passes(frame, subscription.channel.topic))
      this.#goOn(subscription, { kind: 'record', frames: own, upTo, index: 0 })
    }
  }

  /** The core cannot resume from there (then a snapshot follows), knows no such topic, or failed. */
  refused(need: Need, code: ErrorCode | undefined): void {
    for (const subscription of this.#asks.answered(need)) {
      if (code) this.#refuse(subscription, code)
      else this.#goOn(subscription, { kind: 'start', since: undefined })
    }
  }

  /** Serves one client for one turn; returns the frames it was sent. */
  pump(session: Session): number {
    let sent = 0
    session.cork(() => {
      for (const subscription of session.subscriptions) sent += this.#pumpOne(subscription, framesPerTurn - sent)
    })
    if (session.farewell) this.#needs.bye(session, session.farewell.code)
    if (sent >= framesPerTurn && session.open) this.queue(session)
    return sent
  }

  #pumpOne(subscription: Subscription, budget: number): number {
    let sent = 0
    while (sent < budget && hasRoom(subscription.session)) {
      const step = this.#step(subscription, budget - sent)
      if (step === 'waits') break
      sent += step
    }
    return sent
  }

  #step(subscription: Subscription, budget: number): number | 'waits' {
    const { progress } = subscription
    switch (progress.kind) {
      case 'start':
        return this.#start(subscription, progress.since)
      case 'snapshot':
        return this.#sendPart(subscription, progress)
      case 'record':
        return this.#sendRecorded(subscription, progress)
      case 'ring':
        return this.#sendFromRing(subscription, budget)
      case 'asked':
      case 'live':
      case 'idle':
      case 'ended':
        return 'waits'
    }
  }

  #start(subscription: Subscription, since: N | undefined): number | 'waits' {
    const { ring, publisher } = this.#needs
    if (since === undefined) return this.#snapshot(subscription)
    subscription.cursor = since
    subscription.sentN = since
    if (since < ring.floor || since > ring.head) return this.#askRecord(subscription, since)
    subscription.progress = onRing
    if (!subscription.announced) publisher.stats.resumes.ring += 1
    this.#announce(subscription, true, since)
    return 1
  }

  #snapshot(subscription: Subscription): number | 'waits' {
    const { ring, nowMs } = this.#needs
    const topic = subscription.channel.topic.name
    const snapshot = this.#snapshots.get(topic, ring.floor, nowMs())
    if (!snapshot) return this.#ask({ kind: 'snapshot', topic }, subscription)
    subscription.progress = { kind: 'snapshot', snapshot, part: 0 }
    return 0
  }

  #askRecord(subscription: Subscription, since: N): 'waits' {
    return this.#ask({ kind: 'catchUp', topic: subscription.channel.topic.base, since }, subscription)
  }

  #ask(need: Need, subscription: Subscription): 'waits' {
    subscription.asks += 1
    if (subscription.asks > asksMax) {
      subscription.session.farewell = { code: 'QW_TOO_SLOW', detail: {} }
      return 'waits'
    }
    subscription.progress = asked
    if (!this.#asks.ask(need, subscription, this.#needs.nowMs())) this.#refuse(subscription, 'QW_OVERLOADED')
    return 'waits'
  }

  #goOn(subscription: Subscription, progress: Progress): void {
    if (subscription.progress.kind !== 'asked') return
    subscription.coreLife = this.coreLife
    subscription.progress = progress
    this.queue(subscription.session)
  }

  #sendPart(subscription: Subscription, progress: Progress & { kind: 'snapshot' }): number {
    const { snapshot, part } = progress
    const { session } = subscription
    const { stats } = this.#needs.publisher
    if (part === 0) {
      stats.resumes.reload += 1
      this.#announce(subscription, false, snapshot.n)
    }
    const frame = snapshot.frames[part]
    const isLast = part + 1 >= snapshot.frames.length
    if (frame) {
      stats.publications += 1
      if (isLast) session.send(frame, snapshot.topic, snapshot.n)
      else session.send(frame)
    }
    progress.part += 1
    if (isLast) {
      subscription.cursor = snapshot.n
      subscription.sentN = snapshot.n
      subscription.progress = onRing
    }
    return 1
  }

  #sendRecorded(subscription: Subscription, progress: Progress & { kind: 'record' }): number {
    const { frames, upTo, index } = progress
    if (index === 0) {
      if (!subscription.announced) this.#needs.publisher.stats.resumes.record += 1
      this.#announce(subscription, true, frames.at(-1)?.n ?? subscription.cursor)
    }
    const frame = frames[index]
    if (frame) this.#sendTransition(subscription, frame)
    progress.index += 1
    if (progress.index >= frames.length) {
      subscription.cursor = upTo
      subscription.progress = onRing
    }
    return 1
  }

  #sendFromRing(subscription: Subscription, budget: number): number | 'waits' {
    const { ring } = this.#needs
    const { cursor, channel, session } = subscription
    if (cursor > ring.head && subscription.coreLife === this.coreLife) {
      this.#ahead.add(session)
      return 'waits'
    }
    if (cursor < ring.floor || cursor > ring.head) return this.#askRecord(subscription, cursor)
    let sent = 0
    const frames = ring.read(channel.topic, cursor, budget)
    for (const frame of frames) {
      if (!hasRoom(session)) return sent
      this.#sendTransition(subscription, frame)
      subscription.cursor = frame.n
      sent += 1
    }
    if (frames.length < budget) this.#join(subscription)
    return sent
  }

  #join(subscription: Subscription): void {
    const { session, channel } = subscription
    subscription.cursor = this.#needs.ring.head
    if (session.apart) {
      channel.apart ??= new Set()
      channel.apart.add(subscription)
      subscription.progress = idle
    } else subscription.progress = channel.join(subscription).live
    subscription.asks = 0
    session.catching -= 1
    this.#settled(subscription)
  }

  #settled(subscription: Subscription): void {
    if (!subscription.resyncing) return
    subscription.resyncing = false
    this.resyncing -= 1
    if (this.resyncing === 0) this.#needs.onResynced()
  }

  #sendTransition(subscription: Subscription, frame: Frame): void {
    const { session, channel, sentN } = subscription
    const { publisher } = this.#needs
    publisher.stats.publications += 1
    const { topic } = channel
    const bytes = resumedFrame(topic.name, previousOn(topic, frame, sentN), frame)
    deliver(session, { bytes, topic: topic.name, n: frame.n }, publisher)
    subscription.sentN = frame.n
  }

  /** Said at the first answer, and again when a client that was told it would be resumed has to reload after all. */
  #announce(subscription: Subscription, resumed: boolean, atLeast: N): void {
    if (subscription.announced && resumed) return
    subscription.announced = true
    const { topic } = subscription.channel
    const head = Math.max(this.#needs.ring.lastOf(topic) ?? 0, atLeast) as N
    subscription.session.send(subscribedFrame(topic.name, head, resumed))
  }

  #refuse(subscription: Subscription, code: ErrorCode): void {
    const { topic } = subscription.channel
    subscription.session.send(errorFrame(code, { topic: topic.name, queue: 'coreRequests' }, topic.name))
    this.#needs.end(subscription)
  }
}
