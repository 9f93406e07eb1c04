/**
 * A rule's CEL expression -> a function over facts.
 *
 * The CEL library parses and type-checks; what it accepts is then compiled to closures over whole numbers. Reason: the
 * library evaluates integers as BigInt, which would have to be made anew for each fact of each event, and stops at 64
 * bits. The closures work on doubles while every intermediate value is a safe integer and on BigInt otherwise, so they
 * are exact at any size (shown against the library by "compiled expressions agree with the CEL library").
 *
 * Taken: whole numbers, facts, `+ - *`, comparisons, `&& || ! ?:`. Refused: division, because a quotient of whole
 * numbers is no longer exact: a ratio is written as numerator and denominator.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import type { Exact } from './exact.js'

export interface Fact<S> {
  readonly type: 'int' | 'bool'
  readonly read: (subject: S) => Exact | boolean
  /** While true the fact is missing, and with it every figure that names it. Absent: never missing. */
  readonly missing?: (subject: S) => boolean
  /** Bits of `touch.ts`: what changes it. */
  readonly touchedBy: number
}

export type FactTable<S> = Readonly<Record<string, Fact<S>>>

export interface Expression<S, V> {
  readonly evaluate: (subject: S) => V
  /** Names of the facts it reads. */
  readonly facts: ReadonlySet<string>
}

/** An expression that cannot be a figure; the message says why and stands behind file and line. */
export class FigureError extends Error {
  override readonly name = 'FigureError'
}

type Part<S, T> = (subject: S) => T
type Pair<T> = <S>(left: Part<S, T>, right: Part<S, T>) => Part<S, T>

/** How one kind of number is calculated with. Parts are joined and not their values: each call less is felt per event. */
interface Arithmetic<T> {
  readonly of: (value: Exact) => T
  readonly read: <S>(fact: Part<S, Exact>) => Part<S, T>
  readonly add: Pair<T>
  readonly subtract: Pair<T>
  readonly multiply: Pair<T>
}

/** Thrown inside an evaluation on doubles; caught by `exactly`, which starts again on BigInt. Not an Error: no stack. */
const beyondSafe: unique symbol = Symbol('beyond safe integers')

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw beyondSafe
}

const onDoubles: Arithmetic<number> = {
  of: (value) => safe(Number(value)),
  read: (fact) => (subject) => {
    const value = fact(subject)
    return typeof value === 'number' ? safe(value) : safe(Number(value))
  },
  add: (left, right) => (subject) => safe(left(subject) + right(subject)),
  subtract: (left, right) => (subject) => safe(left(subject) - right(subject)),
  // + 0: zero times a negative number is -0 to a double.
  multiply: (left, right) => (subject) => safe(left(subject) * right(subject)) + 0,
}

const onBigInts: Arithmetic<bigint> = {
  of: (value) => BigInt(value),
  read: (fact) => (subject) => BigInt(fact(subject)),
  add: (left, right) => (subject) => left(subject) + right(subject),
  subtract: (left, right) => (subject) => left(subject) - right(subject),
  multiply: (left, right) => (subject) => left(subject) * right(subject),
}

/** An expression whose value is a whole number. @throws FigureError */
export function compileInt<S>(text: string, facts: FactTable<S>): Expression<S, Exact> {
  const { ast, names } = parse(text, facts, 'int')
  return {
    facts: names,
    evaluate: exactly(new Compiler(facts, onDoubles).int(ast), new Compiler(facts, onBigInts).int(ast)),
  }
}

/** An expression whose value is true or false. @throws FigureError */
export function compileBool<S>(text: string, facts: FactTable<S>): Expression<S, boolean> {
  const { ast, names } = parse(text, facts, 'bool')
  return {
    facts: names,
    evaluate: exactly(new Compiler(facts, onDoubles).bool(ast), new Compiler(facts, onBigInts).bool(ast)),
  }
}

function exactly<S, A, B>(fast: (subject: S) => A, wide: (subject: S) => B): (subject: S) => A | B {
  return (subject) => {
    try {
      return fast(subject)
    } catch (thrown) {
      if (thrown !== beyondSafe) throw thrown
      return wide(subject)
    }
  }
}

function parse<S>(text: string, facts: FactTable<S>, type: 'int' | 'bool'): { ast: ASTNode; names: Set<string> } {
  const environment = new Environment()
  for (const [name, fact] of Object.entries(facts)) environment.registerVariable(name, fact.type)
  let ast: ASTNode
  try {
    const parsed = environment.parse(text)
    const checked = parsed.check()
    if (!checked.valid) throw checked.error
    if (checked.type !== type) throw new FigureError(`"${text}" is of type ${checked.type}, not ${type}`)
    ast = parsed.ast
  } catch (error) {
    if (error instanceof FigureError) throw error
    const { summary, message } = error as { summary?: string; message: string }
    throw new FigureError(`"${text}": ${summary ?? message.split('\n')[0]}`)
  }
  const names = new Set<string>()
  collectNames(ast, names)
  return { ast, names }
}

