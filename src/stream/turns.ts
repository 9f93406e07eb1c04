/**
 * Who is served in this turn of the event loop: narrow topics first, then one cohort of a wide one, then clients that
 * catch up.
 *
 * A publish blocks the loop for about 8 µs per subscriber, so a broadcast to 16,000 clients in one go would hold up a
 * freeze for 130 ms. In cohorts of 128 it holds it up for 1 ms at a time (shared design, "Push"), and between two of them
 * the process leaves its core to whoever waits for it.
 */
import { Fifo } from './fifo.js'

export interface Job {
  /** True while it waits in a queue. Belongs to `Turns`. */
  queued: boolean
  /** Serves and returns how many deliveries that was. Queues itself again when something is left. */
  run(): number
}

export type Queue = 'narrow' | 'wide' | 'catching'

export class Turns {
  readonly #deliveriesPerTurn: number
  readonly #giveWay: () => void
  readonly #queues: Record<Queue, Fifo<Job>> = { narrow: new Fifo(), wide: new Fifo(), catching: new Fifo() }
  #scheduled: NodeJS.Immediate | undefined
  /** Deliveries that may still be made before the next turn. */
  #soonLeft: number

  /** `deliveriesPerTurn`: after so many, a queue waits for the next turn. `giveWay`: between two cohorts of wide topics. */
  constructor(deliveriesPerTurn: number, giveWay: () => void = () => undefined) {
    this.#deliveriesPerTurn = deliveriesPerTurn
    this.#giveWay = giveWay
    this.#soonLeft = deliveriesPerTurn
  }

  add(job: Job, queue: Queue): void {
    if (job.queued) return
    job.queued = true
    this.#queues[queue].push(job)
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Serves the job here and now when nobody waits before it, and not more of them than a turn takes; else as `add`. */
  soon(job: Job, queue: Queue): void {
    if (job.queued) return
    if (this.#soonLeft <= 0 || this.#queues[queue].length > 0) {
      this.add(job, queue)
      return
    }
    this.#soonLeft -= Math.max(1, job.run())
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Takes a turn now, for what has just arrived; the rest comes in later turns. */
  takeNow(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#turn()
  }

  stop(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
  }

  readonly #turn = (): void => {
    this.#scheduled = undefined
    this.#soonLeft = this.#deliveriesPerTurn
    const { narrow, wide, catching } = this.#queues
    this.#serve(narrow, this.#deliveriesPerTurn)
    this.#serve(wide, 1)
    this.#serve(catching, this.#deliveriesPerTurn)
    if (wide.length > 0) this.#giveWay()
    if (narrow.length + wide.length + catching.length > 0) this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Jobs that queue themselves again wait for the next turn: only those that were there at its start are run. */
  #serve(queue: Fifo<Job>, budget: number): void {
    let left = budget
    for (let waiting = queue.length; waiting > 0 && left > 0; waiting -= 1) {
      const job = queue.shift()
      if (!job) return
      job.queued = false
      left -= Math.max(1, job.run())
    }
  }
}
