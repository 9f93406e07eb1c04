/**
 * The service's clock. With `scenario` only `POST /v1/clock` moves it, and only forward, so that a simulator plays years
 * in minutes and every deadline follows. With `system` it follows the machine's, but never goes back and never jumps far
 * ahead on one word of it:
 *
 * - The machine's clock was set back: ours goes on at half speed until it has been caught up with, so that two moments
 *   never change their order and deadlines still pass.
 * - It jumped far ahead: ours goes on steadily, and follows when the machine still says so after a while. What has passed
 *   in the log cannot be taken back: a wrong year would make every event too old for ever. The same at a start, so that
 *   neither a death in the meantime nor a machine that comes up in the wrong year is a way round; only there the service
 *   may have been off, and more is followed at once.
 */
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import type { ClockKind } from './data-directory.js'

/** The two clocks of a machine: one that people set, and one that only runs. */
export interface MachineClock {
  readonly wallMs: () => number
  readonly monotonicMs: () => number
}

const machineClock: MachineClock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() }

export interface ClockSettings {
  readonly kind: ClockKind
  /** Where the log's last batch stood. For a new directory where a scenario begins, or what the machine's clock says. */
  readonly startMs: UnixMs
  /** A jump ahead of more than this is not followed at once. */
  readonly clockJumpMsMax: number
  /** The same at the start, against `startMs`. */
  readonly clockStartJumpMsMax: number
  /** It is followed when the machine's clock still stands by it after so long. */
  readonly clockHoldMs: number
}

export class ServiceClock {
  readonly kind: ClockKind
  readonly #machine: MachineClock
  readonly #settings: ClockSettings
  #ms: number
  #monotonicMs: number
  /** Since when a jump ahead has not been followed, by the monotonic clock. */
  #heldSinceMs: number | undefined
  /** Ours minus the machine's. */
  #aheadMs = 0
  #jumps = 0

  constructor(settings: ClockSettings, machine: MachineClock = machineClock) {
    const { kind, startMs } = settings
    this.kind = kind
    this.#settings = settings
    this.#machine = machine
    this.#monotonicMs = machine.monotonicMs()
    const jumpMs = kind === 'scenario' ? 0 : Math.max(0, machine.wallMs() - startMs)
    const isHeld = jumpMs > settings.clockStartJumpMsMax
    this.#ms = isHeld ? startMs : startMs + jumpMs
    if (!isHeld) return
    this.#heldSinceMs = this.#monotonicMs
    this.#aheadMs = -jumpMs
    this.#jumps = 1
  }

  nowMs = (): UnixMs => {
    if (this.kind === 'system') this.#run()
    return Math.floor(this.#ms) as UnixMs
  }

  /** How far ahead of the machine's clock it is; negative while a jump is not followed. */
  get aheadMs(): number {
    return this.kind === 'system' ? this.#aheadMs : 0
  }

  /** For how long a jump ahead has not been followed; undefined when there is none. */
  get heldForMs(): number | undefined {
    return this.#heldSinceMs === undefined ? undefined : this.#monotonicMs - this.#heldSinceMs
  }

  /** Times that the machine's clock was seen to jump far ahead, or to be behind by as much. */
  get jumps(): number {
    return this.#jumps
  }

  /** QW_CLOCK_KIND on a system clock, QW_CLOCK_BACKWARD for a moment before now. */
  moveTo(ms: UnixMs): void {
    if (this.kind === 'system') throw new QwError('QW_CLOCK_KIND', { clock: 'system', reason: 'nobody sets it' })
    if (ms < this.#ms) throw new QwError('QW_CLOCK_BACKWARD', { now: formatTime(this.#ms as UnixMs) })
    this.#ms = ms
  }

  #run(): void {
    const { clockJumpMsMax, clockHoldMs } = this.#settings
    const monotonicMs = this.#machine.monotonicMs()
    const wallMs = this.#machine.wallMs()
    const passedMs = monotonicMs - this.#monotonicMs
    const wasAheadMs = this.#aheadMs
    this.#monotonicMs = monotonicMs
    const jumpMs = wallMs - (this.#ms + passedMs)
    if (jumpMs > clockJumpMsMax) {
      if (this.#heldSinceMs === undefined) this.#jumps += 1
      this.#heldSinceMs ??= monotonicMs
      this.#ms = monotonicMs - this.#heldSinceMs >= clockHoldMs ? wallMs : this.#ms + passedMs
    } else this.#ms = Math.max(wallMs, this.#ms + passedMs / 2)
    this.#aheadMs = this.#ms - wallMs
    if (this.#aheadMs >= -clockJumpMsMax) this.#heldSinceMs = undefined
    if (this.#aheadMs > clockJumpMsMax && wasAheadMs <= clockJumpMsMax) this.#jumps += 1
  }
}

/** Microseconds of CLOCK_MONOTONIC: the same for every process of this host, so stamps can be subtracted. */
export const monotonicUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000)
}
