/**
 * A machine whose time is a list of what is to happen. Nothing on it happens by itself: the next event is taken, its
 * moment is now, and everything that follows from it at once (promises, ticks) is done before the one after it.
 *
 * Whatever is begun belongs to the process that began it, and a process that is dead does nothing any more. So a
 * `kill -9` is one flag, and the real code that ran in the process needs no word about it.
 */
import timers from 'node:timers/promises'
import { type Random, randomFrom } from '../alerts/random.js'

// Before anybody takes its place.
const realTurn = timers.setImmediate

/** One process of the simulated service. */
export class Life {
  readonly name: string
  isAlive = true
  /** Called when it ends, by whatever. */
  readonly ends: (() => void)[] = []

  constructor(name: string) {
    this.name = name
  }
}

export interface Happening {
  readonly atUs: number
  readonly order: number
  readonly life: Life
  readonly run: () => void
  isCancelled: boolean
}

/** Where the clock on the wall stands when it begins. */
const startWallMs = Date.parse('2024-07-03T10:00:00+08:00')

export class Machine {
  readonly random: Random
  /** What is nobody's: the tests themselves, the world outside. */
  readonly outside = new Life('outside')
  life = this.outside
  /** Microseconds since it was switched on; no event moves it back. */
  nowUs = 0
  /** How far the clock on the wall is off. */
  wallJumpMs = 0
  happened = 0
  /** What processes died of without being killed. */
  readonly crashes: string[] = []
  readonly #heap: Happening[] = []
  #order = 0

  constructor(seed: number) {
    this.random = randomFrom(seed)
  }

  get nowMs(): number {
    return this.nowUs / 1000
  }

  get wallMs(): number {
    return startWallMs + this.wallJumpMs + Math.floor(this.nowMs)
  }

  /** `run` after so long, as a deed of this process. */
  after(ms: number, run: () => void, life = this.life): Happening {
    const happening = { atUs: this.nowUs + Math.max(1, ms * 1000), order: this.#order++, life, run, isCancelled: false }
    push(this.#heap, happening)
    return happening
  }

  /** As a promise; of a process that dies meanwhile it stays open for ever. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Begins a process: what `run` starts, and what follows from it, is its. */
  begin(name: string, run: () => void): Life {
    const life = new Life(name)
    this.after(0, run, life)
    return life
  }

  kill(life: Life): void {
    if (!life.isAlive) return
    life.isAlive = false
    for (const end of life.ends.splice(0)) end()
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    let isOver = false
    this.after(
      ms,
      () => {
        isOver = true
      },
      this.outside,
    )
    await this.until(`${ms} ms have passed`, () => isOver, ms + 1)
  }

  /** Something was thrown that nobody caught: the process that did it is over. */
  crash(error: unknown): void {
    if (this.life === this.outside) throw error
    if (this.life.isAlive) this.crashes.push(`${this.life.name}: ${error instanceof Error ? error.stack : error}`)
    this.kill(this.life)
  }

  /** Lets things happen until it holds. Throws when it does not within the time, or when nothing is left to happen. */
  async until(what: string, holds: () => boolean, withinMs: number): Promise<void> {
    const endUs = this.nowUs + withinMs * 1000
    while (!holds()) {
      const next = pop(this.#heap)
      if (!next) throw new Error(`nothing happens any more, and not yet: ${what}`)
      if (next.atUs > endUs) throw new Error(`not within ${withinMs} ms: ${what}`)
      if (next.isCancelled || !next.life.isAlive) continue
      this.nowUs = next.atUs
      this.happened += 1
      this.life = next.life
      try {
        next.run()
      } catch (error) {
        this.crash(error)
      }
      // All that follows at once is done when the loop of this program has turned.
      await realTurn()
      this.life = this.outside
    }
  }
}

const comesBefore = (a: Happening, b: Happening): boolean => a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order)

function push(heap: Happening[], happening: Happening): void {
  let at = heap.length
  for (heap.push(happening); at > 0; ) {
    const parent = (at - 1) >> 1
    const above = heap[parent] as Happening
    if (!comesBefore(happening, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = happening
}

function pop(heap: Happening[]): Happening | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (!last || last === first) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && comesBefore(heap[child + 1] as Happening, heap[child] as Happening)) child += 1
    const below = heap[child] as Happening
    if (!comesBefore(below, last)) break
    heap[at] = below
    at = child
  }
  heap[at] = last
  return first
}

type Callback = (...values: unknown[]) => void

/** What the real code calls for time, in terms of the machine's; `takeOver` (take-over.ts) puts them in place. */
export function timersOf(machine: Machine) {
  const timer = (happening: Happening) => Object.assign(happening, { unref: () => happening, ref: () => happening })
  const cancel = (happening: Happening | undefined) => {
    if (happening) happening.isCancelled = true
  }
  const setInterval = (run: Callback, ms: number) => {
    const held = { ...machine.after(ms, () => undefined), unref: () => held, ref: () => held } as unknown as Happening
    const again = () => {
      machine.after(Math.max(1, ms), () => {
        if (held.isCancelled) return
        run()
        again()
      })
    }
    again()
    return held
  }
  return {
    setTimeout: (run: Callback, ms = 1, ...values: unknown[]) =>
      timer(machine.after(Math.max(1, ms), () => run(...values))),
    setImmediate: (run: Callback, ...values: unknown[]) => timer(machine.after(0, () => run(...values))),
    setInterval,
    clearTimeout: cancel,
    clearImmediate: cancel,
    clearInterval: cancel,
  }
}

/** `timers/promises`. */
export function waitsOf(machine: Machine) {
  return {
    setImmediate: () => machine.wait(0),
    setTimeout: (ms = 1, _value?: unknown, options: { readonly signal?: AbortSignal } = {}) =>
      new Promise<void>((resolve, reject) => {
        const { signal } = options
        if (signal?.aborted) return reject(signal.reason)
        const { life } = machine
        const aborted = () => {
          happening.isCancelled = true
          machine.after(0, () => reject(signal?.reason), life)
        }
        const happening = machine.after(Math.max(1, ms), () => {
          signal?.removeEventListener('abort', aborted)
          resolve()
        })
        signal?.addEventListener('abort', aborted)
      }),
  }
}

/** The machine's own clocks. */
export function clocksOf(machine: Machine) {
  const hrtime = () => [Math.floor(machine.nowUs / 1e6), Math.floor((machine.nowUs % 1e6) * 1000)]
  hrtime.bigint = () => BigInt(Math.floor(machine.nowUs)) * 1000n
  return { hrtime, monotonicMs: () => machine.nowMs, wallMs: () => machine.wallMs }
}
