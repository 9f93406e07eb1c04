/**
 * All that follows when a subject is judged: the colours of its alerts, what is proposed, what need be mended no more.
 */
import { parseDay } from '../core/day.js'
import type { RuleId, UnixMs } from '../core/names.js'
import type { Bench, Trigger } from './bench.js'
import { inRed } from './colour.js'
import { nextMidnight, workingDaysLeft } from './days.js'
import { type Holder, Rectification } from './holder.js'
import { endAlertsOfGoneRules, endAllAlerts, judgeRule } from './judge.js'
import { propose, settleProposals, withdrawAll } from './proposals.js'
import type { CompiledRule } from './rules.js'
import { endSilences } from './silences.js'
import { compiledOf, watchAlert } from './watch.js'

/** Whether a shown colour changed. */
export function judgeHolder<S>(
  bench: Bench,
  holder: Holder,
  rules: readonly CompiledRule<S>[],
  facts: S,
  trigger: Trigger,
  uncertain = false,
): boolean {
  let changed = false
  for (const compiled of rules) if (judgeOne(bench, holder, compiled, facts, trigger, uncertain)) changed = true
  return changed
}

/** One rule of it. */
export function judgeOne<S>(
  bench: Bench,
  holder: Holder,
  compiled: CompiledRule<S>,
  facts: S,
  trigger: Trigger,
  uncertain = false,
): boolean {
  const changed = judgeRule(bench, compiled, facts, holder, trigger, uncertain)
  if (changed) mendIfNotRed(bench, holder, compiled.rule.id, trigger)
  if (compiled.proposals.length > 0) settleProposals(bench, holder, compiled, facts, trigger, uncertain)
  return changed
}

/** What it is about is closed or done with: its alerts end green, nothing of it is proposed or to be mended. */
export function endHolder(bench: Bench, holder: Holder, trigger: Trigger): boolean {
  const changed = endAllAlerts(bench, holder, trigger)
  if (!holder.care) return changed
  for (const rule of holder.care.rectifications.keys()) mendIfNotRed(bench, holder, rule, trigger)
  withdrawAll(bench, holder, trigger)
  return changed
}

/** Another rule set: alerts of rules that are gone end, the rest is watched by the new rules' spans. */
export function adoptRules<S>(bench: Bench, holder: Holder, kept: readonly CompiledRule<S>[], trigger: Trigger): void {
  endAlertsOfGoneRules(bench, holder, kept, trigger)
  // What is still proposed is settled when the rule is judged.
  for (const id of holder.care?.proposals.keys() ?? [])
    if (!kept.some(({ rule, proposals }) => rule.id === id && proposals.length > 0))
      propose(bench, holder, id, undefined, trigger)
  for (const [rule, alert] of holder.alerts ?? []) {
    if (compiledOf(bench, holder, rule)?.rule.hold === undefined) alert.pending = undefined
    mendIfNotRed(bench, holder, rule, trigger)
    watchAlert(bench, holder, rule)
  }
  for (const rectification of holder.care?.rectifications.values() ?? [])
    adoptRules(bench, rectification, bench.rules.of.rectification, trigger)
}

/** A red alert gets an owner and a day, or others than before. */
export function rectify(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  { owner, dueOn }: { readonly owner: string; readonly dueOn: string },
  trigger: Trigger,
): void {
  const day = parseDay(dueOn)
  if (day === undefined || ((holder.alerts?.get(rule)?.levels ?? 0) & inRed) === 0) return
  const { rectifications } = holder.careTaken()
  const rectification = rectifications.get(rule) ?? new Rectification(holder, rule, owner, day)
  rectification.owner = owner
  rectification.dueOn = day
  rectifications.set(rule, rectification)
  judgeRectification(bench, rectification, trigger)
}

/** At its order and at each midnight. */
export function judgeRectification(bench: Bench, rectification: Rectification, trigger: Trigger): void {
  // It was due at the same moment as that which ended it.
  if (rectification.of.care?.rectifications.get(rectification.rule) !== rectification) return
  const facts = { workingDaysLeft: workingDaysLeft(bench, rectification.dueOn) }
  const uncertain = !bench.calendar.knows(bench.today, rectification.dueOn)
  judgeHolder(bench, rectification, bench.rules.of.rectification, facts, trigger, uncertain)
  bench.deadlines.set(rectification, nextMidnight(bench.nowMs))
}

/** Another calendar leaves them more days, or fewer. */
export function judgeRectifications(bench: Bench, { care }: Holder, trigger: Trigger): void {
  for (const rectification of care?.rectifications.values() ?? []) judgeRectification(bench, rectification, trigger)
}

function mendIfNotRed(bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger): void {
  const rectification = holder.care?.rectifications.get(rule)
  if (!rectification || ((holder.alerts?.get(rule)?.levels ?? 0) & inRed) !== 0) return
  holder.care?.rectifications.delete(rule)
  bench.deadlines.set(rectification, 0 as UnixMs)
  endHolder(bench, rectification, { ...trigger, cause: 'settled' })
  endSilences(bench, rectification, { ...trigger, cause: 'settled' })
}