function collectNames(node: ASTNode, into: Set<string>): void {
  if (node.op === 'id') into.add(node.args)
  else for (const child of childrenOf(node)) collectNames(child, into)
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  const parts: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  return parts.filter((part): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part)
}

/** The library has checked the types, so the two kinds of value need no check here. */
class Compiler<S, T extends Exact> {
  readonly #facts: FactTable<S>
  readonly #with: Arithmetic<T>

  constructor(facts: FactTable<S>, arithmetic: Arithmetic<T>) {
    this.#facts = facts
    this.#with = arithmetic
  }

  int(node: ASTNode): (subject: S) => T {
    const { of, read, add, subtract, multiply } = this.#with
    switch (node.op) {
      case 'value': {
        const value = node.args as bigint
        return Number.isSafeInteger(Number(value)) ? constant(of(value)) : () => of(value)
      }
      case 'id':
        return read(this.#read(node.args) as Part<S, Exact>)
      case '+':
        return add(this.int(node.args[0]), this.int(node.args[1]))
      case '-':
        return subtract(this.int(node.args[0]), this.int(node.args[1]))
      case '*':
        return multiply(this.int(node.args[0]), this.int(node.args[1]))
      case '-_':
        return subtract(constant(of(0)), this.int(node.args))
      case '?:': {
        const [condition, then, otherwise] = [this.bool(node.args[0]), this.int(node.args[1]), this.int(node.args[2])]
        return (subject) => (condition(subject) ? then(subject) : otherwise(subject))
      }
      default:
        return refuse(node)
    }
  }

  bool(node: ASTNode): (subject: S) => boolean {
    switch (node.op) {
      case 'value':
        return constant(node.args as boolean)
      case 'id':
        return this.#read(node.args) as (subject: S) => boolean
      case '&&': {
        const [left, right] = [this.bool(node.args[0]), this.bool(node.args[1])]
        return (subject) => left(subject) && right(subject)
      }
      case '||': {
        const [left, right] = [this.bool(node.args[0]), this.bool(node.args[1])]
        return (subject) => left(subject) || right(subject)
      }
      case '!_': {
        const value = this.bool(node.args)
        return (subject) => !value(subject)
      }
      case '?:': {
        const [condition, then, otherwise] = [this.bool(node.args[0]), this.bool(node.args[1]), this.bool(node.args[2])]
        return (subject) => (condition(subject) ? then(subject) : otherwise(subject))
      }
      default:
        return this.#comparison(node)
    }
  }

  #comparison(node: ASTNode): (subject: S) => boolean {
    if (!isComparison(node)) return refuse(node)
    if (node.args.some((side) => isBool(side, this.#facts))) return refuse(node)
    const [left, right] = [this.int(node.args[0]), this.int(node.args[1])]
    switch (node.op) {
      case '==':
        return (subject) => left(subject) === right(subject)
      case '!=':
        return (subject) => left(subject) !== right(subject)
      case '<':
        return (subject) => left(subject) < right(subject)
      case '<=':
        return (subject) => left(subject) <= right(subject)
      case '>':
        return (subject) => left(subject) > right(subject)
      case '>=':
        return (subject) => left(subject) >= right(subject)
    }
  }

  #read(name: string): (subject: S) => Exact | boolean {
    const fact = this.#facts[name]
    if (!fact) throw new FigureError(`no fact "${name}" is known`)
    return fact.read
  }
}

function constant<V>(value: V): () => V {
  return () => value
}

type Comparison = Extract<ASTNode, { readonly op: '==' | '!=' | '<' | '<=' | '>' | '>=' }>

const comparisons: readonly string[] = ['==', '!=', '<', '<=', '>', '>=']

function isComparison(node: ASTNode): node is Comparison {
  return comparisons.includes(node.op)
}

const boolOps: readonly string[] = ['&&', '||', '!_', ...comparisons]

function isBool<S>(node: ASTNode, facts: FactTable<S>): boolean {
  if (node.op === 'value') return typeof node.args !== 'bigint'
  if (node.op === 'id') return facts[node.args]?.type !== 'int'
  if (node.op === '?:') return isBool(node.args[1], facts)
  return boolOps.includes(node.op)
}

function refuse(node: ASTNode): never {
  const text = node.input.slice(node.range.start, node.range.end)
  throw new FigureError(`"${text}": only whole numbers, facts, + - *, comparisons and && || ! ?: make a figure`)
}
