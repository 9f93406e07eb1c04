/**
 * One rule on one subject: does the shown colour change, and what is said about it.
 *
 * Shards call it for units and what is theirs, the fold for the city and what is its own. A rule without a figure says
 * nothing: a colour neither starts nor ends for want of data.
 */
import { type Colour, colours, type RuleId } from '../core/names.js'
import type { Rule } from '../core/rule-set.js'
import type { AlertTransition, Figure, Why } from '../core/transition.js'
import { addCauses, type Bench, namesOf, type Trigger, type Writable, whyBase } from './bench.js'
import { type CompiledLevel, colourOf, inRed, inYellow, type Levels, nextLevels, shownLevel } from './colour.js'
import type { ExactFigure } from './exact.js'
import { heldLevels } from './hold.js'
import { Alert, type Holder } from './holder.js'
import { type CompiledRule, cleared } from './rules.js'
import { baseRung, watchAlert } from './watch.js'

/** Whether the shown colour changed. `uncertain`: days of a year that the calendar does not know were counted. */
export function judgeRule<S>(
  bench: Bench,
  compiled: CompiledRule<S>,
  facts: S,
  holder: Holder,
  trigger: Trigger,
  uncertain = false,
): boolean {
  const figure = compiled.figureOf(facts)
  const alert = holder.alerts?.get(compiled.id)
  const was = alert ? alert.levels : 0
  const levelsNow = compiled.levels.at(bench.year)
  const levels = levelsAfter(bench, compiled, facts, holder, alert, figure, levelsNow)
  if (levels === undefined || levels === was) return false
  const [from, to] = [colourOf(was), colourOf(levels)]
  if (alert && from === to) {
    alert.levels = levels
    return false
  }
  const level = shownLevel(levelsNow, to)
  const why = whyOf(bench, compiled.rule, typeof figure === 'object' ? figure : undefined, level, trigger)
  if (uncertain) why.uncertain = uncertain
  setAlert(bench, holder, compiled, { levels, from, why, trigger })
  return true
}

/** Without a figure what it is about is done with. */
function whyOf(
  bench: Bench,
  rule: Rule,
  figure: ExactFigure | undefined,
  level: CompiledLevel | undefined,
  trigger: Trigger,
): Writable<Why> {
  const { events = [], order, cause } = trigger
  const assumed = rule.assumed ?? level?.assumed ?? false
  if (!figure || !level)
    return {
      ruleVersion: rule.version,
      ...(figure ? { figure: shownFigure(figure, rule) } : {}),
      ...thresholdOf(level),
      ...whyBase(bench, trigger, assumed),
      ...(figure || cause ? {} : { cause: 'settled' as const }),
    }
  const why: Writable<Why> = {
    ruleVersion: rule.version,
    figure: shownFigure(figure, rule),
    threshold: level.written,
    events: namesOf(events),
    policy: bench.policyName,
    assumed,
  }
  addCauses(why, order, cause)
  return why
}

/** Undefined: no verdict. */
function levelsAfter<S>(
  bench: Bench,
  { rule, id, hold, alsoIn }: CompiledRule<S>,
  facts: S,
  holder: Holder,
  alert: Alert | undefined,
  figure: ReturnType<CompiledRule<S>['figureOf']>,
  levelsNow: Levels,
): number | undefined {
  if (figure === cleared) return 0
  if (figure === undefined) {
    // Missing data starts nothing: what was on its way in begins anew when the figure is back.
    if (alert?.pending) alert.pending = { yellowMs: 0, redMs: 0 }
    return undefined
  }
  const wanted = nextLevels(levelsNow, alert ? alert.levels : 0, figure) | (alsoIn ? alsoIn(facts) : 0)
  if (!hold) return wanted
  const held = heldLevels(bench, rule, holder, wanted)
  watchAlert(bench, holder, id)
  return held
}

