/**
 * The rule file -> the rule set that is logged and compiled.
 *
 * Everything that can be wrong is said with file, line and reason before the set goes anywhere near the log: a rule that
 * cannot be run must not become an entry that every later start would trip over. Whether an expression can be run is the
 * engine's to say (`faultOf` in alerts/rules.ts), so it is passed in: the reader and the runner cannot differ.
 */
import {
  type Escalation,
  type FigureShown,
  figuresShown,
  type Hold,
  type Level,
  type Playbook,
  type ProposalKind,
  proposalKinds,
  type Rule,
  type RuleAction,
  type RuleLevels,
  type RuleProposal,
  type RuleScope,
  type RuleSet,
  ruleActions,
  ruleScopes,
  type Span,
  type Threshold,
} from '../core/rule-set.js'
import { versionOf } from './canonical-json.js'
import { Part } from './rule-part.js'

/** Says where in a rule what keeps it from being run. */
export type FaultOf = (
  rule: Rule,
) => { readonly path: readonly (string | number)[]; readonly reason: string } | undefined

/** The way back of a ratio that names none: one percentage point (domain 4). Counts and money have none. */
const ratioBack = '0.01'

const idPattern = /^[a-z][a-z0-9-]{0,63}$/
const ruleKeys = [
  'id',
  'title',
  'scope',
  'plan',
  'when',
  'clear',
  'figure',
  'shown',
  'yellow',
  'red',
  'levelsOf',
  'hold',
  'actions',
  'proposals',
  'escalation',
  'playbook',
  'closable',
  'assumed',
]

/** @throws QwError QW_RULES_INVALID with file, line and reason. */
export function readRules(text: string, file: string, faultOf: FaultOf): RuleSet {
  const root = Part.open(text, file)
  root.allow(['name', 'escalation', 'sources', 'playbooks', 'rules'])
  const name = root.at('name').matching(/^[a-z0-9][a-z0-9-]{0,63}$/)
  const playbooks = root.at('playbooks').isThere ? root.at('playbooks').list(readPlaybook) : []
  refuseTwins(root.at('playbooks'), playbooks)
  const rules = root.at('rules').list((part) => readRule(part, playbooks, faultOf))
  if (rules.length === 0) root.at('rules').fail('must hold at least one rule')
  refuseTwins(root.at('rules'), rules)
  const content = {
    rules,
    ...(playbooks.length > 0 ? { playbooks } : {}),
    ...root.at('escalation').ifThere((part) => ({ escalation: readEscalation(part) })),
    ...root.at('sources').ifThere((part) => ({ sources: readSources(part) })),
  }
  return { name, version: versionOf(content), ...content }
}

function refuseTwins(part: Part, items: readonly { readonly id: string }[]): void {
  items.forEach(({ id }, i) => {
    if (items.findIndex((other) => other.id === id) < i) part.at(i).at('id').fail(`${id} is the id of another one too`)
  })
}

function readRule(part: Part, playbooks: readonly Playbook[], faultOf: FaultOf): Rule {
  part.allow(ruleKeys)
  const figure = part.at('figure')
  figure.allow(['numerator', 'denominator'])
  const isRatio = figure.at('denominator').isThere
  const content: Omit<Rule, 'version'> = {
    id: part.at('id').matching(idPattern),
    title: readTitle(part.at('title')),
    scopes: readScopes(part.at('scope')),
    plan: part.at('plan').text(),
    ...part.at('when').ifThere((when) => ({ when: when.text() })),
    ...part.at('clear').ifThere((clear) => ({ clear: clear.text() })),
    figure: {
      numerator: figure.at('numerator').text(),
      ...figure.at('denominator').ifThere((denominator) => ({ denominator: denominator.text() })),
    },
    ...part.at('shown').ifThere((shown) => ({ shown: shown.oneOf<FigureShown>(figuresShown) })),
    ...readLevels(part, isRatio),
    ...part.at('levelsOf').ifThere((levels) => ({ levelsOf: readLevelsOf(levels, isRatio) })),
    ...part.at('hold').ifThere((hold) => ({ hold: readHold(hold) })),
    actions: part.at('actions').list((action) => action.oneOf<RuleAction>(ruleActions)),
    ...part.at('proposals').ifThere((proposals) => ({ proposals: proposals.list(readProposal) })),
    ...part.at('escalation').ifThere((escalation) => ({ escalation: readEscalation(escalation) })),
    ...part.at('playbook').ifThere((playbook) => ({ playbook: readPlaybookName(playbook, playbooks) })),
    ...readFlag(part, 'closable'),
    ...readFlag(part, 'assumed'),
  }
  if (!content.yellow && !content.red && !content.levelsOf) part.fail('needs yellow or red')
  checkLevelsOf(part, content)
  const rule: Rule = { ...content, version: versionOf(content) }
  const fault = faultOf(rule)
  if (fault) part.under(fault.path).fail(fault.reason)
  return rule
}

/** `assumed: false` says the same as nothing. */
function readFlag<K extends 'assumed' | 'closable'>(part: Part, key: K): { readonly [key in K]?: true } {
  const isSet = part.at(key).isThere && part.at(key).truth()
  return (isSet ? { [key]: true } : {}) as { readonly [key in K]?: true }
}

function readTitle(title: Part): Rule['title'] {
  title.allow(['zh', 'en'])
  return { zh: title.at('zh').text(), en: title.at('en').text() }
}

