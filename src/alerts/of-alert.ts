/**
 * What is said of an alert whose colour stands: whose it is, and what it stands for.
 */
import type { RuleId } from '../core/names.js'
import type { Why } from '../core/transition.js'
import { type Bench, comparedIn, type Trigger, whyBase } from './bench.js'
import type { Holder } from './holder.js'
import { compiledOf } from './watch.js'

export const ofAlert = (bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger) => ({
  position: trigger.position,
  subject: holder.subject,
  ...holder.where,
  rule,
  at: bench.nowMs,
  why: whyOfAlert(bench, holder, rule, trigger),
})

/** What the alert stands for, where there is one; a silence may be kept ready for one that is not raised. */
function whyOfAlert(bench: Bench, holder: Holder, rule: RuleId, trigger: Trigger): Why {
  const alert = holder.alerts?.get(rule)
  const ruleVersion = alert?.ruleVersion ?? compiledOf(bench, holder, rule)?.rule.version
  return {
    ...(alert && alert.levels !== 0 ? comparedIn(alert.why) : {}),
    ...(ruleVersion === undefined ? {} : { ruleVersion }),
    ...whyBase(bench, trigger, alert !== undefined && alert.levels !== 0 && alert.why.assumed),
  }
}
