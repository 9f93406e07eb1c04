/**
 * Five schools, and a department that sends events about them for as long as a walk lasts.
 */
import { event, school } from './reported.js'
import { ask, type Service, until } from './service.js'

const unitOf = (index: number) => `PJ-EDU-000${index % 5}`
export const city = (): string[] => [0, 1, 2, 3, 4].map(unitOf).flatMap((unit) => school(unit))

/** A department: sends one event after the other, each until it is acknowledged; units go over their quota and back. */
export class Department {
  readonly acknowledged: string[] = []
  readonly #service: Service
  #isOver = false
  #hasLeft = false
  readonly done: Promise<void>

  constructor(service: Service) {
    this.#service = service
    this.done = this.#work()
  }

  /** When the event that is under way is acknowledged. */
  end(): Promise<void> {
    this.#isOver = true
    return this.done
  }

  /** The same, but what is under way is given up: a test that failed must not wait for a service that does not answer. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    await this.end().catch(() => undefined)
  }

  async #work(): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      const type = Math.floor(count / 5) % 2 === 0 ? 'staff.entered' : 'staff.left'
      const id = `hire-${count}`
      await this.#send(event(id, type, unitOf(count), { count: 1, basis: 'permanent' }))
      this.acknowledged.push(id)
    }
  }

  #send(text: string) {
    return until(
      () => ask(`${this.#service.http}/v1/events`, text, 'application/x-ndjson').catch(() => undefined),
      (answer) => this.#hasLeft || answer?.status === 202,
    )
  }
}
