/**
 * Cohorts: the subscribers of one topic in groups of a fixed size, each group a topic of the socket library.
 *
 * A cohort is served in one turn of the loop. While something is `pending` its `cursor` says how far it was served; when
 * nothing is, it has had everything.
 */
import type { N } from '../core/names.js'
import type { Job } from './turns.js'

export class Cohort<M> implements Job {
  /** Name of the cohort in the socket library. */
  readonly name: string
  readonly members = new Set<M>()
  queued = false
  pending = false
  /** While pending: everything of the topic with n <= cursor was published here. */
  cursor = 0 as N
  /** The last `n` that was published here; 0 before the first. */
  sentN = 0 as N
  readonly #serve: (cohort: Cohort<M>) => number

  constructor(name: string, serve: (cohort: Cohort<M>) => number) {
    this.name = name
    this.#serve = serve
  }

  run(): number {
    return this.#serve(this)
  }
}

export class Cohorts<M> {
  readonly #name: string
  readonly #membersMax: number
  readonly #serve: (cohort: Cohort<M>) => number
  readonly #all: Cohort<M>[] = []
  /** Cohorts with room, the one to fill next at the end. */
  readonly #open = new Set<Cohort<M>>()
  #rotation = 0
  size = 0

  constructor(name: string, membersMax: number, serve: (cohort: Cohort<M>) => number) {
    this.#name = name
    this.#membersMax = membersMax
    this.#serve = serve
  }

  get wide(): boolean {
    return this.size > this.#membersMax
  }

  /** A cohort with room for one more. */
  choose(): Cohort<M> {
    for (const cohort of this.#open) return cohort
    const cohort = new Cohort(`${this.#name}#${this.#all.length}`, this.#serve)
    this.#all.push(cohort)
    this.#open.add(cohort)
    return cohort
  }

  add(cohort: Cohort<M>, member: M): void {
    cohort.members.add(member)
    this.size += 1
    if (cohort.members.size >= this.#membersMax) this.#open.delete(cohort)
  }

  remove(cohort: Cohort<M>, member: M): void {
    if (!cohort.members.delete(member)) return
    this.size -= 1
    this.#open.add(cohort)
    if (cohort.members.size > 0) return
    cohort.pending = false
    cohort.sentN = 0 as N
  }

  /** Every cohort with members, each time beginning with another one, so that nobody is always last. */
  *rotated(): Generator<Cohort<M>> {
    const count = this.#all.length
    const start = count > 1 ? this.#rotation++ % count : 0
    for (let step = 0; step < count; step += 1) {
      const cohort = this.#all[(start + step) % count]
      if (cohort && cohort.members.size > 0) yield cohort
    }
  }
}
