/**
 * Figures for those who asked for them: what changed since the last turn, at most so many times a second.
 *
 * Conflated by nature: a turn reads what is true now. Nothing is read while nobody asks.
 */
import type { Bus } from '../stream/bus.js'
import type { Judge } from '../workers/judge.js'

interface UnitFigures {
  readonly unit: string
  readonly county?: string
}

export class FiguresTurn {
  readonly #judge: Judge
  readonly #bus: Bus
  readonly #timer: NodeJS.Timeout
  /** Units that changed and were not told to `all` yet, by id. */
  readonly #untold = new Map<string, UnitFigures>()
  #isReading = false

  constructor(judge: Judge, bus: Bus, everyMs: number, onError: (error: unknown) => void) {
    this.#judge = judge
    this.#bus = bus
    this.#timer = setInterval(() => {
      this.#turn().catch(onError)
    }, everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #turn(): Promise<void> {
    const topics = this.#bus.subscribedFigures()
    if (topics.size === 0 || this.#isReading) return
    this.#isReading = true
    try {
      const { value } = await this.#judge.read({ kind: 'figures' })
      const units = value as readonly UnitFigures[]
      if (units.length === 0) return
      for (const unit of units) if (topics.has(`unit/${unit.unit}`)) this.#bus.figures(`unit/${unit.unit}`, () => unit)
      for (const topic of topics) await this.#sums(topic, units)
    } finally {
      this.#isReading = false
    }
  }

  /** Sums of a county or the city; `all` also names the units that changed. */
  async #sums(topic: string, units: readonly UnitFigures[]): Promise<void> {
    if (topic === 'all') {
      for (const unit of units) this.#untold.set(unit.unit, unit)
      const { value } = await this.#judge.read({ kind: 'summary', scope: 'city' })
      this.#bus.figures(topic, () => ({ city: value, units: this.#tell() }))
    } else if (topic === 'city') {
      const { value } = await this.#judge.read({ kind: 'summary', scope: 'city' })
      this.#bus.figures(topic, () => value)
    } else if (topic.startsWith('county/')) {
      const [, county = ''] = topic.split('/')
      if (!units.some((unit) => unit.county === county)) return
      const { value } = await this.#judge.read({ kind: 'summary', scope: topic })
      this.#bus.figures(topic, () => value)
    }
  }

  #tell(): UnitFigures[] {
    const units = [...this.#untold.values()]
    this.#untold.clear()
    return units
  }
}
