/**
 * Cohorts: the subscribers of one topic in groups of a fixed size, each group a topic of the socket library.
 *
 * A cohort is served in one turn of the loop. While something is `pending` its `cursor` says how far it was served; when
 * nothing is, it has had everything.
 */
import type { N } from '../core/names.js'
import type { Job } from './turns.js'

/** Who serves a cohort when its turn comes: its channel. */
export interface Server<M> {
  serve(cohort: Cohort<M>): number
}

export class Cohort<M> implements Job {
  /** Name of the cohort in the socket library. */
  readonly name: string
  readonly members = new Set<M>()
  /** The progress of every member that has no way of its own left to go: one object for all of them. */
  readonly live = { kind: 'live', cohort: this } as const
  queued = false
  pending = false
  /** While pending: everything of the topic with n <= cursor was published here. */
  cursor = 0 as N
  /** The last `n` that was published here; 0 before the first. */
  sentN = 0 as N
  readonly #server: Server<M>

  constructor(name: string, server: Server<M>) {
    this.name = name
    this.#server = server
  }

  run(): number {
    return this.#server.serve(this)
  }
}

export class Cohorts<M> {
  readonly #name: string
  readonly #membersMax: number
  readonly #server: Server<M>
  readonly #all: Cohort<M>[] = []
  #rotation = 0
  size = 0

  constructor(name: string, membersMax: number, server: Server<M>) {
    this.#name = name
    this.#membersMax = membersMax
    this.#server = server
  }

  get wide(): boolean {
    return this.size > this.#membersMax
  }

  /** A cohort with room for one more. Few topics have more than one cohort, and none more than some dozens. */
  choose(): Cohort<M> {
    const open = this.#all.find(({ members }) => members.size < this.#membersMax)
    if (open) return open
    const cohort = new Cohort(`${this.#name}#${this.#all.length}`, this.#server)
    this.#all.push(cohort)
    return cohort
  }

  add(cohort: Cohort<M>, member: M): void {
    cohort.members.add(member)
    this.size += 1
  }

  remove(cohort: Cohort<M>, member: M): void {
    if (!cohort.members.delete(member)) return
    this.size -= 1
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
