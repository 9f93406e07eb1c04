/**
 * A rule set -> rules that can be asked: which touch what, and what their figure is for a subject.
 *
 * `faultOf` is given to the reader of the rule file, so that what is refused there and what is run here cannot differ.
 */
import type { RuleId } from '../core/names.js'
import type { Rule, RuleSet } from '../core/rule-set.js'
import { type CityFacts, cityFacts } from './city-facts.js'
import { type CompiledLevel, compileLevel, isBeyond } from './colour.js'
import type { Exact, ExactFigure } from './exact.js'
import { compileBool, compileInt, type Expression, type FactTable, FigureError } from './figure.js'
import { type TaskFacts, taskFacts } from './task-facts.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'
import { unitFacts } from './unit-facts.js'

export interface CompiledRule<S> {
  readonly rule: Rule
  readonly yellow?: CompiledLevel
  readonly red?: CompiledLevel
  /** Bits of `touch.ts` that may change its figure or whether it has one. */
  readonly touchedBy: number
  /** While red the unit is frozen. */
  readonly freezes: boolean
  /** Undefined: no verdict now, because a fact is missing, `when` is false, or the denominator is not above 0. */
  readonly figureOf: (subject: S) => ExactFigure | undefined
}

export interface CompiledRules {
  readonly set: RuleSet
  readonly unit: readonly CompiledRule<Unit>[]
  readonly task: readonly CompiledRule<TaskFacts>[]
  readonly city: readonly CompiledRule<CityFacts>[]
  /** Unit rules that freeze while red. */
  readonly freezing: ReadonlySet<RuleId>
  /** What may change a verdict of the city. */
  readonly cityTouchedBy: number
  /** The unit rules that an entry with these touch bits may change. */
  readonly unitTouchedBy: (touched: number) => readonly CompiledRule<Unit>[]
}

export const noRules: RuleSet = { name: 'none', version: '0', rules: [] }

/** @throws FigureError when the set was not checked with `faultOf`. */
export function compileRules(set: RuleSet): CompiledRules {
  const ofScope = <S>(scope: Rule['scope'], facts: FactTable<S>) =>
    set.rules.filter((rule) => rule.scope === scope).map((rule) => compileRule(rule, facts))
  const unit = ofScope('unit', unitFacts)
  const city = ofScope('city', cityFacts)
  const byTouch = new Map<number, readonly CompiledRule<Unit>[]>()
  return {
    set,
    unit,
    task: ofScope('task', taskFacts),
    city,
    cityTouchedBy: city.reduce((bits, { touchedBy }) => bits | touchedBy, 0),
    freezing: new Set(unit.filter(({ freezes }) => freezes).map(({ rule }) => rule.id)),
    unitTouchedBy(touched) {
      const known = byTouch.get(touched)
      if (known) return known
      const some = unit.filter(({ touchedBy }) => (touchedBy & touched) !== 0)
      byTouch.set(touched, some)
      return some
    },
  }
}

/** Where in a rule what is wrong; undefined when it can be run. */
export interface RuleFault {
  readonly path: readonly string[]
  readonly reason: string
}

export function faultOf(rule: Rule): RuleFault | undefined {
  switch (rule.scope) {
    case 'unit':
      return faultWith(rule, unitFacts)
    case 'task':
      return faultWith(rule, taskFacts)
    case 'city':
      return faultWith(rule, cityFacts)
  }
}

function faultWith<S>(rule: Rule, facts: FactTable<S>): RuleFault | undefined {
  const parts: readonly (readonly [string[], () => unknown])[] = [
    [['when'], () => rule.when !== undefined && compileBool(rule.when, facts)],
    [['figure', 'numerator'], () => compileInt(rule.figure.numerator, facts)],
    [
      ['figure', 'denominator'],
      () => rule.figure.denominator !== undefined && compileInt(rule.figure.denominator, facts),
    ],
    [['yellow'], () => rule.yellow && compileLevel(rule.yellow, isRatio(rule))],
    [['red'], () => rule.red && compileLevel(rule.red, isRatio(rule))],
    [['red'], () => checkOrder(rule)],
    [['actions'], () => checkFreeze(compileRule(rule, facts))],
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

function checkOrder(rule: Rule): void {
  if (!rule.yellow || !rule.red) return
  const [yellow, red] = [compileLevel(rule.yellow, isRatio(rule)), compileLevel(rule.red, isRatio(rule))]
  if (!isBeyond(red, yellow))
    throw new FigureError('red must lie beyond yellow, on the same side, or no figure past red would be past yellow')
}

/** A freeze that hangs on what was entered while frozen would hold itself for ever. */
function checkFreeze<S>({ rule, freezes, touchedBy }: CompiledRule<S>): void {
  if (!freezes) return
  if (rule.scope !== 'unit' || !rule.red) throw new FigureError('freeze needs scope unit and a red level')
  if ((touchedBy & touch.frozenUse) !== 0)
    throw new FigureError('a rule over enteredWhileFrozen cannot freeze: the freeze would hold itself')
}

const isRatio = (rule: Rule): boolean => rule.figure.denominator !== undefined

function compileRule<S>(rule: Rule, facts: FactTable<S>): CompiledRule<S> {
  const numerator = compileInt(rule.figure.numerator, facts)
  const denominator = rule.figure.denominator === undefined ? undefined : compileInt(rule.figure.denominator, facts)
  const when = rule.when === undefined ? undefined : compileBool(rule.when, facts)
  const used = namesOf(numerator, denominator, when).map((name) => facts[name])
  const missing = used.flatMap((fact) => fact?.missing ?? [])
  return {
    rule,
    ...(rule.yellow ? { yellow: compileLevel(rule.yellow, isRatio(rule)) } : {}),
    ...(rule.red ? { red: compileLevel(rule.red, isRatio(rule)) } : {}),
    touchedBy: used.reduce((bits, fact) => bits | (fact?.touchedBy ?? 0), 0),
    freezes: rule.actions.includes('freeze'),
    figureOf: figureFunction([...new Set(missing)], when, numerator, denominator),
  }
}

function namesOf<S>(...expressions: readonly (Expression<S, unknown> | undefined)[]): string[] {
  return [...new Set(expressions.flatMap((expression) => [...(expression?.facts ?? [])]))]
}

function figureFunction<S>(
  missing: readonly ((subject: S) => boolean)[],
  when: Expression<S, boolean> | undefined,
  numerator: Expression<S, Exact>,
  denominator: Expression<S, Exact> | undefined,
): (subject: S) => ExactFigure | undefined {
  return (subject) => {
    for (const isMissing of missing) if (isMissing(subject)) return undefined
    if (when && !when.evaluate(subject)) return undefined
    const divisor = denominator ? denominator.evaluate(subject) : 1
    if (divisor <= 0) return undefined
    return { numerator: numerator.evaluate(subject), denominator: divisor }
  }
}
