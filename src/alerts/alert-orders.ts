/**
 * What a person orders about one alert, and what ends of it by itself (domain 5).
 *
 * An order that no longer applies (its alert is green by now) changes nothing: the door has answered for what it saw, and
 * the log's order decides.
 */
import type { RuleId, UnixMs } from '../core/names.js'
import type { AlertOrder } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import type { AcknowledgementTransition, SilenceTransition } from '../core/transition.js'
import { type Bench, type Trigger, whyBase } from './bench.js'
import type { AlertWatch, Holder, Silence } from './holder.js'
import { endAlert } from './judge.js'
import { rectify } from './judge-holder.js'
import { climbDue, climbTo, compiledOf, watchAlert } from './watch.js'

/** Whether the alert was closed: what its figure counts begins anew then. */
export function orderAlert(bench: Bench, holder: Holder, order: AlertOrder, trigger: Trigger): boolean {
  const { rule } = order
  switch (order.order) {
    case 'acknowledge':
      acknowledge(bench, holder, rule, order, trigger)
      return false
    case 'silence':
      silence(bench, holder, rule, order, trigger)
      return false
    case 'escalate':
      if (isRaised(holder, rule)) climbTo(bench, holder, rule, (holder.alerts?.get(rule)?.rung ?? 0) + 1, trigger)
      watchAlert(bench, holder, rule)
      return false
    case 'rectify':
      rectify(bench, holder, rule, order, trigger)
      return false
    case 'close':
      return compiledOf(bench, holder, rule)?.rule.closable === true && endAlert(bench, holder, rule, trigger)
  }
}

const isRaised = ({ alerts }: Holder, rule: RuleId): boolean => (alerts?.get(rule)?.levels ?? 0) !== 0

function acknowledge(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  { by, until }: { readonly by: string; readonly until?: string },
  trigger: Trigger,
): void {
  const alert = holder.alerts?.get(rule)
  const untilMs = until === undefined ? undefined : parseTime(until)
  if (!alert || alert.levels === 0 || (untilMs !== undefined && untilMs <= bench.nowMs)) return
  const from = alert.acknowledged ? 'acknowledged' : 'open'
  alert.acknowledged = { by, atMs: bench.nowMs, ...(untilMs === undefined ? {} : { untilMs }) }
  const more = { by, ...(untilMs === undefined ? {} : { until: untilMs }) }
  sayAcknowledgement(bench, holder, rule, { from, to: 'acknowledged', ...more }, trigger)
  watchAlert(bench, holder, rule)
}

function silence(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  { by, until }: { readonly by: string; readonly until: string },
  trigger: Trigger,
): void {
  const untilMs = parseTime(until)
  if (untilMs === undefined || untilMs <= bench.nowMs) return
  const { silences } = holder.careTaken()
  const before = silences.get(rule)
  if (before) bench.deadlines.set(before, 0)
  const made: Silence = { kind: 'silence', holder, rule, untilMs, by, dueMs: 0 }
  silences.set(rule, made)
  bench.deadlines.set(made, untilMs)
  sayOfSilence(bench, made, before ? 'silenced' : 'audible', 'silenced', trigger)
  watchAlert(bench, holder, rule)
}

/** Its end has come: what climbs goes on climbing. */
export function endSilence(bench: Bench, made: Silence, trigger: Trigger): void {
  const { holder, rule } = made
  holder.care?.silences.delete(rule)
  sayOfSilence(bench, made, 'silenced', 'audible', trigger)
  climbDue(bench, holder, rule, trigger)
  watchAlert(bench, holder, rule)
}

/** What was due of an alert. The end of a hold is the place's to judge: it knows the figure. */
export function passAlertWatch(bench: Bench, { holder, rule }: AlertWatch, trigger: Trigger): void {
  const alert = holder.alerts?.get(rule)
  const untilMs = alert?.acknowledged?.untilMs
  if (alert && untilMs !== undefined && untilMs <= bench.nowMs) {
    alert.acknowledged = undefined
    sayAcknowledgement(bench, holder, rule, { from: 'acknowledged', to: 'open' }, trigger)
  }
  climbDue(bench, holder, rule, trigger)
  watchAlert(bench, holder, rule)
}

type Said = Pick<AcknowledgementTransition, 'from' | 'to' | 'by' | 'until'>

function sayAcknowledgement(bench: Bench, holder: Holder, rule: RuleId, said: Said, trigger: Trigger): void {
  bench.verdicts.push({ kind: 'acknowledgement', ...commonOf(bench, holder, rule, trigger), ...said })
}

function sayOfSilence(
  bench: Bench,
  { holder, rule, by, untilMs }: Silence,
  from: SilenceTransition['from'],
  to: SilenceTransition['to'],
  trigger: Trigger,
): void {
  const more = to === 'silenced' ? { by, until: untilMs as UnixMs } : {}
  bench.verdicts.push({ kind: 'silence', ...commonOf(bench, holder, rule, trigger), from, to, ...more })
}

const commonOf = (bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger) => ({
  position: trigger.position,
  subject: holder.subject,
  ...holder.where,
  rule,
  at: bench.nowMs,
  why: whyBase(bench, trigger, false),
})
