/**
 * The order in which verdicts are numbered: position, subject, kind (alerts before freezes), rule (design 5).
 *
 * Shards judge in the order of their own maps; sorting makes the sequence a function of the log alone. Strings are
 * compared by code unit, because a locale is a property of the machine.
 */
import type { Verdict } from '../core/transition.js'
import { compareText } from './stamp.js'

export function compareVerdicts(a: Verdict, b: Verdict): number {
  return (
    a.position - b.position ||
    compareText(a.subject, b.subject) ||
    compareText(a.kind, b.kind) ||
    compareText(ruleOf(a), ruleOf(b))
  )
}

const ruleOf = (verdict: Verdict): string => ('rule' in verdict ? verdict.rule : '')
