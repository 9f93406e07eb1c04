/**
 * The rule file -> the rule set that is logged and compiled.
 *
 * Everything that can be wrong is said with file, line and reason before the set goes anywhere near the log: a rule that
 * cannot be run must not become an entry that every later start would trip over. Whether an expression can be run is the
 * engine's to say (`faultOf` in alerts/rules.ts), so it is passed in: the reader and the runner cannot differ.
 */
import {
  type Level,
  type Rule,
  type RuleAction,
  type RuleScope,
  type RuleSet,
  ruleActions,
  ruleScopes,
} from '../core/rule-set.js'
import { versionOf } from './canonical-json.js'
import { type Path, RuleDocument } from './rule-document.js'

/** Says where in a rule what keeps it from being run. */
export type FaultOf = (rule: Rule) => { readonly path: readonly string[]; readonly reason: string } | undefined

/** The way back of a ratio that names none: one percentage point (domain 4). Counts and money have none. */
const ratioBack = '0.01'

const ruleKeys = ['id', 'title', 'scope', 'plan', 'when', 'figure', 'yellow', 'red', 'actions', 'assumed']

/** @throws QwError QW_RULES_INVALID with file, line and reason. */
export function readRules(text: string, file: string, faultOf: FaultOf): RuleSet {
  const document = new RuleDocument(text, file)
  const root = new Part(document, [], document.toPlain())
  root.allow(['name', 'rules'])
  const rules = root.at('rules').list((part) => readRule(part, faultOf))
  if (rules.length === 0) root.at('rules').fail('must hold at least one rule')
  rules.forEach(({ id }, i) => {
    const first = rules.findIndex((rule) => rule.id === id)
    if (first < i) root.at('rules').at(i).at('id').fail(`${id} is the id of another rule too`)
  })
  return { name: root.at('name').matching(/^[a-z0-9][a-z0-9-]{0,63}$/), version: versionOf(rules), rules }
}

function readRule(part: Part, faultOf: FaultOf): Rule {
  part.allow(ruleKeys)
  const [title, figure] = [part.at('title'), part.at('figure')]
  title.allow(['zh', 'en'])
  figure.allow(['numerator', 'denominator'])
  const isRatio = figure.at('denominator').isThere
  const content: Omit<Rule, 'version'> = {
    id: part.at('id').matching(/^[a-z][a-z0-9-]{0,63}$/),
    title: { zh: title.at('zh').text(), en: title.at('en').text() },
    scope: part.at('scope').oneOf<RuleScope>(ruleScopes),
    plan: part.at('plan').text(),
    ...part.at('when').ifThere((when) => ({ when: when.text() })),
    figure: {
      numerator: figure.at('numerator').text(),
      ...figure.at('denominator').ifThere((denominator) => ({ denominator: denominator.text() })),
    },
    ...part.at('yellow').ifThere((level) => ({ yellow: readLevel(level, isRatio) })),
    ...part.at('red').ifThere((level) => ({ red: readLevel(level, isRatio) })),
    actions: part.at('actions').list((action) => action.oneOf<RuleAction>(ruleActions)),
    ...part.at('assumed').ifThere((assumed) => ({ assumed: assumed.truth() })),
  }
  if (!content.yellow && !content.red) part.fail('needs yellow or red')
  const rule: Rule = { ...content, version: versionOf(content) }
  const fault = faultOf(rule)
  if (fault) part.under(fault.path).fail(fault.reason)
  return rule
}

function readLevel(part: Part, isRatio: boolean): Level {
  part.allow(['above', 'below', 'back'])
  const [above, below, written] = [part.at('above'), part.at('below'), part.at('back')]
  if (above.isThere === below.isThere) part.fail('needs either above or below')
  const back = written.isThere ? written.decimal() : isRatio ? ratioBack : '0'
  return above.isThere ? { above: above.decimal(), back } : { below: below.decimal(), back }
}

/** A value, and where it stands. */
class Part {
  readonly #document: RuleDocument
  readonly #path: Path
  readonly #value: unknown

  constructor(document: RuleDocument, path: Path, value: unknown) {
    this.#document = document
    this.#path = path
    this.#value = value
  }

  get isThere(): boolean {
    return this.#value !== undefined
  }

  at(key: string | number): Part {
    const held = this.#value as Record<string | number, unknown> | null | undefined
    const value = typeof held === 'object' && held !== null && Object.hasOwn(held, key) ? held[key] : undefined
    return new Part(this.#document, [...this.#path, key], value)
  }

  under(path: readonly string[]): Part {
    return path.reduce<Part>((part, key) => part.at(key), this)
  }

  ifThere<V extends object>(read: (part: Part) => V): V | Record<string, never> {
    return this.isThere ? read(this) : {}
  }

  /** An object with no other keys than these. */
  allow(keys: readonly string[]): void {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value))
      this.fail(this.isThere ? 'must be a mapping' : 'is missing')
    for (const key of Object.keys(this.#value as object))
      if (!keys.includes(key)) this.at(key).fail(`is not known here; known are ${keys.join(', ')}`)
  }

  list<V>(read: (part: Part) => V): V[] {
    if (!Array.isArray(this.#value)) return this.fail(this.isThere ? 'must be a list' : 'is missing')
    return this.#value.map((_, i) => read(this.at(i)))
  }

  text(): string {
    if (typeof this.#value !== 'string' || this.#value.trim() === '')
      return this.fail(this.isThere ? 'must be text' : 'is missing')
    return this.#value
  }

  matching(pattern: RegExp): string {
    const text = this.text()
    return pattern.test(text) ? text : this.fail(`must match ${pattern.source}`)
  }

  oneOf<V extends string>(values: readonly V[]): V {
    const text = this.text()
    return (values as readonly string[]).includes(text) ? (text as V) : this.fail(`must be one of ${values.join(', ')}`)
  }

  decimal(): string {
    const text = this.text()
    const isDecimal = /^-?[0-9]+(\.[0-9]{1,9})?$/.test(text)
    return isDecimal ? text : this.fail('must be a decimal with at most nine places, such as 0.20')
  }

  truth(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.fail('must be true or false')
  }

  fail(reason: string): never {
    return this.#document.fail(this.#path, reason)
  }
}
