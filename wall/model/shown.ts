/**
 * Numbers and times as people read them. Times are always those of Asia/Shanghai, wherever the screen hangs: a wall in
 * another time zone must not tell another story.
 */
import type { Facts, Span } from './answers.js'
import type { Locale, Named } from './names.js'

const zone = 'Asia/Shanghai'

const clockFormat = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const dayFormat = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})
const wholeFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export const shownClock = (ms: number): string => clockFormat.format(ms)
export const shownDay = (ms: number): string => dayFormat.format(ms)

/** `01-02 08:00`, from RFC 3339. */
export function shownMoment(time: string): string {
  const ms = Date.parse(time)
  return Number.isFinite(ms) ? `${shownDay(ms).slice(5)} ${shownClock(ms).slice(0, 5)}` : time
}

export const shownWhole = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : wholeFormat.format(value)

export const shownRatio = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${(value * 100).toFixed(1)} %`

/** A unit over quota has no empty posts, not fewer than none. */
export const shownVacancy = ({ vacancyRatio }: Facts): string =>
  shownRatio(vacancyRatio === null ? null : Math.max(0, vacancyRatio))

/** How long something lasts, in the two largest measures. */
export function shownDuration(ms: number, locale: Locale): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts: [number, Named][] = [
    [Math.floor(seconds / 86_400), { zh: '天', en: 'd' }],
    [Math.floor(seconds / 3600) % 24, { zh: '小时', en: 'h' }],
    [Math.floor(seconds / 60) % 60, { zh: '分', en: 'min' }],
    [seconds % 60, { zh: '秒', en: 's' }],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  const shown = parts.slice(first < 0 ? 3 : first).slice(0, 2)
  return shown.map(([value, name]) => `${value} ${name[locale]}`).join(' ')
}

/** `2 个工作日`, `10 分`. */
export const shownSpan = (span: Span, locale: Locale): string =>
  'ms' in span
    ? shownDuration(span.ms, locale).replace(/ 0 \S+$/, '')
    : `${span.workingDays} ${locale === 'zh' ? '个工作日' : `working day${span.workingDays === 1 ? '' : 's'}`}`
