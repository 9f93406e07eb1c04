/**
 * Holding: a level is entered or left only when the figure has said so for a while without a break.
 *
 * What has been waited for stands in the alert, so a restart forgets nothing; the moment at which the wait is over is a
 * deadline (watch.ts).
 */
import type { UnixMs } from '../core/names.js'
import type { Hold, Rule } from '../core/rule-set.js'
import type { Bench } from './bench.js'
import { type InLevels, inRed, inYellow } from './colour.js'
import { Alert, type Holder, type Pending } from './holder.js'

const keyOf = { [inYellow]: 'yellowMs', [inRed]: 'redMs' } as const

/** The levels that hold now, when the figure wants `wanted`. */
export function heldLevels(bench: Bench, rule: Rule, holder: Holder, wanted: InLevels): InLevels {
  const { hold } = rule
  const known = holder.alerts?.get(rule.id)
  if (!hold || (!known && wanted === 0)) return wanted
  const alert = known ?? blankAlert(bench, rule, holder)
  const pending: Pending = { ...(alert.pending ?? { yellowMs: 0, redMs: 0 }) }
  let levels = alert.levels
  for (const bit of [inYellow, inRed] as const) {
    if (((wanted ^ levels) & bit) === 0) pending[keyOf[bit]] = 0
    else {
      pending[keyOf[bit]] ||= bench.nowMs
      if (bench.nowMs < endOfHold(hold, levels, bit, pending)) continue
      pending[keyOf[bit]] = 0
      levels ^= bit
    }
  }
  alert.pending = pending
  return levels
}

/** When what is pending is over, at the earliest; undefined when nothing is. */
export function nextEndOfHold(hold: Hold, { levels, pending }: Alert): UnixMs | undefined {
  const ends = ([inYellow, inRed] as const).flatMap((bit) =>
    pending && pending[keyOf[bit]] !== 0 ? [endOfHold(hold, levels, bit, pending)] : [],
  )
  return ends.length === 0 ? undefined : (Math.min(...ends) as UnixMs)
}

const endOfHold = ({ enterMs, leaveMs }: Hold, levels: InLevels, bit: 1 | 2, pending: Pending): number =>
  pending[keyOf[bit]] + ((levels & bit) === 0 ? enterMs : leaveMs)

/** An alert that has never been anything but green. */
function blankAlert(bench: Bench, rule: Rule, holder: Holder): Alert {
  const alert = new Alert(rule.id, {
    levels: 0,
    sinceMs: bench.nowMs,
    position: 0 as Alert['position'],
    ruleVersion: rule.version,
    why: { ruleVersion: rule.version, events: [], policy: bench.policyName, assumed: rule.assumed ?? false },
  })
  holder.addAlert(alert)
  return alert
}
