/**
 * What the push process hears from the core, and what it is without it: stale, but there.
 *
 * At each connection it names the last transition it holds. The core sends what followed, so that clients notice nothing
 * but `stale` and `fresh`; when that is too much, the ring begins anew and every subscription is brought up by itself.
 */
import { formatTime } from '../core/day.js'
import { type ErrorCode, explain } from '../core/errors.js'
import type { N, UnixMs } from '../core/names.js'
import type { CatchUp } from './catch-up.js'
import type { Publisher } from './channel.js'
import { CoreLink, type CoreLinkSettings } from './core-link.js'
import type { PushStats } from './counters.js'
import type { Directory } from './directory.js'
import type { Need } from './need.js'
import type { Ring } from './ring.js'
import { kinds, readCatchUp, readSnapshot, readTransitions } from './wire.js'

export interface Clock {
  readonly nowMs: UnixMs
  readonly kind: 'system' | 'scenario'
}

export interface FromCoreNeeds {
  readonly ring: Ring
  readonly directory: Directory
  readonly catchUp: CatchUp
  readonly publisher: Publisher
  /** Tells every client `stale` or `fresh`. */
  readonly tell: (frame: string) => void
  /** The core stands on another history than before: whoever is connected holds something else. */
  readonly onOtherHistory: () => void
  readonly random: () => number
}

interface Sync {
  /** True: transitions after the one we named follow. False: begin anew after `from`. */
  readonly resumed: boolean
  readonly from: N
  readonly clock: Clock
  readonly epoch: string
}

export class FromCore {
  readonly #needs: FromCoreNeeds
  readonly #link: CoreLink
  #clock: Clock | undefined
  #epoch: string | undefined
  #current = false
  #staleSinceMs: UnixMs | undefined
  #lateUs = 0

  constructor(settings: CoreLinkSettings, lane: string, needs: FromCoreNeeds) {
    this.#needs = needs
    this.#link = new CoreLink(
      settings,
      {
        // Before the first connection nothing is held, and the core chooses where to begin.
        onOpen: () => this.#link.send(kinds.hello, { v: 1, lane, ...this.#held() }),
        onMessage: (kind, payload) => this.#received(kind, payload),
        onRead: () => needs.publisher.turns.takeNow(),
        onLost: () => this.#lost(),
      },
      needs.random,
    )
  }

  /** The service's clock; undefined while the core has never been heard. */
  get clock(): Clock | undefined {
    if (this.#clock?.kind !== 'system') return this.#clock
    return { kind: 'system', nowMs: Date.now() as UnixMs }
  }

  /** Names the history that the core stands on; undefined while it has never been heard. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  /** The frame that a client who comes now must see; undefined while all is current. */
  get staleFrame(): string | undefined {
    if (this.#staleSinceMs === undefined) return undefined
    return JSON.stringify({ type: 'stale', since: formatTime(this.#staleSinceMs), why: explain('QW_CORE_AWAY') })
  }

  /** How late transitions reached this loop since this was last asked: from when they were judged until they were read. */
  takeLateMs(): number {
    const lateMs = this.#lateUs / 1000
    this.#lateUs = 0
    return lateMs
  }

  need(need: Need): void {
    this.#link.send(kinds.need, need)
  }

  interest(base: string, wanted: boolean): void {
    this.#link.send(kinds.interest, wanted ? { add: [base] } : { remove: [base] })
  }

  /** Once a second: what was counted, and a look whether the core still speaks. */
  tick(stats: PushStats, passedMs: number): void {
    this.#link.send(kinds.stats, stats)
    this.#link.watchSilence(passedMs)
  }

  /** Tells everybody that all is current, once it is. */
  settle(): void {
    if (!this.#current || this.#staleSinceMs === undefined || this.#needs.catchUp.resyncing > 0) return
    this.#staleSinceMs = undefined
    this.#needs.tell(JSON.stringify({ type: 'fresh' }))
  }

  close(): void {
    this.#link.close()
  }

  #received(kind: number, payload: Buffer): void {
    const { directory, catchUp } = this.#needs
    if (kind === kinds.transitions) this.#transitions(payload)
    else if (kind === kinds.snapshot) catchUp.snapshotArrived(readSnapshot(payload))
    else if (kind === kinds.catchUp) {
      const { topic, since, upTo, frames } = readCatchUp(payload)
      catchUp.recordArrived(topic, since, upTo, frames)
    } else if (kind === kinds.figures) {
      const { topic, values } = parse<{ topic: string; values: unknown }>(payload)
      directory.figures(topic, JSON.stringify(values))
    } else if (kind === kinds.clock) this.#clock = parse<Clock>(payload)
    else if (kind === kinds.refused) {
      const { need, code } = parse<{ need: Need; code?: ErrorCode }>(payload)
      catchUp.refused(need, code)
    } else if (kind === kinds.sync) this.#sync(parse<Sync>(payload))
    else if (kind === kinds.current) this.#upToDate()
    else throw new RangeError(`the core sent a message of kind ${kind}`)
  }

  #upToDate(): void {
    this.#current = true
    this.#link.settled()
    this.settle()
  }

  #held(): { readonly have: N; readonly epoch: string } | undefined {
    return this.#epoch === undefined ? undefined : { have: this.#needs.ring.head, epoch: this.#epoch }
  }

  #sync({ resumed, from, clock, epoch }: Sync): void {
    const { ring, directory, catchUp } = this.#needs
    const isOther = this.#epoch !== undefined && this.#epoch !== epoch
    this.#clock = clock
    this.#epoch = epoch
    catchUp.coreLife += 1
    if (isOther) this.#needs.onOtherHistory()
    if (!resumed) {
      directory.resyncAll()
      ring.reset(from)
    }
    this.#link.send(kinds.interest, { add: directory.interest() })
    catchUp.reconnected()
  }

  #transitions(payload: Buffer): void {
    const { ring, directory, catchUp, publisher } = this.#needs
    for (const frame of readTransitions(payload)) {
      if (frame.stamps) this.#lateUs = Math.max(this.#lateUs, publisher.nowUs() - frame.stamps.judgedUs)
      // What we hold already: it was published while the core read the record for us.
      if (frame.n <= ring.head) continue
      ring.append(frame)
      directory.arrived(frame)
    }
    catchUp.advanced()
  }

  #lost(): void {
    this.#current = false
    if (this.#clock === undefined || this.#staleSinceMs !== undefined) return
    this.#staleSinceMs = this.clock?.nowMs
    if (this.staleFrame !== undefined) this.#needs.tell(this.staleFrame)
  }
}

const parse = <T>(payload: Buffer): T => JSON.parse(payload.toString()) as T
