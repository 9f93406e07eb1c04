/**
 * A rule set -> rules that can be asked: which touch what, and what their figure is for a subject.
 *
 * `faultOf` is given to the reader of the rule file, so that what is refused there and what is run here cannot differ.
 */
import type { RuleId } from '../core/names.js'
import {
  type Escalation,
  type Hold,
  type Level,
  type ProposalKind,
  type Rule,
  type RuleLevels,
  type RuleProposal,
  type RuleScope,
  type RuleSet,
  ruleScopes,
} from '../core/rule-set.js'
import { compileLevel, inRed, inYellow, isBeyond, LevelsByYear } from './colour.js'
import type { Exact, ExactFigure } from './exact.js'
import { type FactsOf, tableOf } from './fact-tables.js'
import { compileBool, compileFigure, compileInt, type Expression, type FactTable, FigureError } from './figure.js'
import { touch } from './touch.js'

export { type DescribedFact, describedFacts } from './fact-words.js'

/** While this is the figure the alert is green: what it is about is done with. */
export const cleared: unique symbol = Symbol('cleared')

export interface CompiledProposal<S> {
  readonly written: RuleProposal
  /** Absent: while the alert is red. */
  readonly when?: (subject: S) => boolean
  readonly per?: (subject: S) => Exact
}

/** Of one shape: every event asks some of them, and what is written in a rule has many. */
export interface CompiledRule<S> {
  readonly rule: Rule
  /** Those of `rule` that each judging asks for. */
  readonly id: RuleId
  readonly hold: Hold | undefined
  readonly levels: LevelsByYear
  /** Bits of `touch.ts` that may change its figure or whether it has one. */
  readonly touchedBy: number
  /** While red the unit is frozen. */
  readonly freezes: boolean
  readonly escalation: Escalation | undefined
  /** It climbs while yellow too. */
  readonly climbsWhenYellow: boolean
  readonly proposals: readonly CompiledProposal<S>[]
  /**
   * Undefined: no verdict now, because a fact is missing, `when` is false, or the denominator is not above 0. The figure
   * is good until the next call: most judging changes nothing, and an object for each would be most of the garbage.
   */
  readonly figureOf: (subject: S) => ExactFigure | typeof cleared | undefined
  /** Levels that a condition of their own enters, whatever the figure: bits of colour.ts. Undefined: there is none. */
  readonly alsoIn: ((subject: S) => number) | undefined
}

export type RulesOf = { readonly [Scope in RuleScope]: readonly CompiledRule<FactsOf[Scope]>[] }

export interface CompiledRules {
  readonly set: RuleSet
  readonly of: RulesOf
  readonly byId: { readonly [Scope in RuleScope]: ReadonlyMap<RuleId, CompiledRule<never>> }
  /** Feeds that are expected to speak: how often, in ms. */
  readonly sources: ReadonlyMap<string, number>
  /** Rules that freeze while red. */
  readonly freezing: ReadonlySet<RuleId>
  /** What may change a verdict on the city, a county, a sector or the pool. */
  readonly sumsTouchedBy: number
  /** The unit rules that an entry with these touch bits may change. */
  readonly unitTouchedBy: (touched: number) => readonly CompiledRule<FactsOf['unit']>[]
}

export const noRules: RuleSet = { name: 'none', version: '0', rules: [] }

// The shards and the fold of one thread judge by the same set, and rule tests by the same for hundreds of engines.
const compiled = new WeakMap<RuleSet, CompiledRules>()

/** Once for each set. @throws FigureError when the set was not checked with `faultOf`. */
export function compileRules(set: RuleSet): CompiledRules {
  const known = compiled.get(set) ?? compileAnew(set)
  compiled.set(set, known)
  return known
}

function compileAnew(set: RuleSet): CompiledRules {
  const of = mapScopes((scope) => rulesOfScope(set, scope)) as unknown as RulesOf
  const byTouch = new Map<number, readonly CompiledRule<FactsOf['unit']>[]>()
  return {
    set,
    of,
    byId: mapScopes((scope) => new Map(of[scope].map((rule) => [rule.rule.id, rule as CompiledRule<never>]))),
    sources: new Map(Object.entries(set.sources ?? {})),
    sumsTouchedBy: [...of.city, ...of.county, ...of.sector, ...of.pool].reduce(
      (bits, rule) => bits | rule.touchedBy,
      0,
    ),
    freezing: new Set(of.unit.filter(({ freezes }) => freezes).map(({ rule }) => rule.id)),
    unitTouchedBy(touched) {
      const known = byTouch.get(touched)
      if (known) return known
      const some = of.unit.filter(({ touchedBy }) => (touchedBy & touched) !== 0)
      byTouch.set(touched, some)
      return some
    },
  }
}

