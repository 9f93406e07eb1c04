import { readdirSync } from 'node:fs'
import t from 'tap'
import type { Rule, RuleProposal } from '../../../src/core/rule-set.js'
import { rungs } from '../../../src/core/transition.js'
import type { Item } from '../../../src/node/rule-tests/items.js'
import { linesOf } from '../../../src/node/rule-tests/report.js'
import { openTests, readRuleFile } from '../../../src/node/rule-tests/run-files.js'
import { runTest } from '../../../src/node/rule-tests/run-test.js'
import { reachable, watchComparisons } from './compared.js'

// This file runs as dist/tests/node/rule-tests/shipped.test.js.
const root = new URL('../../../../', import.meta.url).pathname
const files = readdirSync(`${root}rules/tests`)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `rules/tests/${name}`)
const shipped = readRuleFile(`${root}rules/jiangmen.yaml`, 'rules/jiangmen.yaml')
const touched = new Set<string>()
watchComparisons(shipped, touched)
const tests = files.map((file) => ({ file, tests: openTests(file, root) }))
const checks = tests
  .flatMap(({ tests }) => tests)
  .flatMap(({ steps }) => steps.flatMap(({ expected }) => expected ?? []))

for (const { file, tests: ofFile } of tests)
  t.test(`${file} holds`, async (t) => {
    t.ok(
      ofFile.every(({ rules }) => rules === shipped),
      'it is about the rules that ship',
    )
    const result = { file, tests: ofFile.map((test) => runTest(test)) }
    const failed = result.tests.filter(({ failures }) => failures.length > 0)
    t.equal(failed.length, 0, linesOf(result).join('\n'))
  })

/** What no figure can do, and why; whatever stands here without need is a failure too. */
const impossible: Readonly<Record<string, string>> = {
  'efficiency-decile unit yellow 0 under': 'years are never below 0',
  'frozen-use unit red 0 under': 'nobody enters below 0 times',
  'pool-overdue loan yellow 0 under': 'what is not past due counts as 0',
  'risk-report report yellow 0 under': 'reports are never below 0',
  'self self yellow 0 under': 'levels begin at 0',
  'platform-coverage city yellow 1.00 under': 'not more than all units were heard',
  'refuses-release unit yellow 20 left': 'the days fall to 0 at once',
  'refuses-release unit red 60 left': 'the days fall to 0 at once',
  'impossible-headcount unit yellow 1 left': 'the days fall to 0 at once',
  'request-age request yellow 5 left': 'ends with its decision, not by its age',
  'request-age request red 15 left': 'ends with its decision, not by its age',
  'case-age case yellow 10 left': 'ends with its answer, not by its age',
  'case-age case red 15 left': 'ends with its answer, not by its age',
  'pool-eligibility request red 100000000.01 left': 'a request is not submitted twice',
  'silent-source source yellow 5 left': 'silence falls to 0 at once',
  'silent-source source red 20 left': 'silence falls to 0 at once',
}

t.test('every threshold is tested at, just under and just over, and every way back', async (t) => {
  const all = reachable(shipped)
  t.ok(all.size > 250, 'there is something to reach')
  t.same([...all].filter((what) => !touched.has(what)).sort(), Object.keys(impossible).sort())
})

/** Their figure is never missing, and no denominator of it 0: there is always a verdict. */
const always = [
  'frozen-use unit',
  'impossible-headcount unit',
  'rectification rectification',
  'pool-capacity pool',
  'pool-overdue loan',
  'request-age request',
  'case-age case',
  'milestone task',
  'risk-report report',
  'self self',
  'total-cap city',
  // A source without an interval is not asked about at all.
  'silent-source source',
]

t.test('every rule is tested without a verdict, but those that always have one', async (t) => {
  const subjects = shipped.rules.flatMap(({ id, scopes }) => scopes.map((scope) => `${id} ${scope}`))
  t.same(subjects.filter((each) => !touched.has(`${each} missing`)).sort(), [...always].sort())
})

const ofRule = (items: readonly Item[], rule: string): Item[] => items.filter(({ of }) => of.startsWith(`${rule} `))
const alerts = checks.flatMap((check) => check.alerts)
const freezes = checks.flatMap((check) => check.freezes)
const proposals = checks.flatMap((check) => check.proposals)

/** What nobody expected of the rule that it has. */
const unexpectedOf = (rule: Rule): string[] => [
  ...(['yellow', 'red'] as const).filter((colour) => rule[colour] && !isColourExpected(rule, colour)),
  ...(rule.actions.includes('escalate') || rule.escalation ? rungs.slice(1) : []).filter(
    (rung) => !ofRule(alerts, rule.id).some(({ details }) => details['rung'] === rung),
  ),
  ...(rule.proposals ?? []).filter((proposal) => !isProposalExpected(rule, proposal)).map(({ kind }) => kind),
  ...(rule.proposals && !ofRule(proposals, rule.id).some(({ state }) => state === 'withdrawn') ? ['withdrawn'] : []),
  ...(rule.actions.includes('freeze') && !freezes.some(({ details }) => details['reasons'] === rule.id)
    ? ['frozen for its reason alone']
    : []),
]

/** And that it is assumed, where it is. */
const isColourExpected = (rule: Rule, colour: 'yellow' | 'red'): boolean =>
  ofRule(alerts, rule.id).some(
    ({ state, details }) => state === colour && (!rule[colour]?.assumed || details['assumed'] === 'true'),
  )

const isProposalExpected = (rule: Rule, { kind, ratio = 'none', assumed }: RuleProposal): boolean =>
  ofRule(proposals, rule.id).some(
    ({ details: { kind: ofKind, ratio: by = 'none', assumed: isAssumed } }) =>
      ofKind === kind && by === ratio && isAssumed === String(assumed ?? false),
  )

t.test('what every rule does is tested: colours, freezes, proposals, escalation, what is assumed', async (t) => {
  for (const rule of shipped.rules) t.same(unexpectedOf(rule), [], rule.id)
})
