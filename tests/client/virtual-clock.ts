/** Time that passes only when told to, and a source of chance that a seed repeats. */
import type { Clock } from '../../client/stream.js'

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export class VirtualClock implements Clock {
  #nowMs = 1_700_000_000_000
  #order = 0
  #timers: Timer[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  /** Lets time pass; what falls due meanwhile happens in its order. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms
    for (let timer = this.#earliest(endMs); timer; timer = this.#earliest(endMs)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      this.#nowMs = timer.atMs
      timer.run()
    }
    this.#nowMs = endMs
  }

  #earliest(endMs: number): Timer | undefined {
    return this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
  }
}

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