/** Ends an alert without a figure: its rule is gone, its subject is closed or done with. Whether it was not green. */
export function endAlert(bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger): boolean {
  const alert = holder.alerts?.get(rule)
  if (alert?.watch) bench.deadlines.set(alert.watch, 0)
  if (alert) alert.pending = undefined
  if (!alert || alert.levels === 0) return false
  const why: Why = { ruleVersion: alert.ruleVersion, ...whyBase(bench, trigger, alert.why.assumed) }
  setAlert(bench, holder, { rule: { id: rule } }, { levels: 0, from: colourOf(alert.levels), why, trigger })
  return true
}

export const endAllAlerts = (bench: Bench, holder: Holder, trigger: Trigger): boolean =>
  [...(holder.alerts?.keys() ?? [])].map((rule) => endAlert(bench, holder, rule, trigger)).includes(true)

/** Ends the alerts of rules that are not among `kept`. */
export function endAlertsOfGoneRules<S>(
  bench: Bench,
  holder: Holder,
  kept: readonly CompiledRule<S>[],
  trigger: Trigger,
): void {
  for (const id of holder.alerts?.keys() ?? [])
    if (!kept.some(({ rule }) => rule.id === id)) endAlert(bench, holder, id, trigger)
}

interface Change {
  readonly levels: number
  readonly from: Colour
  readonly why: Why
  readonly trigger: Trigger
}

type Judged = { readonly rule: { readonly id: RuleId } } | CompiledRule<never>

function setAlert(bench: Bench, holder: Holder, { rule }: Judged, { levels, from, why, trigger }: Change): void {
  const before = holder.alerts?.get(rule.id)
  const to = colourOf(levels)
  const isWorse = colours.indexOf(to) > colours.indexOf(from)
  const said = { levels, sinceMs: bench.nowMs, position: trigger.position, ruleVersion: why.ruleVersion ?? '', why }
  const alert = before ?? new Alert(rule.id, said)
  if (before) before.say(said)
  else holder.addAlert(alert)
  // Whoever took it in hand knew of a colour; a worse one is news.
  if (!before || isWorse || levels === 0) {
    alert.rung = baseRung(holder)
    alert.rungAssumed = false
    alert.acknowledged = undefined
  }
  const { position, late } = trigger
  const { subject, where } = holder
  const { unit, county, sector } = where
  const at = bench.nowMs
  // Nearly all are of units: written out, because spreading costs more than all the rest of it.
  const transition: Writable<AlertTransition> =
    unit !== undefined && county !== undefined && sector !== undefined
      ? { kind: 'alert', position, subject, unit, county, sector, rule: rule.id, from, to, at, why }
      : { kind: 'alert', position, subject, ...where, rule: rule.id, from, to, at, why }
  if (late) transition.correction = true
  if (holder.care?.silences.has(rule.id)) transition.silenced = true
  bench.verdicts.push(transition)
  if (trigger.cause === 'deadline') holder.noteJudged(bench.nowMs)
  watchAlert(bench, holder, rule.id)
}

export function shownFigure({ numerator, denominator }: ExactFigure, { shown }: Rule): Figure {
  const figure: Writable<Figure> = {
    numerator: String(numerator),
    denominator: String(denominator),
    value: Number(numerator) / Number(denominator),
  }
  if (shown !== undefined) figure.shown = shown
  return figure
}

export function thresholdOf(level: CompiledLevel | undefined): Pick<Why, 'threshold'> {
  return level ? { threshold: level.written } : {}
}

/** Of its alerts and of what must be mended of it: 0 green, 1 yellow, 2 red. */
export function worstOf(holder: Holder): number {
  let worst = 0
  if (holder.care)
    for (const rectification of holder.care.rectifications.values()) worst = Math.max(worst, worstOf(rectification))
  const levels = holder.alerts ? holder.alerts.levels : 0
  return Math.max(worst, (levels & inRed) !== 0 ? 2 : levels & inYellow)
}

export const colourOfWorst = (worst: number): Colour => colours[worst] ?? 'green'
