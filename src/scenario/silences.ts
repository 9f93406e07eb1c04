/**
 * Feeds that go silent: once a year one department's system is away for some days and then sends what it kept.
 *
 * Never longer than the service remembers pairs (duplicateHorizonMs, seven days by default), because older events come
 * in by a load only. The three that can be away report nothing but what is counted, so that coming late changes no fact.
 */
import { civilFromDay, dayFromCivil } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import { randomOf } from '../core/random.js'
import { type Feed, oneOf, sourceOf } from './scene.js'

const feedsThatFail: readonly Feed[] = ['education', 'health', 'finance']
/** The first day of silence to the day on which it speaks again. */
const silenceDays = 5

export interface Silences {
  /** The day on which a feed speaks again that is silent on `day`; undefined when it is not. */
  readonly endOf: (source: string, day: DayNumber) => DayNumber | undefined
}

export function silencesOf(seed: number): Silences {
  const byYear = new Map<number, { readonly source: string; readonly from: DayNumber }>()
  const of = (year: number) => {
    const known = byYear.get(year)
    if (known) return known
    const draw = randomOf(seed, `silence ${year}`)
    // Between February and November, so that none lies in two years.
    const made = { source: sourceOf(oneOf(draw, feedsThatFail)), from: dayFromCivil(year, draw(2, 11), draw(1, 20)) }
    byYear.set(year, made)
    return made
  }
  return {
    endOf(source, day) {
      const { source: silent, from } = of(civilFromDay(day).year)
      const end = (from + silenceDays) as DayNumber
      return silent === source && day >= from && day < end ? end : undefined
    },
  }
}