const mapScopes = <V>(of: (scope: RuleScope) => V): Record<RuleScope, V> =>
  Object.fromEntries(ruleScopes.map((scope) => [scope, of(scope)])) as Record<RuleScope, V>

function rulesOfScope<Scope extends RuleScope>(set: RuleSet, scope: Scope): CompiledRule<FactsOf[Scope]>[] {
  return set.rules
    .filter(({ scopes }) => scopes.includes(scope))
    .map((rule) => compileRule(rule, scope, tableOf[scope], set.escalation))
}

/** Where in a rule what is wrong; undefined when it can be run. */
export interface RuleFault {
  readonly path: readonly (string | number)[]
  readonly reason: string
}

export function faultOf(rule: Rule): RuleFault | undefined {
  for (const scope of rule.scopes) {
    const fault = faultIn(rule, scope, tableOf[scope] as FactTable<unknown>)
    if (fault) return fault
  }
  return undefined
}

type Part = readonly [path: readonly (string | number)[], attempt: () => unknown]

function faultIn(rule: Rule, scope: RuleScope, facts: FactTable<unknown>): RuleFault | undefined {
  const bool = (text: string | undefined) => text !== undefined && compileBool(text, facts)
  const int = (text: string | undefined) => text !== undefined && compileInt(text, facts)
  const parts: readonly Part[] = [
    [['when'], () => bool(rule.when)],
    [['clear'], () => bool(rule.clear)],
    [['figure', 'numerator'], () => int(rule.figure.numerator)],
    [['figure', 'denominator'], () => int(rule.figure.denominator)],
    ...levelParts(rule, rule, [], bool),
    ...Object.entries(rule.levelsOf ?? {}).flatMap(([of, levels]) => levelParts(rule, levels, ['levelsOf', of], bool)),
    ...(rule.proposals ?? []).map((proposal, at): Part => [['proposals', at], () => checkProposal(proposal, rule)]),
    ...proposalsIn(rule, scope).flatMap((proposal, at): Part[] => [
      [['proposals', at, 'when'], () => bool(proposal.when)],
      [['proposals', at, 'per'], () => int(proposal.per)],
    ]),
    [['actions'], () => checkFreeze(compileRule(rule, scope, facts, undefined), scope)],
  ]
  for (const [path, attempt] of parts)
    try {
      attempt()
    } catch (error) {
      if (error instanceof FigureError) return { path, reason: error.message }
      throw error
    }
  return undefined
}

function levelParts(rule: Rule, levels: RuleLevels, path: string[], bool: (text?: string) => unknown): Part[] {
  const { yellow, red } = levels
  const check = (level: Level | undefined) => {
    if (!level) return
    compileLevel(level, isRatio(rule))
    bool(level.or)
  }
  return [
    [[...path, 'yellow'], () => check(yellow)],
    [[...path, 'red'], () => check(red)],
    [[...path, 'red'], () => checkOrder(levels, isRatio(rule))],
  ]
}

function checkOrder(levels: RuleLevels, ratio: boolean): void {
  const byYear = new LevelsByYear(levels, ratio)
  for (const year of [Number.NEGATIVE_INFINITY, ...byYear.years]) {
    const { yellow, red } = byYear.at(year)
    if (yellow && red && !isBeyond(red, yellow))
      throw new FigureError('red must lie beyond yellow, on the same side, or no figure past red would be past yellow')
  }
}

function checkProposal({ kind, ratio }: RuleProposal, { scopes }: Rule): void {
  if (!scopes.some((scope) => proposableIn[kind].includes(scope)))
    throw new FigureError(`a proposal of kind ${kind} needs scope ${proposableIn[kind].join(' or ')}`)
  if ((kind === 'deny') !== (ratio === undefined))
    throw new FigureError('a proposal of kind quota or budget needs a ratio, and one of kind deny has none')
}

/** A rule may have other scopes too; there it proposes nothing. */
const proposableIn: Readonly<Record<ProposalKind, readonly RuleScope[]>> = {
  quota: ['unit'],
  budget: ['unit'],
  deny: ['request', 'pool'],
}

