/**
 * The topics that somebody here listens to, and who listens for figures.
 */
import type { N } from '../core/names.js'
import type { CatchUp } from './catch-up.js'
import { Channel, LatestChannel, type Publisher } from './channel.js'
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

export class Directory {
  readonly #needs: DirectoryNeeds
  readonly #catchUp: CatchUp
  /** Base topic -> name with filter -> channel. */
  readonly #channels = new Map<string, Map<string, Channel<Subscription>>>()
  /** Base topic -> subscriptions that want figures. */
  readonly #interest = new Map<string, number>()

  constructor(needs: DirectoryNeeds, catchUp: CatchUp) {
    this.#needs = needs
    this.#catchUp = catchUp
  }

  /** The channel of a topic, for one more subscription. */
  open(topic: TopicName): Channel<Subscription> {
    const { ring, publisher } = this.#needs
    const family = this.#channels.get(topic.base) ?? new Map<string, Channel<Subscription>>()
    this.#channels.set(topic.base, family)
    const channel =
      family.get(topic.name) ??
      new Channel<Subscription>(topic, ring, publisher, (cohort) => this.#resync(cohort, cohort.cursor))
    family.set(topic.name, channel)
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
    session.subscriptions.delete(channel.topic.name)
    this.#needs.publisher.stats.subscriptions -= 1
    channel.subscribers -= 1
    if (channel.subscribers > 0) return
    const family = this.#channels.get(channel.topic.base)
    family?.delete(channel.topic.name)
    if (family?.size === 0) this.#channels.delete(channel.topic.base)
  }

  /** A transition came into the ring. */
  arrived(frame: Frame): void {
    for (const { topic } of frame.topics)
      for (const channel of this.#channels.get(topic)?.values() ?? []) channel.arrived(frame)
  }

  /** The ring is about to begin anew: what was not published of it is lost here, and everybody is brought up again. */
  resyncAll(): void {
    for (const family of this.#channels.values())
      for (const channel of family.values())
        for (const cohort of channel.cohorts.rotated())
          this.#resync(cohort, cohort.pending ? cohort.cursor : this.#needs.ring.head)
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
    for (const channel of this.#channels.get(base)?.values() ?? [])
      channel.figures?.set(figuresFrame(channel.topic.name, values))
  }

  interest(): string[] {
    return [...this.#interest.keys()]
  }

  #leaveFigures({ channel, session, figures }: Subscription): void {
    if (!figures) return
    figures.channel.leave(session, figures.cohort)
    // What was the latest is old when the next one comes to listen.
    if (figures.channel.size === 0) channel.figures = undefined
    const { base } = channel.topic
    const wanted = (this.#interest.get(base) ?? 1) - 1
    if (wanted > 0) this.#interest.set(base, wanted)
    else if (this.#interest.delete(base)) this.#needs.onInterest(base, false)
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
