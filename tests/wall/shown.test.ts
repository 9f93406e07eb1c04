import t from 'tap'
import { lookOf, palette } from '../../wall/model/look.js'
import { ruleName } from '../../wall/model/names.js'
import {
  shownClock,
  shownDay,
  shownDuration,
  shownMoment,
  shownRatio,
  shownSpan,
  shownVacancy,
  shownWhole,
} from '../../wall/model/shown.js'
import { facts } from './samples.js'

t.test('times are those of Asia/Shanghai, in 24 hours', async (t) => {
  const ms = Date.parse('2024-01-01T16:05:09Z')
  t.equal(shownClock(ms), '00:05:09')
  t.equal(shownDay(ms), '2024-01-02')
  t.equal(shownMoment('2024-01-01T16:05:09Z'), '01-02 00:05')
  t.equal(shownMoment('soon'), 'soon', 'what is no time is shown as it came')
})

t.test('what is missing is a dash, and zero is a value', async (t) => {
  t.equal(shownWhole(null), '–')
  t.equal(shownWhole(0), '0')
  t.equal(shownWhole(60_000), '60,000')
  t.equal(shownRatio(undefined), '–')
  t.equal(shownRatio(0.0415), '4.2 %')
  t.equal(shownVacancy(facts(138, 120)), '0.0 %', 'over quota has no empty posts')
  t.equal(shownVacancy(facts(0, 0)), '–')
})

t.test('a duration is shown in its two largest measures', async (t) => {
  t.equal(shownDuration(0, 'en'), '0 s')
  t.equal(shownDuration(59_999, 'zh'), '59 秒')
  t.equal(shownDuration(3_661_000, 'en'), '1 h 1 min')
  t.equal(shownDuration(90_000_000, 'en'), '1 d 1 h')
  t.equal(shownDuration(-5, 'en'), '0 s')
})

t.test('a state that the page does not know is unknown, and never green', async (t) => {
  t.equal(lookOf('hologram'), 'unknown')
  t.equal(lookOf('constructor'), 'unknown')
  t.equal(lookOf('none'), 'green')
  t.equal(ruleName('no-such-rule', 'zh'), 'no-such-rule')
  t.equal(ruleName('constructor', 'zh'), 'constructor')
})

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

t.test('every colour stands out from the background by 3 to 1 at least', async (t) => {
  const { background, ...colours } = palette
  for (const [look, colour] of Object.entries(colours)) {
    const ratio = (luminance(colour) + 0.05) / (luminance(background) + 0.05)
    t.ok(ratio >= 3, `${look} ${ratio.toFixed(1)}`)
  }
})

t.test('a span is working days, or minutes and hours without an empty rest', async (t) => {
  t.equal(shownSpan({ workingDays: 1 }, 'en'), '1 working day')
  t.equal(shownSpan({ workingDays: 2 }, 'en'), '2 working days')
  t.equal(shownSpan({ workingDays: 2 }, 'zh'), '2 个工作日')
  t.equal(shownSpan({ ms: 600_000 }, 'zh'), '10 分')
  t.equal(shownSpan({ ms: 5_400_000 }, 'en'), '1 h 30 min')
})
