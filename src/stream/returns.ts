/**
 * When each client is to come back should this process die: everybody has a place of its own.
 *
 * A process that is killed cannot say goodbye, and 12,500 clients that lost it would knock at the others within the
 * quarter of a second that their jitter spreads them over: more than the kernel's queues of new connections hold, and
 * seconds of work in front of everybody else's next frame. So each is told its place when it is let in, and the places
 * follow each other at the pace at which the remaining processes let clients in. Who is one of few has an early one.
 */
export class Returns {
  readonly #everyMs: number
  #next = 0

  /** `perSecond`: clients that the other processes let in together. */
  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond
  }

  /**
   * The place of a client that is let in while `clients` are here, itself among them. Places are dealt in turn and begin
   * again at 0 behind the last, so that they stay evenly taken however many come and go.
   */
  afterMs(clients: number): number {
    if (this.#next >= clients) this.#next = 0
    const afterMs = Math.round(this.#next * this.#everyMs)
    this.#next += 1
    return afterMs
  }
}
