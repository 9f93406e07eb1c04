/**
 * What is due of an alert although its figure stands still: it climbs when nobody takes it in hand, an acknowledgement
 * ends, a hold is over. One deadline for each alert, the earliest of them.
 *
 * Unit officer -> county sub-centre -> city centre (domain 5). What is nobody's but the city's begins there.
 */
import { dayOf, startOfDay } from '../core/day.js'
import type { RuleId, UnixMs } from '../core/names.js'
import type { Escalation, Hold, Span } from '../core/rule-set.js'
import { type EscalationTransition, type Rung, rungs } from '../core/transition.js'
import { type Bench, comparedIn, type Trigger, whyBase } from './bench.js'
import { inRed } from './colour.js'
import { nextEndOfHold } from './hold.js'
import type { Alert, Holder } from './holder.js'
import type { CompiledRule } from './rules.js'
import type { WorkingDays } from './working-days.js'

const topRung = rungs.length - 1

export const baseRung = ({ where }: Holder): number => (where.unit ? 0 : where.county ? 1 : topRung)

/** Sets when the alert must be looked at next. */
export function watchAlert(bench: Bench, holder: Holder, rule: RuleId): void {
  const alert = holder.alerts?.get(rule)
  if (!alert) return
  const dueMs = nextMoment(bench, holder, rule, alert)
  if (dueMs === undefined && !alert.watch) return
  alert.watch ??= { kind: 'alert', holder, rule, dueMs: 0 }
  bench.deadlines.set(alert.watch, dueMs ?? 0)
}

/** All of a holder, and of what must be mended of it: another calendar, other spans. */
export function watchAlerts(bench: Bench, holder: Holder): void {
  for (const rule of holder.alerts?.keys() ?? []) watchAlert(bench, holder, rule)
  for (const rectification of holder.care?.rectifications.values() ?? []) watchAlerts(bench, rectification)
}

function nextMoment(bench: Bench, holder: Holder, rule: RuleId, alert: Alert): UnixMs | undefined {
  const compiled = compiledOf(bench, holder, rule)
  if (!compiled) return undefined
  const { hold } = compiled.rule
  const ofHold = hold && endOfHoldToCome(bench, hold, alert)
  return earlier(earlier(ofHold, alert.acknowledged?.untilMs), nextClimb(bench, holder, compiled, alert))
}

const earlier = (a: UnixMs | undefined, b: UnixMs | undefined): UnixMs | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a

/** One that is over and yet pending is of a subject that a load set aside: it is judged when the load ends. */
function endOfHoldToCome({ nowMs }: Bench, hold: Hold, alert: Alert): UnixMs | undefined {
  const endMs = nextEndOfHold(hold, alert)
  return endMs !== undefined && endMs > nowMs ? endMs : undefined
}

/** The rule under which the holder's alert stands; undefined when it is gone. */
export function compiledOf(bench: Bench, { scope }: Holder, rule: RuleId): CompiledRule<never> | undefined {
  return bench.rules.byId[scope].get(rule)
}

function nextClimb(bench: Bench, holder: Holder, rule: CompiledRule<never>, alert: Alert): UnixMs | undefined {
  if (!climbs(holder, rule, alert) || alert.rung >= topRung || !rule.escalation) return undefined
  return climbMoment(bench.calendar, rule.escalation, alert, alert.rung + 1)
}

/** Unacknowledged, heard, and of a colour that is worth climbing for. */
function climbs(holder: Holder, { rule, climbsWhenYellow }: CompiledRule<never>, alert: Alert): boolean {
  const isHigh = (alert.levels & inRed) !== 0 || (climbsWhenYellow && alert.levels !== 0)
  return isHigh && !alert.acknowledged && !holder.care?.silences.has(rule.id)
}

const climbMoment = (calendar: WorkingDays, escalation: Escalation, { sinceMs }: Alert, rung: number): UnixMs =>
  after(calendar, sinceMs, rung === 1 ? escalation.county : escalation.city)

/** The same time of day so many working days later, or so many milliseconds. */
function after(calendar: WorkingDays, fromMs: UnixMs, span: Span): UnixMs {
  if ('ms' in span) return (fromMs + span.ms) as UnixMs
  const day = dayOf(fromMs)
  return (startOfDay(calendar.nthAfter(day, span.workingDays)) + (fromMs - startOfDay(day))) as UnixMs
}

/** Working days of a year that the calendar does not know were counted. */
function isUncertain(calendar: WorkingDays, escalation: Escalation, { sinceMs }: Alert, rung: number): boolean {
  const span = rung === 1 ? escalation.county : escalation.city
  return !('ms' in span) && !calendar.knows(dayOf(sinceMs), dayOf(after(calendar, sinceMs, span)))
}

/** As far up as the time that has passed says; one step, however long the clock stood still. */
export function climbDue(bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger): void {
  const alert = holder.alerts?.get(rule)
  const compiled = compiledOf(bench, holder, rule)
  if (!alert || !compiled?.escalation || !climbs(holder, compiled, alert)) return
  let rung = alert.rung
  while (rung < topRung && climbMoment(bench.calendar, compiled.escalation, alert, rung + 1) <= bench.nowMs) rung += 1
  climbTo(bench, holder, rule, rung, trigger)
}

/** Nothing when it stands there already. */
export function climbTo(bench: Bench, holder: Holder, rule: RuleId, rung: number, trigger: Trigger): void {
  const alert = holder.alerts?.get(rule)
  if (!alert || alert.rung >= rung || rung > topRung) return
  const { escalation } = compiledOf(bench, holder, rule) ?? {}
  const byTime = trigger.order === undefined
  const assumed = byTime && (escalation?.assumed ?? false)
  const uncertain = byTime && escalation !== undefined && isUncertain(bench.calendar, escalation, alert, rung)
  const transition: EscalationTransition = {
    kind: 'escalation',
    position: trigger.position,
    subject: holder.subject,
    ...holder.where,
    rule,
    from: rungs[alert.rung] as Rung,
    to: rungs[rung] as Rung,
    at: bench.nowMs,
    why: {
      ...comparedIn(alert.why),
      ruleVersion: alert.ruleVersion,
      ...(uncertain ? { uncertain } : {}),
      ...whyBase(bench, trigger, assumed || alert.why.assumed),
    },
  }
  alert.rung = rung
  alert.rungAssumed = assumed
  bench.verdicts.push(transition)
}
