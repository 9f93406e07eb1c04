/**
 * The shipped rules with caps that a small city reaches, and relatives of them: other thresholds, a rule that holds, rules
 * that are gone or freeze no more. And the shipped rules' fixed figures as the oracle is told them.
 */
import { faultOf } from '../../../src/alerts/rules.js'
import { readRules } from '../../../src/config/rules-file.js'
import type { RuleSet } from '../../../src/core/rule-set.js'
import { rulesText } from '../engine.js'

/** What stands in figures, not in levels. */
export const fixed = { cap: 260, administrativeCap: 130, pool: 50, list: 40 }

const base = [
  ['60000', String(fixed.cap)],
  ['18000', String(fixed.administrativeCap)],
  ['denominator: "500"', `denominator: "${fixed.pool}"`],
  ['1000 * dayOfYear', `${fixed.list} * dayOfYear`],
].reduce((text, [from, to]) => replaced(text, from as string, to as string), rulesText)

const relatives = [
  base,
  replaced(
    replaced(
      base,
      'yellow: { above: 0.20, back: 0.01 }\n    actions: [suggest',
      'yellow: { above: 0.35, back: 0.05 }\n    red: { above: 0.5 }\n    hold: { enter: 2h, leave: 1h }\n    actions: [suggest',
    ),
    'yellow: { above: 10 }\n    red: { above: 15 }',
    'yellow: { above: 3 }\n    red: { above: 5 }',
  ),
  replaced(
    replaced(
      base,
      'actions: [freeze, notify, escalate]\n    escalation: { county: 10m',
      'actions: [notify, escalate]\n    escalation: { county: 10m',
    ),
    'id: progress\n',
    'id: progress-2\n',
  ),
]

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the rules have no ${from}`)
  return text.replaceAll(from, to)
}

export const planRules = relatives.map((text) => readRules(text, 'plan.yaml', faultOf)) as unknown as readonly [
  RuleSet,
  ...RuleSet[],
]
