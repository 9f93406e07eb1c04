/**
 * Measured figures (domain 2, `indicator.reported`) and the counties' land: set facts, the latest report holds.
 */
import { dayFromCivil, startOfDay } from '../core/day.js'
import type { EventDataByType } from '../core/event.js'
import type { UnixMs } from '../core/names.js'
import { millionths } from './plan.js'
import { sorted } from './sorted.js'
import { replaces, type Stamp } from './stamp.js'
import { heardMs } from './timed.js'

export type IndicatorName = EventDataByType['indicator.reported']['name']

interface Measured extends Stamp {
  /** In millionths. */
  readonly value: number
}

interface Indicator {
  latest?: Measured
  /** The latest of 2023 or before: what the plan starts from [2.2.3]. */
  base?: Measured
}

export interface Land extends Stamp {
  /** In millionths of a square kilometre. */
  readonly area: number
  readonly pilotWave?: number
}

export interface IndicatorsJson {
  readonly measured: readonly (readonly [key: string, indicator: Indicator])[]
  readonly land: readonly (readonly [county: string, land: Land])[]
  /** Absent: written by engine 3, which held nothing back to now. */
  readonly latest?: readonly (readonly [subject: string, latestMs: UnixMs])[]
}

const baseEndsMs = startOfDay(dayFromCivil(2024, 1, 1))

export class Indicators {
  readonly #measured = new Map<string, Indicator>()
  readonly #land = new Map<string, Land>()
  /** By subject: the greatest `time` of what was taken, none of them ahead of the batch's now. */
  readonly #latestMs = new Map<string, UnixMs>()

  /** Whether something that was reported of the subject happened later. */
  comesLate(subject: string, timeMs: UnixMs): boolean {
    return timeMs < (this.#latestMs.get(subject) ?? 0)
  }

  /** Whether a figure is another than before, or of another report. */
  report(
    subject: string,
    { timeMs, source, id }: Stamp,
    { name, value }: EventDataByType['indicator.reported'],
    nowMs: UnixMs,
  ): boolean {
    const key = `${subject} ${name}`
    const indicator = this.#measured.get(key) ?? {}
    this.#measured.set(key, indicator)
    const measured = { timeMs, source, id, value: millionths(value) }
    const isLatest = replaces(measured, indicator.latest)
    const isBase = timeMs < baseEndsMs && replaces(measured, indicator.base)
    if (isLatest) indicator.latest = measured
    if (isBase) indicator.base = measured
    this.#noteTime(subject, heardMs(timeMs, nowMs))
    return isLatest || isBase
  }

  /** Whether it is the latest word on the county. */
  describe(
    county: string,
    { timeMs, source, id }: Stamp,
    land: EventDataByType['county.described'],
    nowMs: UnixMs,
  ): boolean {
    const described: Land = {
      timeMs,
      source,
      id,
      area: millionths(land.areaKm2),
      ...(land.pilotWave === undefined ? {} : { pilotWave: land.pilotWave }),
    }
    if (!replaces(described, this.#land.get(county))) return false
    this.#land.set(county, described)
    this.#noteTime(county, heardMs(timeMs, nowMs))
    return true
  }

  #noteTime(subject: string, timeMs: UnixMs): void {
    if (timeMs > (this.#latestMs.get(subject) ?? 0)) this.#latestMs.set(subject, timeMs)
  }

  /** Millionths; undefined before the first report. */
  latest(subject: string, name: IndicatorName): number | undefined {
    return this.#measured.get(`${subject} ${name}`)?.latest?.value
  }

  base(subject: string, name: IndicatorName): number | undefined {
    return this.#measured.get(`${subject} ${name}`)?.base?.value
  }

  land(county: string): Land | undefined {
    return this.#land.get(county)
  }

  toJson(): IndicatorsJson {
    return { measured: sorted(this.#measured), land: sorted(this.#land), latest: sorted(this.#latestMs) }
  }

  static from({ measured, land, latest }: IndicatorsJson): Indicators {
    const indicators = new Indicators()
    for (const [key, indicator] of measured) indicators.#measured.set(key, { ...indicator })
    for (const [county, described] of land) indicators.#land.set(county, described)
    if (latest) for (const [subject, ms] of latest) indicators.#latestMs.set(subject, ms)
    else indicators.#noteAll()
    return indicators
  }

  #noteAll(): void {
    for (const [key, { latest }] of this.#measured)
      if (latest) this.#noteTime(key.slice(0, key.lastIndexOf(' ')), latest.timeMs)
    for (const [county, { timeMs }] of this.#land) this.#noteTime(county, timeMs)
  }
}
