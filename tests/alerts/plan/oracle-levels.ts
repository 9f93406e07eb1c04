/**
 * A figure, a level, and whether the one is past the other; in BigInt and by the letter of the plan's page (domain 4, "How
 * the table is to be read").
 */
import type { Level, Rule, RuleScope } from '../../../src/core/rule-set.js'

type Whole = number | bigint

/** `top / bottom`; `green`: green whatever any figure; undefined: no verdict, a colour neither starts nor ends. */
export type Seen = { readonly top: Whole; readonly bottom?: Whole; readonly alsoRed?: boolean } | 'green' | undefined

/** One rule on one subject. */
export interface Alert {
  yellow: boolean
  red: boolean
  /** Since when the figure says otherwise, under a rule that holds; 0: it does not. */
  readonly waitingMs: { yellow: number; red: number }
}

export const colourOf = ({ yellow, red }: Alert): 'red' | 'yellow' | 'green' =>
  red ? 'red' : yellow ? 'yellow' : 'green'

const scale = 10n ** 9n

const exactOf = new Map<string, bigint>()

/** Each is worked out once. */
function exact(text: string): bigint {
  const known = exactOf.get(text) ?? parsed(text)
  exactOf.set(text, known)
  return known
}

function parsed(text: string): bigint {
  const [whole = '0', part = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole) * scale + BigInt(part.padEnd(9, '0'))
  return text.startsWith('-') ? -size : size
}

/** The alert after the figure was seen; whether its colour is another. */
export function look(rule: Rule, scope: RuleScope, alert: Alert, seen: Seen, year: number, nowMs: number): boolean {
  const was = colourOf(alert)
  const levels = rule.levelsOf?.[scope] ?? rule
  for (const name of ['yellow', 'red'] as const) {
    if (seen === undefined) alert.waitingMs[name] = 0
    else if (seen === 'green') alert[name] = false
    else {
      const wanted = isPast(levels[name], alert[name], seen, year, rule) || seen.alsoRed === true
      settle(rule, alert, name, wanted, nowMs)
    }
  }
  return colourOf(alert) !== was
}

function settle(rule: Rule, alert: Alert, name: 'yellow' | 'red', wanted: boolean, nowMs: number): void {
  const { waitingMs } = alert
  if (wanted === alert[name] || !rule.hold) {
    waitingMs[name] = 0
    alert[name] = wanted
    return
  }
  waitingMs[name] ||= nowMs
  if (nowMs < waitingMs[name] + (wanted ? rule.hold.enterMs : rule.hold.leaveMs)) return
  waitingMs[name] = 0
  alert[name] = wanted
}

function isPast(
  level: Level | undefined,
  isIn: boolean,
  seen: Exclude<Seen, 'green' | undefined>,
  year: number,
  rule: Rule,
) {
  const threshold = level && thresholdIn('above' in level ? level.above : level.below, year)
  if (level === undefined || threshold === undefined) return false
  const sign = 'above' in level ? 1n : -1n
  const enter = exact(threshold)
  const leave = back(enter, enter - sign * exact(level.back ?? '0'), rule.figure.denominator !== undefined)
  const [top, bottom] = [BigInt(seen.top) * scale, BigInt(seen.bottom ?? 1)]
  return sign * top > sign * enter * bottom || (isIn && sign * top > sign * leave * bottom)
}

/** A way back never lies beyond 0 % or 100 %. */
function back(enter: bigint, leave: bigint, isRatio: boolean): bigint {
  if (isRatio && enter >= 0n && leave < 0n) return 0n
  return isRatio && enter <= scale && leave > scale ? scale : leave
}

/** A year without one takes the last before it; before the first there is none. */
function thresholdIn(threshold: string | Readonly<Record<string, string>>, year: number): string | undefined {
  if (typeof threshold === 'string') return threshold
  const years = Object.keys(threshold).map(Number)
  return threshold[Math.max(...years.filter((from) => from <= year))]
}
