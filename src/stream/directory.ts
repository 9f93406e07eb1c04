/**
 * The topics that somebody here listens to, and who listens for figures.
 */
import type { N } from '../core/names.js'
import type { CatchUp } from './catch-up.js'
import { type Care, Channel, LatestChannel, type Publisher } from './channel.js'
import type { Cohort } from './cohort.js'
import { figuresFrame } from './frames.js'
import type { Ring } from './ring.js'
import type { Session, Subscription } from './session.js'
import type { TopicName } from './topics.js'
import type { Frame } from './wire.js'

export interface DirectoryNeeds {
  readonly ring: Ring
  readonly publisher: Publisher
  /** A base topic gained its first listener for figures, or lost its last. */
  readonly onInterest: (base: string, wanted: boolean) => void
}

export class Directory implements Care<Subscription> {
  readonly #needs: DirectoryNeeds
  readonly #catchUp: CatchUp
  /** Base topic -> its channels, each with another filter, as a chain of siblings. */
  readonly #channels = new Map<string, Channel<Subscription>>()
  /** Base topic -> subscriptions that want figures. */
  readonly #interest = new Map<string, number>()

  constructor(needs: DirectoryNeeds, catchUp: CatchUp) {
    this.#needs = needs
    this.#catchUp = catchUp
  }

  /** The channel of a topic, for one more subscription. */
  open(topic: TopicName): Channel<Subscription> {
    const { ring, publisher } = this.#needs
    let channel = this.#family(topic.base).find((one) => one.topic.name === topic.name)
    if (!channel) {
      channel = new Channel<Subscription>(topic, ring, publisher, this)
      channel.sibling = this.#channels.get(topic.base)
      this.#channels.set(topic.base, channel)
    }
    channel.subscribers += 1
    publisher.stats.subscriptions += 1
    return channel
  }

  /** Ends a subscription, wherever it stands. */
  close(subscription: Subscription): void {
    const { channel, progress, session } = subscription
    if (progress.kind === 'live') channel.leave(subscription, progress.cohort)
    this.#catchUp.forget(subscription)
    this.#leaveFigures(subscription)
    session.subscriptions = session.subscriptions.filter((one) => one !== subscription)
    this.#needs.publisher.stats.subscriptions -= 1
    channel.subscribers -= 1
    if (channel.subscribers === 0) this.#remove(channel)
  }

  /** A transition came into the ring. */
  arrived(frame: Frame): void {
    for (const { topic } of frame.topics)
      for (let channel = this.#channels.get(topic); channel; channel = channel.sibling) channel.arrived(frame)
  }

  /** The ring is about to begin anew: what was not published of it is lost here, and everybody is brought up again. */
  resyncAll(): void {
    for (const base of this.#channels.keys()) for (const channel of this.#family(base)) this.#resyncChannel(channel)
  }

  onArrived(subscription: Subscription, frame: Frame): void {
    this.#catchUp.arrived(subscription, frame)
  }

  onOvertaken(cohort: Cohort<Subscription>): void {
    this.#resync(cohort, cohort.cursor)
  }

  /** Leaves its cohorts and goes on from where they stood, at the pace at which it reads. */
  onFull(session: Session): void {
    for (const subscription of session.subscriptions) {
      const { channel, progress } = subscription
      if (progress.kind !== 'live') continue
      const cursor = this.#cursorOf(progress.cohort)
      channel.leave(subscription, progress.cohort)
      this.#catchUp.goOnAlone(subscription, cursor, progress.cohort.sentN)
    }
  }

  joinFigures(subscription: Subscription): void {
    const { channel, session } = subscription
    channel.figures ??= new LatestChannel<Session>(`${channel.topic.name}!figures`, this.#needs.publisher)
    subscription.figures = channel.figures.join(session)
    if (channel.figures.latest !== undefined) session.send(channel.figures.latest)
    const { base } = channel.topic
    const wanted = this.#interest.get(base) ?? 0
    this.#interest.set(base, wanted + 1)
    if (wanted === 0) this.#needs.onInterest(base, true)
  }

  /** `values` is JSON already. */
  figures(base: string, values: string): void {
    for (const { topic, figures } of this.#family(base)) figures?.set(figuresFrame(topic.name, values))
  }

  interest(): string[] {
    return [...this.#interest.keys()]
  }

  #family(base: string): Channel<Subscription>[] {
    const family: Channel<Subscription>[] = []
    for (let channel = this.#channels.get(base); channel; channel = channel.sibling) family.push(channel)
    return family
  }

  #remove(channel: Channel<Subscription>): void {
    const { base } = channel.topic
    const before = this.#family(base).find(({ sibling }) => sibling === channel)
    if (before) before.sibling = channel.sibling
    else if (channel.sibling) this.#channels.set(base, channel.sibling)
    else this.#channels.delete(base)
  }

  #leaveFigures({ channel, session, figures }: Subscription): void {
    if (!figures || !channel.figures) return
    channel.figures.leave(session, figures)
    // What was the latest is old when the next one comes to listen.
    if (channel.figures.size === 0) channel.figures = undefined
    const { base } = channel.topic
    const wanted = (this.#interest.get(base) ?? 1) - 1
    if (wanted > 0) this.#interest.set(base, wanted)
    else if (this.#interest.delete(base)) this.#needs.onInterest(base, false)
  }

  #cursorOf(cohort: Cohort<Subscription>): N {
    return cohort.pending ? cohort.cursor : this.#needs.ring.head
  }

  #resyncChannel(channel: Channel<Subscription>): void {
    for (const cohort of channel.cohorts.rotated()) this.#resync(cohort, this.#cursorOf(cohort))
    for (const subscription of channel.apart ?? [])
      if (subscription.progress.kind === 'idle')
        this.#catchUp.resync(subscription, this.#needs.ring.head, subscription.sentN)
  }

  #resync(cohort: Cohort<Subscription>, cursor: N): void {
    const { sentN } = cohort
    for (const subscription of [...cohort.members]) {
      subscription.channel.leave(subscription, cohort)
      this.#catchUp.resync(subscription, cursor, sentN)
    }
    cohort.pending = false
  }
}
