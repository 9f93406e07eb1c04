/**
 * Lets newcomers in at a rate that those who are there do not notice.
 *
 * When a network was away for a moment, thousands of clients want back in the same second, and each costs as much as
 * thirty deliveries. So they are let in one after the other, at most `admissionsPerSecondMax`; and whenever live frames
 * come later than `admissionLatenessMsMax`, the rate is lowered by a third, and raised again step by step when they are
 * in time. Who has to wait is told how long; who would wait too long is told when to come back.
 *
 * Time is an argument; the push process calls `turn` while somebody waits.
 */
export interface AdmissionSettings {
  readonly admissionsPerSecondMax: number
  readonly admissionLatenessMsMax: number
  readonly admissionWaitMsMax: number
}

export type Verdict =
  | { readonly kind: 'now' }
  /** Stays connected, and is let in after about so long. */
  | { readonly kind: 'waits'; readonly afterMs: number }
  /** Is to come back after so long. */
  | { readonly kind: 'away'; readonly afterMs: number }

/** Who comes singly is let in at once: so many at a time, as a share of a second's admissions. */
const burstShare = 0.1
const lowered = 2 / 3
/** Share of the full rate that is won back in a turn without lateness, and the least that is kept. */
const raisedBy = 0.02
const least = 0.1

export class Admission<S> {
  readonly #settings: AdmissionSettings
  readonly #waiting = new Set<S>()
  #perSecond: number
  #allowance: number
  #allowedAtMs = 0

  constructor(settings: AdmissionSettings) {
    this.#settings = settings
    this.#perSecond = settings.admissionsPerSecondMax
    this.#allowance = this.#burst
  }

  get waiting(): ReadonlySet<S> {
    return this.#waiting
  }

  enter(newcomer: S, nowMs: number): Verdict {
    this.#grow(nowMs)
    if (this.#waiting.size === 0 && this.#allowance >= 1) {
      this.#allowance -= 1
      return { kind: 'now' }
    }
    const afterMs = Math.ceil(((this.#waiting.size + 1) * 1000) / this.#perSecond)
    if (afterMs > this.#settings.admissionWaitMsMax) return { kind: 'away', afterMs }
    this.#waiting.add(newcomer)
    return { kind: 'waits', afterMs }
  }

  leave(newcomer: S): void {
    this.#waiting.delete(newcomer)
  }

  /** Those who are let in now, in the order in which they came. `lateMs`: how late live frames were since the last turn. */
  turn(nowMs: number, lateMs: number): S[] {
    const full = this.#settings.admissionsPerSecondMax
    this.#grow(nowMs)
    this.#perSecond =
      lateMs > this.#settings.admissionLatenessMsMax
        ? Math.max(full * least, this.#perSecond * lowered)
        : Math.min(full, this.#perSecond + full * raisedBy)
    const admitted: S[] = []
    for (const newcomer of this.#waiting) {
      if (this.#allowance < 1) break
      this.#allowance -= 1
      this.#waiting.delete(newcomer)
      admitted.push(newcomer)
    }
    return admitted
  }

  get #burst(): number {
    return Math.max(1, this.#settings.admissionsPerSecondMax * burstShare)
  }

  #grow(nowMs: number): void {
    const grown = this.#allowance + ((nowMs - this.#allowedAtMs) * this.#perSecond) / 1000
    this.#allowance = Math.min(this.#burst, grown)
    this.#allowedAtMs = nowMs
  }
}
