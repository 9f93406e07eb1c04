/**
 * What the CEL library has parsed and type-checked -> parts that calculate it (arithmetic.ts).
 *
 * Taken: whole numbers, facts, `+ - *`, comparisons, `&& || ! ?:`. Refused: division, because a quotient of whole
 * numbers is no longer exact: a ratio is written as numerator and denominator.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import type { Arithmetic, ComparisonOp, Operand, Part } from './arithmetic.js'
import type { Exact } from './exact.js'

/** An expression that cannot be a figure; the message says why and stands behind file and line. */
export class FigureError extends Error {
  override readonly name = 'FigureError'
}

/** Where the values that an expression names stand. */
export interface Places {
  /** @throws FigureError when no such fact is known. */
  ofFact(name: string): number
  ofConstant(value: bigint): number
  isInt(name: string): boolean
}

/** The library has checked the types, so the two kinds of value need no check here. */
export class Compiler<T extends Exact> {
  readonly #places: Places
  readonly #with: Arithmetic<T>

  constructor(places: Places, arithmetic: Arithmetic<T>) {
    this.#places = places
    this.#with = arithmetic
  }

  int(node: ASTNode): Part<T> {
    return this.#operand(node).part
  }

  bool(node: ASTNode): Part<boolean> {
    switch (node.op) {
      case 'value': {
        const value = node.args as boolean
        return () => value
      }
      case 'id':
        return valueAt(this.#places.ofFact(node.args))
      case '&&': {
        const [left, right] = [this.bool(node.args[0]), this.bool(node.args[1])]
        return (values) => left(values) && right(values)
      }
      case '||': {
        const [left, right] = [this.bool(node.args[0]), this.bool(node.args[1])]
        return (values) => left(values) || right(values)
      }
      case '!_': {
        const value = this.bool(node.args)
        return (values) => !value(values)
      }
      case '?:': {
        const [condition, then, otherwise] = [this.bool(node.args[0]), this.bool(node.args[1]), this.bool(node.args[2])]
        return (values) => (condition(values) ? then(values) : otherwise(values))
      }
      default:
        return this.#comparison(node)
    }
  }

  #operand(node: ASTNode): Operand<T> {
    if (node.op === 'value') return operandAt(this.#places.ofConstant(node.args as bigint))
    if (node.op === 'id') return operandAt(this.#places.ofFact(node.args))
    return { part: this.#calculated(node) }
  }

  #calculated(node: ASTNode): Part<T> {
    const { add, subtract, multiply } = this.#with
    switch (node.op) {
      case '+':
        return add(this.#operand(node.args[0]), this.#operand(node.args[1]))
      case '-':
        return subtract(this.#operand(node.args[0]), this.#operand(node.args[1]))
      case '*':
        return multiply(this.#operand(node.args[0]), this.#operand(node.args[1]))
      case '-_':
        return subtract(operandAt(this.#places.ofConstant(0n)), this.#operand(node.args))
      case '?:': {
        const [condition, then, otherwise] = [this.bool(node.args[0]), this.int(node.args[1]), this.int(node.args[2])]
        return (values) => (condition(values) ? then(values) : otherwise(values))
      }
      default:
        return refuse(node)
    }
  }

  #comparison(node: ASTNode): Part<boolean> {
    if (!isComparison(node)) return refuse(node)
    if (node.args.some((side) => isBool(side, this.#places))) return refuse(node)
    return this.#with.compare[node.op](this.#operand(node.args[0]), this.#operand(node.args[1]))
  }
}

const valueAt =
  <V extends Exact | boolean>(place: number): Part<V> =>
  (values) =>
    values[place] as V

const operandAt = <T extends Exact>(place: number): Operand<T> => ({ part: valueAt<T>(place), place })

type Comparison = Extract<ASTNode, { readonly op: ComparisonOp }>

const comparisons: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies readonly ComparisonOp[]

function isComparison(node: ASTNode): node is Comparison {
  return comparisons.includes(node.op)
}

const boolOps: readonly string[] = ['&&', '||', '!_', ...comparisons]

function isBool(node: ASTNode, places: Places): boolean {
  if (node.op === 'value') return typeof node.args !== 'bigint'
  if (node.op === 'id') return !places.isInt(node.args)
  if (node.op === '?:') return isBool(node.args[1], places)
  return boolOps.includes(node.op)
}

function refuse(node: ASTNode): never {
  const text = node.input.slice(node.range.start, node.range.end)
  throw new FigureError(`"${text}": only whole numbers, facts, + - *, comparisons and && || ! ?: make a figure`)
}
