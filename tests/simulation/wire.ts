/** Bytes and frames on their way: in order, after a while, and not at all once the connection is broken. */
import type { Life, Machine } from './machine.js'

/** More than what is lost of a moment when it is counted from another. */
const apartMs = 0.002

/** One direction of a connection. */
export class Wire {
  readonly #machine: Machine
  #freeAtMs = 0
  isCut = false

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** `run` at the other end, after everything that was sent before. */
  send(run: () => void, to: Life): void {
    const { nowMs, random } = this.#machine
    const takesMs = random.chance(0.01) ? random.whole(5, 80) : random.whole(20, 300) / 1000
    this.#freeAtMs = Math.max(this.#freeAtMs + apartMs, nowMs + takesMs)
    this.#machine.after(this.#freeAtMs - nowMs, () => (this.isCut ? undefined : run()), to)
  }
}
