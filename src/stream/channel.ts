/**
 * A topic that somebody here listens to: its transitions, published cohort by cohort from the ring, and its figures, of
 * which only the latest counts.
 */
import type { N } from '../core/names.js'
import { type Cohort, Cohorts, type Server } from './cohort.js'
import type { PushStats } from './counters.js'
import { liveFrame } from './frames.js'
import { passes, type Ring } from './ring.js'
import type { TopicName } from './topics.js'
import type { Turns } from './turns.js'
import type { Frame } from './wire.js'

/** A client, as far as a channel needs it. */
export interface Listener {
  send(frame: string | Buffer, topic?: string, n?: N): void
  owe(bytes: number): boolean
  join(cohort: string): void
  leave(cohort: string): void
}

/** A client's subscription, as far as a channel needs it. */
export interface Follower {
  readonly session: Listener
}

export interface Publisher {
  publish(cohort: string, frame: string | Buffer): void
  readonly turns: Turns
  readonly stats: PushStats
  readonly cohortSubscribersMax: number
  /** Whether this delivery is to be left out: `faultDropRatio`. Undefined when none is, which is always in service. */
  readonly fault: (() => boolean) | undefined
  readonly nowUs: () => number
}

/** What a channel cannot do for its followers itself. */
export interface Care<F extends Follower> {
  /** Transitions left the ring before this cohort had them; its members must ask the core. */
  onOvertaken(cohort: Cohort<F>): void
  /** The client owes us too much reading to stay in a cohort. */
  onFull(session: F['session']): void
  /** `frame` is the next of its topic for one who is in no cohort. */
  onArrived(follower: F, frame: Frame): void
}

/**
 * Frames of one cohort in one turn. The socket library gathers at most 32 messages per subscriber into one write
 * (uWebSockets TopicTree.h), so more would not be cheaper.
 */
export const framesPerTurn = 32
/** Bytes of the same, as far as single frames allow: what the socket library writes at once (uSockets' cork buffer). */
const bytesPerTurn = 16 * 1024

export class Channel<F extends Follower> implements Server<F> {
  readonly topic: TopicName
  readonly cohorts: Cohorts<F>
  /** The next channel of the same base topic, with another filter. */
  sibling: Channel<F> | undefined
  /** Subscriptions that name it, live or not. */
  subscribers = 0
  figures: LatestChannel<F['session']> | undefined
  /** Followers that are in no cohort. */
  apart: Set<F> | undefined
  readonly #publisher: Publisher
  readonly #ring: Ring
  readonly #care: Care<F>

  constructor(topic: TopicName, ring: Ring, publisher: Publisher, care: Care<F>) {
    this.topic = topic
    this.#ring = ring
    this.#publisher = publisher
    this.#care = care
    this.cohorts = new Cohorts(topic.name, publisher.cohortSubscribersMax, this)
  }

  /** A transition that carries the topic's base came into the ring. */
  arrived(frame: Frame): void {
    if (!passes(frame, this.topic)) return
    if (this.apart) for (const follower of this.apart) this.#care.onArrived(follower, frame)
    for (const cohort of this.cohorts.rotated()) {
      if (!cohort.pending) {
        cohort.pending = true
        cohort.cursor = (frame.n - 1) as N
      }
      this.#enqueue(cohort)
    }
  }

  /** Takes a client that has everything up to the ring's head. What its cohort still owes the others goes out before. */
  join(follower: F): Cohort<F> {
    const cohort = this.cohorts.choose()
    while (cohort.pending) this.serve(cohort)
    this.cohorts.add(cohort, follower)
    follower.session.join(cohort.name)
    return cohort
  }

  leave(follower: F, cohort: Cohort<F>): void {
    this.cohorts.remove(cohort, follower)
    follower.session.leave(cohort.name)
  }

