/**
 * How a compiled expression calculates: on doubles while every value is a safe integer, on BigInt otherwise.
 *
 * A part is a function over the values that its figure names (figure.ts). Parts are joined and not their values, and two
 * values that stand beside an operator need no part of their own: each call less is felt per event.
 */
import type { Exact } from './exact.js'

/** Facts and constants, each at its place. Whole numbers are all of one kind: doubles, or BigInts. */
export type Values = readonly (Exact | boolean)[]

export type Part<V> = (values: Values) => V

/** One side of an operator. */
export interface Operand<T> {
  readonly part: Part<T>
  /** Where its value stands, when it is a fact or a constant. */
  readonly place?: number
}

type Join<T, V> = (left: Operand<T>, right: Operand<T>) => Part<V>

export type ComparisonOp = '==' | '!=' | '<' | '<=' | '>' | '>='

export interface Arithmetic<T> {
  readonly add: Join<T, T>
  readonly subtract: Join<T, T>
  readonly multiply: Join<T, T>
  readonly compare: Readonly<Record<ComparisonOp, Join<T, boolean>>>
}

/** Thrown inside an evaluation on doubles; whoever evaluates starts again on BigInt. Not an Error: no stack. */
export const beyondSafe: unique symbol = Symbol('beyond safe integers')

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw beyondSafe
}

/** `ofPlaces` says the same of two values as `ofParts` of two parts. */
const joined =
  <V>(
    ofParts: (left: Part<number>, right: Part<number>) => Part<V>,
    ofPlaces: (left: number, right: number) => Part<V>,
  ): Join<number, V> =>
  (left, right) =>
    left.place !== undefined && right.place !== undefined
      ? ofPlaces(left.place, right.place)
      : ofParts(left.part, right.part)

const at = (values: Values, place: number): number => values[place] as number

export const onDoubles: Arithmetic<number> = {
  add: joined(
    (l, r) => (values) => safe(l(values) + r(values)),
    (l, r) => (values) => safe(at(values, l) + at(values, r)),
  ),
  subtract: joined(
    (l, r) => (values) => safe(l(values) - r(values)),
    (l, r) => (values) => safe(at(values, l) - at(values, r)),
  ),
  // + 0: zero times a negative number is -0 to a double.
  multiply: joined(
    (l, r) => (values) => safe(l(values) * r(values)) + 0,
    (l, r) => (values) => safe(at(values, l) * at(values, r)) + 0,
  ),
  compare: {
    '==': joined(
      (l, r) => (values) => l(values) === r(values),
      (l, r) => (values) => at(values, l) === at(values, r),
    ),
    '!=': joined(
      (l, r) => (values) => l(values) !== r(values),
      (l, r) => (values) => at(values, l) !== at(values, r),
    ),
    '<': joined(
      (l, r) => (values) => l(values) < r(values),
      (l, r) => (values) => at(values, l) < at(values, r),
    ),
    '<=': joined(
      (l, r) => (values) => l(values) <= r(values),
      (l, r) => (values) => at(values, l) <= at(values, r),
    ),
    '>': joined(
      (l, r) => (values) => l(values) > r(values),
      (l, r) => (values) => at(values, l) > at(values, r),
    ),
    '>=': joined(
      (l, r) => (values) => l(values) >= r(values),
      (l, r) => (values) => at(values, l) >= at(values, r),
    ),
  },
}

type Wide = Operand<bigint>

/** Seldom needed, and written out beside the doubles so that what V8 learns of one is not spoilt by the other. */
export const onBigInts: Arithmetic<bigint> = {
  add:
    ({ part: l }: Wide, { part: r }: Wide) =>
    (values) =>
      l(values) + r(values),
  subtract:
    ({ part: l }: Wide, { part: r }: Wide) =>
    (values) =>
      l(values) - r(values),
  multiply:
    ({ part: l }: Wide, { part: r }: Wide) =>
    (values) =>
      l(values) * r(values),
  compare: {
    '==':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) === r(values),
    '!=':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) !== r(values),
    '<':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) < r(values),
    '<=':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) <= r(values),
    '>':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) > r(values),
    '>=':
      ({ part: l }: Wide, { part: r }: Wide) =>
      (values) =>
        l(values) >= r(values),
  },
}
