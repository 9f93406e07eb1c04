import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import t from 'tap'
import { compareFigure, decimalOf, type Exact } from '../../src/alerts/exact.js'
import { compileBool, compileInt, type FactTable } from '../../src/alerts/figure.js'

interface Facts {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly yes: boolean
}

const int = (name: 'a' | 'b' | 'c') => ({ type: 'int' as const, read: (facts: Facts) => facts[name], touchedBy: 1 })
const facts: FactTable<Facts> = {
  a: int('a'),
  b: int('b'),
  c: int('c'),
  yes: { type: 'bool', read: ({ yes }) => yes, touchedBy: 1 },
}

/** Random expressions of the taken part of CEL, as text. */
const { number, truth } = fc.letrec<{ number: string; truth: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', '0', '1', '7', '1000000007'),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*'), tie('number')).map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie('number').map((value) => `-(${value})`),
    fc.tuple(tie('truth'), tie('number'), tie('number')).map(([test, l, r]) => `(${test} ? ${l} : ${r})`),
  ),
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('yes', 'true', 'false'),
    fc
      .tuple(tie('number'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('number'))
      .map(([l, op, r]) => `(${l} ${op} ${r})`),
    fc.tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth')).map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie('truth').map((value) => `!(${value})`),
    fc.tuple(tie('truth'), tie('truth'), tie('truth')).map(([test, l, r]) => `(${test} ? ${l} : ${r})`),
  ),
}))

const environment = new Environment()
for (const [name, { type }] of Object.entries(facts)) environment.registerVariable(name, type)

/** What the CEL library says; undefined where it stops at 64 bits. */
function byLibrary(text: string, { a, b, c, yes }: Facts): bigint | boolean | undefined {
  try {
    return environment.parse(text)({ a: BigInt(a), b: BigInt(b), c: BigInt(c), yes }) as bigint | boolean
  } catch (error) {
    if ((error as Error).message.includes('overflow')) return undefined
    throw error
  }
}

const anyFacts = fc.record({
  a: fc.integer({ min: -1000, max: 1000 }),
  b: fc.maxSafeInteger(),
  c: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31, 2 ** 52, -(2 ** 53) + 1)),
  yes: fc.boolean(),
})

t.test('compiled expressions agree with the CEL library', async (t) => {
  let compared = 0
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(number, truth, anyFacts, (numberText, truthText, values) => {
        const expected = byLibrary(numberText, values)
        const said = compileInt(numberText, facts).evaluate(values)
        if (expected !== undefined) {
          compared += 1
          if (BigInt(said) !== expected) throw new Error(`${numberText} is ${said}, not ${expected}`)
        }
        const expectedTruth = byLibrary(truthText, values)
        return expectedTruth === undefined || compileBool(truthText, facts).evaluate(values) === expectedTruth
      }),
      { numRuns: 2000 },
    ),
  )
  t.ok(compared > 1000, `${compared} were compared`)
})

t.test('a value beyond 64 bits is exact too', async (t) => {
  const values = { a: 1, b: Number.MAX_SAFE_INTEGER, c: Number.MAX_SAFE_INTEGER, yes: true }
  t.equal(compileInt('b * c * b', facts).evaluate(values), BigInt(Number.MAX_SAFE_INTEGER) ** 3n)
  t.equal(compileInt('b * c - b * c + a', facts).evaluate(values), 1n)
  t.equal(compileInt('9223372036854775807', facts).evaluate(values), 9223372036854775807n)
  t.equal(compileBool('b * c > b * c - a', facts).evaluate(values), true)
  t.ok(Object.is(compileInt('(a - a) * -a', facts).evaluate(values), 0), 'and zero is never -0')
})

t.test('the facts that an expression reads are known, wherever they stand', async (t) => {
  t.same([...compileInt('yes ? a : -(b * 2)', facts).facts].sort(), ['a', 'b', 'yes'])
  t.same([...compileBool('1 < 2', facts).facts], [])
})

t.test('what is no figure is refused with a reason', async (t) => {
  for (const [text, reason] of [
    ['a / b', /only whole numbers/],
    ['a % b', /only whole numbers/],
    ['a + missing', /Unknown variable: missing/],
    ['a +', /Unexpected token/],
    ['a + 1.5', /no such overload/],
    ['yes', /of type bool, not int/],
    ['"a"', /of type string, not int/],
    ['int("4")', /only whole numbers/],
    ['size([a, b])', /only whole numbers/],
    ['[a, b][0]', /only whole numbers/],
    ['', /./],
  ] as const)
    t.throws(() => compileInt(text, facts), { name: 'FigureError', message: reason }, text)
  for (const text of ['yes == true', 'a', 'a in [1, 2]', '"a" == "a"', 'yes != (a > b)'])
    t.throws(() => compileBool(text, facts), { name: 'FigureError' }, text)
})

t.test('a figure is compared exactly with a decimal', async (t) => {
  const anyExact: fc.Arbitrary<Exact> = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  )
  const anyDivisor: fc.Arbitrary<Exact> = fc.oneof(
    fc.integer({ min: 1, max: 1000 }),
    fc.bigInt({ min: 1n, max: 10n ** 25n }),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        anyExact,
        anyDivisor,
        fc.integer({ min: -2_000_000, max: 2_000_000 }),
        fc.integer({ min: 0, max: 9 }),
        (numerator, denominator, units, places) => {
          const threshold = { units, scale: 10 ** places }
          const difference = BigInt(numerator) * 10n ** BigInt(places) - BigInt(units) * BigInt(denominator)
          const expected = difference < 0n ? -1 : difference > 0n ? 1 : 0
          return Math.sign(compareFigure({ numerator, denominator }, threshold)) === expected
        },
      ),
    ),
  )
})

t.test('a decimal is read as it is written', async (t) => {
  t.same(decimalOf('0.20'), { units: 20, scale: 100 })
  t.same(decimalOf('-1.445'), { units: -1445, scale: 1000 })
  t.same(decimalOf('60000'), { units: 60_000, scale: 1 })
  t.same(decimalOf('-0'), { units: 0, scale: 1 })
  for (const text of ['', '.5', '5.', '1e3', '0x10', '1.0000000001', '9007199254740993', ' 1', '１'])
    t.equal(decimalOf(text), undefined, text)
})