/** One, or a list of them. */
function readScopes(part: Part): readonly RuleScope[] {
  const scopes = part.isList
    ? part.list((scope) => scope.oneOf<RuleScope>(ruleScopes))
    : [part.oneOf<RuleScope>(ruleScopes)]
  if (scopes.length === 0 || new Set(scopes).size < scopes.length)
    part.fail('must name each scope once, and one at least')
  return scopes
}

function readLevels(part: Part, isRatio: boolean): RuleLevels {
  return {
    ...part.at('yellow').ifThere((level) => ({ yellow: readLevel(level, isRatio) })),
    ...part.at('red').ifThere((level) => ({ red: readLevel(level, isRatio) })),
  }
}

function readLevel(part: Part, isRatio: boolean): Level {
  part.allow(['above', 'below', 'back', 'or', 'assumed'])
  const [above, below, written] = [part.at('above'), part.at('below'), part.at('back')]
  if (above.isThere === below.isThere) part.fail('needs either above or below')
  const base = {
    back: written.isThere ? written.decimal() : isRatio ? ratioBack : '0',
    ...part.at('or').ifThere((or) => ({ or: or.text() })),
    ...readFlag(part, 'assumed'),
  }
  return above.isThere ? { above: readThreshold(above), ...base } : { below: readThreshold(below), ...base }
}

/** For good, or by year: `{ 2024: 0.39, 2025: 0.42 }`. */
function readThreshold(part: Part): Threshold {
  if (!part.isMapping) return part.decimal()
  const years = part.keys()
  if (years.length === 0) part.fail('must name at least one year')
  return Object.fromEntries(
    years.map((year) => {
      if (!/^[12][0-9]{3}$/.test(year)) part.at(year).fail('must be a year such as 2024')
      return [year, part.at(year).decimal()]
    }),
  )
}

function readLevelsOf(part: Part, isRatio: boolean): NonNullable<Rule['levelsOf']> {
  part.allow(ruleScopes)
  return Object.fromEntries(
    part.keys().map((scope) => {
      const levels = part.at(scope)
      levels.allow(['yellow', 'red'])
      return [scope, readLevels(levels, isRatio)]
    }),
  )
}

/** Every scope of a rule has a level, and none is said of a scope that the rule has not. */
function checkLevelsOf(part: Part, { scopes, levelsOf = {}, yellow, red }: Omit<Rule, 'version'>): void {
  for (const scope of Object.keys(levelsOf))
    if (!scopes.includes(scope as RuleScope)) part.at('levelsOf').at(scope).fail('is no scope of this rule')
  for (const scope of scopes) {
    const levels = levelsOf[scope] ?? { yellow, red }
    if (!levels.yellow && !levels.red) part.at('scope').fail(`${scope} has neither yellow nor red`)
  }
}

function readHold(part: Part): Hold {
  part.allow(['enter', 'leave'])
  const [enter, leave] = [part.at('enter'), part.at('leave')]
  return { enterMs: enter.isThere ? readMs(enter) : 0, leaveMs: leave.isThere ? readMs(leave) : 0 }
}

function readProposal(part: Part): RuleProposal {
  part.allow(['kind', 'when', 'per', 'ratio', 'assumed'])
  return {
    kind: part.at('kind').oneOf<ProposalKind>(proposalKinds),
    ...part.at('when').ifThere((when) => ({ when: when.text() })),
    ...part.at('per').ifThere((per) => ({ per: per.text() })),
    ...part.at('ratio').ifThere((ratio) => ({ ratio: ratio.decimal() })),
    ...readFlag(part, 'assumed'),
  }
}

function readEscalation(part: Part): Escalation {
  part.allow(['county', 'city', 'assumed'])
  return {
    county: readSpan(part.at('county')),
    city: readSpan(part.at('city')),
    ...readFlag(part, 'assumed'),
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const spanPattern = /^([1-9][0-9]{0,5})(s|m|h|d|wd)$/

function readSpan(part: Part): Span {
  const match = spanPattern.exec(part.text())
  if (!match) return part.fail('must be a span such as 30s, 10m, 3h, 2d or, in working days, 2wd')
  const count = Number(match[1])
  return match[2] === 'wd' ? { workingDays: count } : { ms: count * (unitMs[match[2] as string] as number) }
}

function readMs(part: Part): number {
  const span = readSpan(part)
  return 'ms' in span ? span.ms : part.fail('must be a span such as 30s, 10m, 3h or 2d')
}

function readSources(part: Part): NonNullable<RuleSet['sources']> {
  return Object.fromEntries(part.keys().map((source) => [source, readMs(part.at(source))]))
}

function readPlaybook(part: Part): Playbook {
  part.allow(['id', 'title', 'owner', 'steps', 'contacts', 'meeting'])
  return {
    id: part.at('id').matching(idPattern),
    title: readTitle(part.at('title')),
    owner: part.at('owner').text(),
    steps: part.at('steps').list((step) => step.text()),
    contacts: part.at('contacts').list((contact) => contact.text()),
    ...part.at('meeting').ifThere((meeting) => ({ meeting: meeting.text() })),
  }
}

function readPlaybookName(part: Part, playbooks: readonly Playbook[]): string {
  const name = part.text()
  return playbooks.some(({ id }) => id === name) ? name : part.fail(`names no playbook of this file: ${name}`)
}
