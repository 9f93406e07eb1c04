/**
 * The figure that was compared and what it was compared with, as people read it: `21.0 % > 20.0 %`. The wall and
 * `quotawatch watch` show these same words.
 *
 * Both numbers are rounded alike, from the exact figure and the threshold as it is written, and with as many places as it
 * takes: two numbers that differ are never shown as equal ones, and the sign between them is what the figures say.
 */
import type { FigureShown } from './rule-set.js'
import type { Figure, Why } from './transition.js'

type Locale = 'zh' | 'en'

interface Manner {
  /** What one is shown as: a share counts hundredths. */
  readonly times: bigint
  readonly placesMin: number
  readonly suffix: Readonly<Record<Locale, string>>
}

const manner = (times: bigint, placesMin: number, zh = '', en = zh): Manner => ({
  times,
  placesMin,
  suffix: { zh, en },
})

const manners: Readonly<Record<FigureShown, Manner>> = {
  share: manner(100n, 1, ' %'),
  ratio: manner(1n, 2),
  times: manner(1n, 1, ' ×'),
  yuan: manner(1n, 0, ' 元', ' CNY'),
  count: manner(1n, 0),
}

/** A fraction; `over` more than 0. */
interface Exact {
  readonly units: bigint
  readonly over: bigint
}

type Compared = Pick<Why, 'figure' | 'threshold'>

/** Empty without a figure. */
export function shownWhy({ figure, threshold }: Compared, locale: Locale): string {
  if (!figure) return ''
  const { times, placesMin, suffix } = manners[mannerOf(figure)] ?? manners.count
  const exact = figureOf(figure, times)
  if (!exact) return String(figure.value)
  const { above, below, or } = threshold ?? {}
  const limit = limitOf(above ?? below, times)
  if (!limit) return `${rounded(exact, placesMin)}${suffix[locale]}`
  const order = exact.units * limit.over - limit.units * exact.over
  const places = placesFor(exact, limit, order !== 0n, placesMin)
  const sign = above === undefined ? (order < 0n ? '<' : '≥') : order > 0n ? '>' : '≤'
  const also = or === undefined ? '' : ` ${locale === 'zh' ? '或' : 'or'} ${or}`
  return `${rounded(exact, places)}${suffix[locale]} ${sign} ${rounded(limit, places)}${suffix[locale]}${also}`
}

/** A rule that does not say shows a figure with a denominator as a share, any other as a count. */
const mannerOf = ({ shown, denominator }: Figure): FigureShown => shown ?? (denominator === '1' ? 'count' : 'share')

const whole = /^-?[0-9]+$/
const decimal = /^(-?[0-9]+)(?:\.([0-9]+))?$/

/** Undefined for what is no figure of ours: a page shows what comes over the network. */
function figureOf({ numerator, denominator }: Figure, times: bigint): Exact | undefined {
  if (!whole.test(numerator) || !whole.test(denominator) || BigInt(denominator) <= 0n) return undefined
  return { units: BigInt(numerator) * times, over: BigInt(denominator) }
}

function limitOf(text: string | undefined, times: bigint): Exact | undefined {
  const match = decimal.exec(text ?? '')
  if (!match) return undefined
  const fraction = match[2] ?? ''
  return { units: BigInt(`${match[1]}${fraction}`) * times, over: 10n ** BigInt(fraction.length) }
}

/** As many as the limit needs to be shown as it is, and then until the two differ. Two fractions that differ end it. */
function placesFor(figure: Exact, limit: Exact, differ: boolean, placesMin: number): number {
  let places = placesMin
  while ((limit.units * 10n ** BigInt(places)) % limit.over !== 0n) places += 1
  while (differ && rounded(figure, places) === rounded(limit, places)) places += 1
  return places
}

/** Half a last place is rounded away from zero. Thousands are set apart. */
function rounded({ units, over }: Exact, places: number): string {
  const positive = units < 0n ? -units : units
  const scaled = (positive * 10n ** BigInt(places) * 2n + over) / (over * 2n)
  const digits = String(scaled).padStart(places + 1, '0')
  const [before, after] = [digits.slice(0, digits.length - places), digits.slice(digits.length - places)]
  const minus = units < 0n && scaled !== 0n ? '-' : ''
  return `${minus}${before.replace(/\B(?=(\d{3})+$)/g, ',')}${places === 0 ? '' : `.${after}`}`
}
