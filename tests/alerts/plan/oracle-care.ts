/**
 * Who must look after an alert, who has it in hand, and who does not want to hear of it (domain 5): the oracle's word.
 */

import { counties } from '../../../src/core/names.js'
import type { Escalation, Rule, RuleSet, Span } from '../../../src/core/rule-set.js'
import { dayOf, midnightOf } from './days.js'
import type { Now } from './oracle-unit.js'

type Colour = 'green' | 'yellow' | 'red'

/** What an alert has besides its colour. */
export interface Care {
  sinceMs: number
  /** 0 unit, 1 county, 2 city. */
  rung: number
  /** Until when somebody has it in hand; 0: nobody has. */
  inHandMs: number
}

const rungs = ['unit', 'county', 'city'] as const

/** A unit's and all that is the unit's begin at the unit, a county's at the county, everything else at the city. */
function baseRung(subject: string): number {
  const [of = ''] = subject.split('/')
  if (/^U\d+$/.test(of)) return 0
  return (counties as readonly string[]).includes(of) ? 1 : 2
}

export const freshCare = (subject: string): Care => ({ sinceMs: 0, rung: baseRung(subject), inHandMs: 0 })

/** Another colour: a worse one is news to whoever had it in hand. */
export function turn(care: Care, subject: string, from: Colour, to: Colour, nowMs: number): void {
  const isWorse = from === 'green' || to === 'red'
  care.sinceMs = nowMs
  if (to !== 'green' && !isWorse) return
  care.rung = baseRung(subject)
  care.inHandMs = 0
}

export const shownCare = ({ rung, inHandMs }: Care): string => `${rungs[rung]}${inHandMs > 0 ? ' in hand' : ''}`

/** As far up as the time says that has passed since the colour. */
export function climb(care: Care, rule: Rule, { escalation }: RuleSet, colour: Colour, now: Now): void {
  const spans = rule.escalation ?? escalation
  const isHigh = colour === 'red' || (colour === 'yellow' && rule.actions.includes('escalate'))
  if (!spans || !isHigh || care.inHandMs > 0) return
  while (care.rung < 2 && momentOf(care, spans, now) <= now.nowMs) care.rung++
}

const momentOf = ({ sinceMs, rung }: Care, { county, city }: Escalation, now: Now): number =>
  later(sinceMs, rung === 0 ? county : city, now)

/** The same time of day so many working days later. */
function later(fromMs: number, span: Span, { calendar }: Now): number {
  if ('ms' in span) return fromMs + span.ms
  const day = dayOf(fromMs)
  return midnightOf(calendar.after(day, span.workingDays)) + fromMs - midnightOf(day)
}

interface Silence {
  readonly fromMs: number
  readonly untilMs: number
}

/** By `rule subject`. */
export class Silences {
  readonly #now = new Map<string, Silence>()
  readonly #ahead = new Map<string, Silence>()

  order(key: string, silence: Silence, nowMs: number): void {
    if (silence.untilMs <= nowMs || silence.untilMs <= silence.fromMs) return
    const into = silence.fromMs > nowMs ? this.#ahead : this.#now
    into.set(key, silence)
  }

  /** What is over ends; what climbs does so before the next begins. */
  end(nowMs: number): void {
    for (const [key, { untilMs }] of this.#now) if (untilMs <= nowMs) this.#now.delete(key)
  }

  begin(nowMs: number): void {
    for (const [key, silence] of this.#ahead) {
      if (silence.fromMs > nowMs) continue
      this.#ahead.delete(key)
      if (silence.untilMs > nowMs) this.#now.set(key, silence)
    }
  }

  has(key: string): boolean {
    return this.#now.has(key)
  }

  shown(key: string): string {
    const now = this.#now.get(key)
    const ahead = this.#ahead.get(key)
    return `${now ? ` silent until ${now.untilMs}` : ''}${ahead ? ` then ${ahead.fromMs} to ${ahead.untilMs}` : ''}`
  }

  drop(key: string): void {
    this.#now.delete(key)
    this.#ahead.delete(key)
  }
}
