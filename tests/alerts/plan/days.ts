/**
 * Days and working days in Asia/Shanghai the slow and obvious way: by text and by counting, one day after the other.
 * Independent of the engine's own arithmetic.
 */
import type { CalendarEntry } from '../../../src/core/entry.js'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Days since 1970-01-01, in Asia/Shanghai. */
export const dayOf = (ms: number): number => Math.floor((ms + 8 * hourMs) / dayMs)
export const midnightOf = (day: number): number => day * dayMs - 8 * hourMs
export const dayOfText = (text: string): number => Date.parse(`${text}T00:00:00Z`) / dayMs
const texts = new Map<number, string>()

/** Each is made once: the oracle asks for the same few days over and over. */
export function textOfDay(day: number): string {
  const text = texts.get(day) ?? new Date(day * dayMs).toISOString().slice(0, 10)
  texts.set(day, text)
  return text
}

export const yearOf = (day: number): number => Number(textOfDay(day).slice(0, 4))
export const monthOf = (day: number): number => Number(textOfDay(day).slice(5, 7))
export const timeText = (ms: number): string => `${new Date(ms + 8 * hourMs).toISOString().slice(0, 23)}+08:00`

/** Monday to Friday, but for the years that the calendar knows, what it says. */
export class Calendar {
  readonly #entry: CalendarEntry | undefined
  readonly #known = new Map<number, boolean>()

  constructor(entry?: CalendarEntry) {
    this.#entry = entry
  }

  isWorking(day: number): boolean {
    const known = this.#known.get(day)
    if (known !== undefined) return known
    const is = this.#look(day)
    this.#known.set(day, is)
    return is
  }

  #look(day: number): boolean {
    const text = textOfDay(day)
    const year = yearOf(day)
    const entry = this.#entry
    if (entry && year >= entry.years.first && year <= entry.years.last) {
      if (entry.holidays.includes(text)) return false
      if (entry.makeUpWorkdays.includes(text)) return true
    }
    return ![0, 6].includes(new Date(day * dayMs).getUTCDay())
  }

  /** How many working days d with after < d <= upTo. */
  between(after: number, upTo: number): number {
    let count = 0
    for (let day = after + 1; day <= upTo; day++) if (this.isWorking(day)) count++
    return count
  }

  /** The n-th working day after `day`. */
  after(day: number, n: number): number {
    let at = day
    for (let left = n; left > 0; ) {
      at++
      if (this.isWorking(at)) left--
    }
    return at
  }
}
