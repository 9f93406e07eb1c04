/**
 * What `quotawatch rules check` says of a rule file that can be used.
 */
import { type Level, type Rule, type RuleSet, ruleScopes } from '../../core/rule-set.js'

export function summaryLines(file: string, set: RuleSet): string[] {
  const { name, version, rules, playbooks = [], sources = {} } = set
  const counts = `${rules.length} rules, ${playbooks.length} playbooks, ${Object.keys(sources).length} sources`
  const byScope = ruleScopes
    .map((scope) => [scope, rules.filter(({ scopes }) => scopes.includes(scope)).map(({ id }) => id)] as const)
    .filter(([, ids]) => ids.length > 0)
  const assumed = [...rules.flatMap(assumedIn), ...(set.escalation?.assumed ? ['escalation of the set'] : [])]
  return [
    `${file}: ${name}@${version}: ${counts}`,
    ...byScope.map(([scope, ids]) => `  ${scope.padEnd(14)} ${ids.join(', ')}`),
    `  ${'assumed'.padEnd(14)} ${assumed.join(', ') || 'nothing'}`,
  ]
}

/** `refuses-release (yellow, red)`; a rule that is assumed as a whole stands alone. */
function assumedIn({ id, assumed, yellow, red, levelsOf = {}, proposals = [], escalation }: Rule): string[] {
  const isAssumed = (level: Level | undefined) => level?.assumed === true
  const parts = [
    ...(isAssumed(yellow) ? ['yellow'] : []),
    ...(isAssumed(red) ? ['red'] : []),
    ...Object.entries(levelsOf).flatMap(([scope, levels]) =>
      isAssumed(levels.yellow) || isAssumed(levels.red) ? [`levels of ${scope}`] : [],
    ),
    ...(proposals.some((proposal) => proposal.assumed) ? ['proposal'] : []),
    ...(escalation?.assumed ? ['escalation'] : []),
  ]
  if (assumed) return [id]
  return parts.length === 0 ? [] : [`${id} (${parts.join(', ')})`]
}
