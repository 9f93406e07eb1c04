/**
 * Silences (domain 5): nobody wants to hear of a rule on a subject for a while, from now on or from a moment ahead. What is
 * silenced is judged and numbered all the same, and does not climb.
 */
import type { RuleId } from '../core/names.js'
import { parseTime } from '../core/rfc3339.js'
import type { SilenceTransition } from '../core/transition.js'
import type { Bench, Trigger } from './bench.js'
import type { Holder, Silence } from './holder.js'
import { ofAlert } from './of-alert.js'
import { climbDue, watchAlert } from './watch.js'

export function silence(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  { by, from, until }: { readonly by: string; readonly from?: string; readonly until: string },
  trigger: Trigger,
): void {
  const untilMs = parseTime(until)
  const fromMs = from === undefined ? bench.nowMs : (parseTime(from) ?? bench.nowMs)
  if (untilMs === undefined || untilMs <= bench.nowMs || untilMs <= fromMs) return
  if (fromMs <= bench.nowMs) {
    beginSilence(bench, { kind: 'silence', holder, rule, untilMs, by, dueMs: 0 }, trigger)
    return
  }
  const { silencesAhead } = holder.careTaken()
  const before = silencesAhead.get(rule)
  if (before) bench.deadlines.set(before, 0)
  const made: Silence = { kind: 'silence', holder, rule, fromMs, untilMs, by, dueMs: 0 }
  silencesAhead.set(rule, made)
  bench.deadlines.set(made, fromMs)
}

function beginSilence(bench: Bench, made: Silence, trigger: Trigger): void {
  const { holder, rule, untilMs } = made
  const { silences } = holder.careTaken()
  const before = silences.get(rule)
  if (before) bench.deadlines.set(before, 0)
  silences.set(rule, made)
  bench.deadlines.set(made, untilMs)
  sayOfSilence(bench, made, before ? 'silenced' : 'audible', 'silenced', trigger)
  watchAlert(bench, holder, rule)
}

/** It begins, or ends, or both were slept through. In whatever order two of one moment come: the old one ends first. */
export function passSilence(bench: Bench, made: Silence, trigger: Trigger): void {
  const { silences, silencesAhead } = made.holder.careTaken()
  const current = silences.get(made.rule)
  if (silencesAhead.get(made.rule) === made) {
    silencesAhead.delete(made.rule)
    if (current && current.untilMs <= bench.nowMs) endSilence(bench, current, trigger)
    if (made.untilMs > bench.nowMs) beginSilence(bench, made, trigger)
  } else if (current === made) endSilence(bench, made, trigger)
}

/** What climbs goes on climbing. */
function endSilence(bench: Bench, made: Silence, trigger: Trigger): void {
  const { holder, rule } = made
  holder.care?.silences.delete(rule)
  sayOfSilence(bench, made, 'silenced', 'audible', trigger)
  climbDue(bench, holder, rule, trigger)
  watchAlert(bench, holder, rule)
}

/** What it was about is no more: what must be mended of an alert that is not red. */
export function endSilences(bench: Bench, { care }: Holder, trigger: Trigger): void {
  for (const made of care?.silences.values() ?? []) {
    bench.deadlines.set(made, 0)
    sayOfSilence(bench, made, 'silenced', 'audible', trigger)
  }
  for (const made of care?.silencesAhead.values() ?? []) bench.deadlines.set(made, 0)
  care?.silences.clear()
  care?.silencesAhead.clear()
}

function sayOfSilence(
  bench: Bench,
  { holder, rule, by, untilMs }: Silence,
  from: SilenceTransition['from'],
  to: SilenceTransition['to'],
  trigger: Trigger,
): void {
  const more = to === 'silenced' ? { by, until: untilMs } : {}
  bench.verdicts.push({ kind: 'silence', ...ofAlert(bench, holder, rule, trigger), from, to, ...more })
}
