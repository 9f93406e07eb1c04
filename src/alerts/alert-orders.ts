/**
 * What a person orders about one alert, and what ends of it by itself (domain 5).
 *
 * An order that no longer applies (its alert is green by now) changes nothing: the door has answered for what it saw, and
 * the log's order decides.
 */
import type { RuleId } from '../core/names.js'
import type { AlertOrder } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import type { AcknowledgementTransition } from '../core/transition.js'
import type { Bench, Trigger } from './bench.js'
import type { AlertWatch, Holder } from './holder.js'
import { endAlert } from './judge.js'
import { rectify } from './judge-holder.js'
import { ofAlert } from './of-alert.js'
import { silence } from './silences.js'
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
  bench.verdicts.push({ kind: 'acknowledgement', ...ofAlert(bench, holder, rule, trigger), ...said })
}