  serve(cohort: Cohort<F>): number {
    if (!cohort.pending) return 0
    if (cohort.cursor < this.#ring.floor) {
      this.#care.onOvertaken(cohort)
      return 0
    }
    const frames = this.#ring.read(this.topic, cohort.cursor, framesPerTurn)
    let bytes = 0
    let published = 0
    for (const frame of frames) {
      if (bytes >= bytesPerTurn) break
      bytes += this.#publish(cohort, frame)
      published += 1
    }
    cohort.pending = published < frames.length || frames.length === framesPerTurn
    if (cohort.pending) {
      cohort.cursor = cohort.sentN
      this.#enqueue(cohort)
    }
    const deliveries = published * cohort.members.size
    this.#charge(cohort, bytes)
    return deliveries
  }

  #enqueue(cohort: Cohort<F>): void {
    this.#publisher.turns.add(cohort, this.cohorts.wide ? 'wide' : 'narrow')
  }

  /** Returns how many bytes each member was sent by the library. */
  #publish(cohort: Cohort<F>, frame: Frame): number {
    const { publish, stats, fault, nowUs } = this.#publisher
    const bytes = liveFrame(this.topic.name, previousOn(this.topic, frame, cohort.sentN), frame, nowUs)
    cohort.sentN = frame.n
    stats.publications += 1
    if (fault) {
      const addressed = { bytes, topic: this.topic.name, n: frame.n }
      for (const { session } of cohort.members) deliver(session, addressed, this.#publisher)
      return 0
    }
    stats.deliveries += cohort.members.size
    publish(cohort.name, bytes)
    return bytes.length
  }

  /** Every member owes us the reading of what was published. */
  #charge(cohort: Cohort<F>, bytes: number): void {
    for (const { session } of cohort.members) if (session.owe(bytes)) this.#care.onFull(session)
  }
}

/** Sends a transition to one client, unless a fault is wanted. */
export function deliver(session: Listener, frame: Addressed, publisher: Publisher): void {
  const { stats, fault } = publisher
  if (fault?.()) {
    stats.faults += 1
    return
  }
  stats.deliveries += 1
  session.send(frame.bytes, frame.topic, frame.n)
}

export interface Addressed {
  readonly bytes: Buffer
  readonly topic: string
  readonly n: N
}

/** `p` of a frame: the record knows it for a topic, the one who sends knows it for a filtered one. */
export const previousOn = (topic: TopicName, frame: Frame, sentN: N): N =>
  topic.colourBit === 0 ? (frame.topics.find((link) => link.topic === topic.base)?.p ?? sentN) : sentN

/** Frames of which only the latest counts: figures. */
export class LatestChannel<L extends Listener> implements Server<L> {
  latest: string | undefined
  readonly #cohorts: Cohorts<L>
  readonly #publisher: Publisher

  constructor(name: string, publisher: Publisher) {
    this.#publisher = publisher
    this.#cohorts = new Cohorts(name, publisher.cohortSubscribersMax, this)
  }

  get size(): number {
    return this.#cohorts.size
  }

  set(frame: string): void {
    this.latest = frame
    for (const cohort of this.#cohorts.rotated()) {
      cohort.pending = true
      this.#publisher.turns.add(cohort, this.#cohorts.wide ? 'wide' : 'narrow')
    }
  }

  join(session: L): Cohort<L> {
    const cohort = this.#cohorts.choose()
    this.serve(cohort)
    this.#cohorts.add(cohort, session)
    session.join(cohort.name)
    return cohort
  }

  leave(session: L, cohort: Cohort<L>): void {
    this.#cohorts.remove(cohort, session)
    session.leave(cohort.name)
  }

  serve(cohort: Cohort<L>): number {
    if (!cohort.pending || this.latest === undefined) return 0
    cohort.pending = false
    this.#publisher.stats.publications += 1
    this.#publisher.publish(cohort.name, this.latest)
    for (const session of cohort.members) session.owe(this.latest.length)
    return cohort.members.size
  }
}
