/**
 * A rule's CEL expression -> a function over facts.
 *
 * The CEL library parses and type-checks; what it accepts is then compiled to closures over whole numbers. Reason: the
 * library evaluates integers as BigInt, which would have to be made anew for each fact of each event, and stops at 64
 * bits. The closures work on doubles while every intermediate value is a safe integer and on BigInt otherwise, so they
 * are exact at any size (shown against the library by "compiled expressions agree with the CEL library").
 *
 * The facts that a figure names are read once, however often its expressions name them.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { beyondSafe, onBigInts, onDoubles, type Part, type Values } from './arithmetic.js'
import { Compiler, FigureError, type Places } from './cel-compiler.js'
import type { Exact, ExactFigure } from './exact.js'

export { FigureError }

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

export interface FigureTexts {
  readonly numerator: string
  /** Absent: 1. */
  readonly denominator?: string | undefined
  readonly when?: string | undefined
}

/** An expression whose value is a whole number. @throws FigureError */
export function compileInt<S>(text: string, facts: FactTable<S>): Expression<S, Exact> {
  const named = new NamedFacts(facts)
  const { narrow, wide } = named.int(text)
  return { facts: named.names, evaluate: exactly(named, narrow, wide) }
}

/** An expression whose value is true or false. @throws FigureError */
export function compileBool<S>(text: string, facts: FactTable<S>): Expression<S, boolean> {
  const named = new NamedFacts(facts)
  const { narrow, wide } = named.bool(text)
  return { facts: named.names, evaluate: exactly(named, narrow, wide) }
}

/**
 * A rule's figure. Undefined while `when` is false or the denominator is not above 0; the figure is good until the next
 * call: most judging changes nothing, and an object for each would be most of the garbage. @throws FigureError
 */
export function compileFigure<S>(
  { numerator, denominator, when }: FigureTexts,
  facts: FactTable<S>,
): Expression<S, ExactFigure | undefined> {
  const named = new NamedFacts(facts)
  const over = named.int(numerator)
  const under = denominator === undefined ? undefined : named.int(denominator)
  const condition = when === undefined ? undefined : named.bool(when)
  return {
    facts: named.names,
    evaluate: exactly(
      named,
      figurePart(over.narrow, under?.narrow, condition?.narrow),
      figurePart(over.wide, under?.wide, condition?.wide),
    ),
  }
}

function figurePart(
  numerator: Part<Exact>,
  denominator: Part<Exact> | undefined,
  when: Part<boolean> | undefined,
): Part<ExactFigure | undefined> {
  const figure: { numerator: Exact; denominator: Exact } = { numerator: 0, denominator: 1 }
  return (values) => {
    if (when && !when(values)) return undefined
    const divisor = denominator ? denominator(values) : 1
    if (divisor <= 0) return undefined
    figure.numerator = numerator(values)
    figure.denominator = divisor
    return figure
  }
}

function exactly<S, V>(named: NamedFacts<S>, narrow: Part<V>, wide: Part<V>): (subject: S) => V {
  return (subject) => {
    if (named.read(subject))
      try {
        return narrow(named.values)
      } catch (thrown) {
        if (thrown !== beyondSafe) throw thrown
      }
    return wide(named.widened())
  }
}

/** The same on doubles and on BigInts. */
interface Both<V> {
  readonly narrow: Part<V>
  readonly wide: Part<V>
}

interface Reading<S> {
  readonly place: number
  readonly of: Fact<S>['read']
}

/** What some expressions name: their facts, read together, and their constants. */
class NamedFacts<S> implements Places {
  /** As of the last `read`. */
  readonly values: (Exact | boolean)[] = []
  readonly #facts: FactTable<S>
  readonly #places = new Map<string, number>()
  readonly #reads: Reading<S>[] = []
  #hasWideConstant = false

  constructor(facts: FactTable<S>) {
    this.#facts = facts
  }

  get names(): ReadonlySet<string> {
    return new Set([...this.#places.keys()].filter((name) => name in this.#facts))
  }

  int(text: string): Both<Exact> {
    const ast = parse(text, this.#facts, 'int')
    return { narrow: new Compiler(this, onDoubles).int(ast), wide: new Compiler(this, onBigInts).int(ast) }
  }

  bool(text: string): Both<boolean> {
    const ast = parse(text, this.#facts, 'bool')
    return { narrow: new Compiler(this, onDoubles).bool(ast), wide: new Compiler(this, onBigInts).bool(ast) }
  }

  /** Whether all are safe integers, and stand as doubles. */
  read(subject: S): boolean {
    let isNarrow = !this.#hasWideConstant
    for (let at = 0; at < this.#reads.length; at++) {
      const { place, of } = this.#reads[at] as Reading<S>
      const read = of(subject)
      const value = typeof read === 'bigint' ? Number(read) : read
      if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        isNarrow = false
        this.values[place] = read
      } else this.values[place] = value
    }
    return isNarrow
  }

  widened(): Values {
    return this.values.map((value) => (typeof value === 'boolean' ? value : BigInt(value)))
  }

  ofFact(name: string): number {
    const fact = this.#facts[name]
    if (!fact) throw new FigureError(`no fact "${name}" is known`)
    return this.#placeOf(name, () => {
      this.#reads.push({ place: this.values.length, of: fact.read })
      return false
    })
  }

  ofConstant(value: bigint): number {
    return this.#placeOf(String(value), () => {
      if (Number.isSafeInteger(Number(value))) return Number(value)
      this.#hasWideConstant = true
      return value
    })
  }

  isInt(name: string): boolean {
    return this.#facts[name]?.type === 'int'
  }

  /** No fact is called like a number. */
  #placeOf(name: string, first: () => Exact | boolean): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const place = this.values.length
    this.values.push(first())
    this.#places.set(name, place)
    return place
  }
}

function parse<S>(text: string, facts: FactTable<S>, type: 'int' | 'bool'): ASTNode {
  const environment = new Environment()
  for (const [name, fact] of Object.entries(facts)) environment.registerVariable(name, fact.type)
  try {
    const parsed = environment.parse(text)
    const checked = parsed.check()
    if (!checked.valid) throw checked.error
    if (checked.type !== type) throw new FigureError(`"${text}" is of type ${checked.type}, not ${type}`)
    return parsed.ast
  } catch (error) {
    if (error instanceof FigureError) throw error
    const { summary, message } = error as { summary?: string; message: string }
    throw new FigureError(`"${text}": ${summary ?? message.split('\n')[0]}`)
  }
}