const proposalsIn = ({ proposals = [] }: Rule, scope: RuleScope): readonly RuleProposal[] =>
  proposals.filter(({ kind }) => proposableIn[kind].includes(scope))

/** A freeze that hangs on what was entered while frozen would hold itself for ever. */
function checkFreeze<S>({ rule, freezes, touchedBy }: CompiledRule<S>, scope: RuleScope): void {
  if (!freezes) return
  if (scope !== 'unit' || !rule.red) throw new FigureError('freeze needs scope unit and a red level')
  if ((touchedBy & touch.frozenUse) !== 0)
    throw new FigureError('a rule over enteredWhileFrozen cannot freeze: the freeze would hold itself')
}

const isRatio = (rule: Rule): boolean => rule.figure.denominator !== undefined

function compileRule<S>(
  rule: Rule,
  scope: RuleScope,
  facts: FactTable<S>,
  climbs: Escalation | undefined,
): CompiledRule<S> {
  const int = (text: string | undefined) => (text === undefined ? undefined : compileInt(text, facts))
  const bool = (text: string | undefined) => (text === undefined ? undefined : compileBool(text, facts))
  const written = rule.levelsOf?.[scope] ?? rule
  const levels = new LevelsByYear(written, isRatio(rule))
  const figure = compileFigure({ ...rule.figure, when: rule.when }, facts)
  const clear = bool(rule.clear)
  const [orYellow, orRed] = [bool(written.yellow?.or), bool(written.red?.or)]
  const proposals = proposalsIn(rule, scope).map((written) => ({
    written,
    when: bool(written.when),
    per: int(written.per),
  }))
  const ofFigure = factsNamed(facts, [figure])
  const all = [
    ...ofFigure,
    ...factsNamed(facts, [clear, orYellow, orRed, ...proposals.flatMap(({ when, per }) => [when, per])]),
  ]
  return {
    rule,
    id: rule.id,
    hold: rule.hold,
    levels,
    touchedBy: all.reduce((bits, { touchedBy }) => bits | touchedBy, levels.years.length > 0 ? touch.year : 0),
    freezes: rule.actions.includes('freeze'),
    escalation: rule.escalation ?? climbs,
    climbsWhenYellow: rule.actions.includes('escalate'),
    proposals: proposals.map(({ written, when, per }) => ({
      written,
      ...(when ? { when: presentAnd(facts, when) } : {}),
      ...(per ? { per: per.evaluate } : {}),
    })),
    figureOf: figureFunction(missingOf(ofFigure), figure, clear && presentAnd(facts, clear)),
    alsoIn: orYellow || orRed ? alsoFunction(facts, orYellow, orRed) : undefined,
  }
}

type Named<S> = FactTable<S>[string]

function factsNamed<S>(facts: FactTable<S>, expressions: readonly (Expression<S, unknown> | undefined)[]): Named<S>[] {
  const names = new Set(expressions.flatMap((expression) => [...(expression?.facts ?? [])]))
  return [...names].flatMap((name) => facts[name] ?? [])
}

const missingOf = <S>(facts: readonly Named<S>[]): ((subject: S) => boolean)[] => [
  ...new Set(facts.flatMap(({ missing }) => missing ?? [])),
]

/** True only when every fact that it names is there. */
function presentAnd<S>(facts: FactTable<S>, condition: Expression<S, boolean>): (subject: S) => boolean {
  const missing = missingOf(factsNamed(facts, [condition]))
  return (subject) => !missing.some((isMissing) => isMissing(subject)) && condition.evaluate(subject)
}

function alsoFunction<S>(
  facts: FactTable<S>,
  yellow: Expression<S, boolean> | undefined,
  red: Expression<S, boolean> | undefined,
): (subject: S) => number {
  const [isYellow, isRed] = [yellow && presentAnd(facts, yellow), red && presentAnd(facts, red)]
  return (subject) => (isRed?.(subject) ? inRed | inYellow : isYellow?.(subject) ? inYellow : 0)
}

function figureFunction<S>(
  missing: readonly ((subject: S) => boolean)[],
  { evaluate }: Expression<S, ExactFigure | undefined>,
  clear: ((subject: S) => boolean) | undefined,
): CompiledRule<S>['figureOf'] {
  return (subject) => {
    if (clear?.(subject)) return cleared
    for (const isMissing of missing) if (isMissing(subject)) return undefined
    return evaluate(subject)
  }
}
