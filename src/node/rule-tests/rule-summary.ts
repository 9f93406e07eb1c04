/**
 * What `quotawatch rules check` says of a rule file that can be used.
 */
import { type Rule, type RuleSet, ruleScopes } from '../../core/rule-set.js'
import { assumedIn } from './rule-page.js'

export function summaryLines(file: string, set: RuleSet): string[] {
  const { name, version, rules, playbooks = [], sources = {} } = set
  const counts = `${rules.length} rules, ${playbooks.length} playbooks, ${Object.keys(sources).length} sources`
  const byScope = ruleScopes
    .map((scope) => [scope, rules.filter(({ scopes }) => scopes.includes(scope)).map(({ id }) => id)] as const)
    .filter(([, ids]) => ids.length > 0)
  const assumed = [...rules.flatMap(assumedOf), ...(set.escalation?.assumed ? ['escalation of the set'] : [])]
  return [
    `${file}: ${name}@${version}: ${counts}`,
    ...byScope.map(([scope, ids]) => `  ${scope.padEnd(14)} ${ids.join(', ')}`),
    `  ${'assumed'.padEnd(14)} ${assumed.join(', ') || 'nothing'}`,
  ]
}

/** `refuses-release (yellow, red)`; a rule that is assumed as a whole stands alone. */
function assumedOf(rule: Rule): string[] {
  if (rule.assumed) return [rule.id]
  const parts = assumedIn(rule)
  return parts.length === 0 ? [] : [`${rule.id} (${parts.join(', ')})`]
}
