/**
 * One rule on one subject: does the shown colour change, and what is said about it.
 *
 * Shards call it for units and tasks, the fold for the city. A rule without a figure says nothing: a colour neither
 * starts nor ends for want of data.
 */
import type { EventRef } from '../core/event.js'
import { type Colour, colours, type LogPosition, type RuleId, type UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import type { AlertTransition, Figure, Verdict, Why } from '../core/transition.js'
import type { Alert, AlertHolder } from './alert.js'
import { type CompiledLevel, colourOf, decidingLevel, inRed, inYellow, nextLevels } from './colour.js'
import type { ExactFigure } from './exact.js'
import type { CompiledRule } from './rules.js'

/** What is being judged because of: a log entry, or a deadline that passed. */
export interface Trigger {
  readonly position: LogPosition
  /** The events behind it; absent for all that is no event. */
  readonly events?: readonly EventRef[]
  /** The event happened before one that was counted already for the same subject. */
  readonly late: boolean
  readonly cause?: NonNullable<Why['cause']>
  readonly order?: Order
}

/** Where judging takes place: when, under which policy, and where verdicts go. */
export interface Bench {
  readonly nowMs: UnixMs
  /** `name@version` of the counting policy. */
  readonly policyName: string
  readonly verdicts: Verdict[]
}

/** Whether the shown colour changed. */
export function judgeRule<S>(
  bench: Bench,
  compiled: CompiledRule<S>,
  facts: S,
  holder: AlertHolder,
  trigger: Trigger,
  uncertain = false,
): boolean {
  const figure = compiled.figureOf(facts)
  if (!figure) return false
  const alert = holder.alerts?.get(compiled.rule.id)
  const was = alert?.levels ?? 0
  const levels = nextLevels(compiled, was, figure)
  if (levels === was) return false
  const [from, to] = [colourOf(was), colourOf(levels)]
  if (alert && from === to) {
    alert.levels = levels
    return false
  }
  const why: Why = {
    ruleVersion: compiled.rule.version,
    figure: shownFigure(figure),
    ...thresholdOf(decidingLevel(compiled, from, to)),
    ...whyBase(bench, trigger, compiled.rule.assumed ?? false),
    ...(uncertain ? { uncertain } : {}),
  }
  setAlert(bench, holder, compiled.rule.id, { levels, from, why, trigger })
  return true
}

/** Ends an alert without a figure: its rule is gone, or its unit is closed. Whether it was not green. */
export function endAlert(bench: Bench, holder: AlertHolder, rule: RuleId, trigger: Trigger): boolean {
  const alert = holder.alerts?.get(rule)
  if (!alert || alert.levels === 0) return false
  const why: Why = { ruleVersion: alert.ruleVersion, ...whyBase(bench, trigger, alert.why.assumed) }
  setAlert(bench, holder, rule, { levels: 0, from: colourOf(alert.levels), why, trigger })
  return true
}

interface Change {
  readonly levels: number
  readonly from: Colour
  readonly why: Why
  readonly trigger: Trigger
}

function setAlert(bench: Bench, holder: AlertHolder, rule: RuleId, { levels, from, why, trigger }: Change): void {
  const alert: Alert = {
    levels,
    sinceMs: bench.nowMs,
    position: trigger.position,
    ruleVersion: why.ruleVersion ?? '',
    why,
  }
  holder.alerts ??= new Map()
  holder.alerts.set(rule, alert)
  const transition: AlertTransition = {
    kind: 'alert',
    position: trigger.position,
    subject: holder.subject,
    ...whereIs(holder),
    rule,
    from,
    to: colourOf(levels),
    at: bench.nowMs,
    why,
    ...(trigger.late ? { correction: true } : {}),
  }
  bench.verdicts.push(transition)
}

/** Unit, county and sector of what an alert is about; nothing for the city. */
export function whereIs({ unit }: AlertHolder): Pick<Verdict, 'unit' | 'county' | 'sector'> {
  if (!unit) return {}
  const { id, profile } = unit
  return profile ? { unit: id, county: profile.cell.county, sector: profile.cell.sector } : { unit: id }
}

/** What every reason says: the events, the policy, the order or other cause. */
export function whyBase(bench: Bench, { events = [], order, cause }: Trigger, assumed: boolean): Why {
  return {
    // Only now named: most entries change no colour, and an event is more than its name.
    events: events.map(({ source, id }) => ({ source, id })),
    policy: bench.policyName,
    assumed,
    ...(order ? { order: { order: order.order, by: order.by, reason: order.reason } } : {}),
    ...(cause ? { cause } : {}),
  }
}

function shownFigure({ numerator, denominator }: ExactFigure): Figure {
  return {
    numerator: String(numerator),
    denominator: String(denominator),
    value: Number(numerator) / Number(denominator),
  }
}

function thresholdOf(level: CompiledLevel | undefined): Pick<Why, 'threshold'> {
  return level ? { threshold: level.written } : {}
}

/** 0 green, 1 yellow, 2 red. */
export function worstOf(holder: AlertHolder): number {
  let worst = 0
  for (const { levels } of holder.alerts?.values() ?? [])
    worst = Math.max(worst, (levels & inRed) !== 0 ? 2 : levels & inYellow)
  return worst
}

export const colourOfWorst = (worst: number): Colour => colours[worst] ?? 'green'
