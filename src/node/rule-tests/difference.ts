/**
 * Expected and found, line by line: `  ` both, `- ` expected and not found, `+ ` found and not expected.
 */
import { type Item, shownItem } from './items.js'

export interface Difference {
  /** `alerts`, `freezes`, `proposals`, `transitions`. */
  readonly of: string
  readonly lines: readonly string[]
}

/** Undefined when they agree. `resting`: the state of what nobody need expect (`green`, `none`). */
export function differenceOfItems(
  of: string,
  expected: readonly Item[],
  found: readonly Item[],
  isResting: (state: string) => boolean,
): Difference | undefined {
  const linesOf = (item: Item): string[] => {
    const names = Object.keys(item.details)
    const there = found.find((each) => each.of === item.of)
    if (there ? agrees(item, there) : isResting(item.state) && names.length === 0)
      return [`  ${shownItem(item, names)}`]
    const instead = there ? [`+ ${shownItem(there, names.length > 0 ? names : worthShowing(there))}`] : []
    return [`- ${shownItem(item, names)}`, ...instead]
  }
  const unexpected = found.filter(({ of, state }) => !isResting(state) && !expected.some((item) => item.of === of))
  const lines = [...expected.flatMap(linesOf), ...unexpected.map((item) => `+ ${shownItem(item, worthShowing(item))}`)]
  return lines.every((line) => line.startsWith('  ')) ? undefined : { of, lines }
}

const agrees = (expected: Item, found: Item): boolean =>
  expected.state === found.state &&
  Object.entries(expected.details).every(([name, value]) => isSame(name, value, found.details[name] ?? 'none'))

function isSame(name: string, expected: string, found: string): boolean {
  if (expected === found) return true
  if (name === 'figure') return isSameRatio(expected, found)
  // Whoever it is; and a threshold may leave out its way back.
  if (name === 'acknowledged' || name === 'silenced') return expected === 'true' && found !== 'false'
  return name === 'threshold' && found.startsWith(`${expected} `)
}

/** `21/100`, `0.21` and `2100/10000` are one figure. */
function isSameRatio(a: string, b: string): boolean {
  const [left, right] = [ratioOf(a), ratioOf(b)]
  return left !== undefined && right !== undefined && left[0] * right[1] === right[0] * left[1]
}

function ratioOf(text: string): readonly [numerator: bigint, denominator: bigint] | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:\/(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = '', denominator = '1'] = match
  const numerator = BigInt(`${whole}${fraction}`)
  return [sign === '-' ? -numerator : numerator, BigInt(denominator) * 10n ** BigInt(fraction.length)]
}

/** Of what nobody expected: what says why it is there. */
const worthShowing = ({ details }: Item): string[] =>
  ['figure', 'threshold', 'reasons', 'kind', 'ratio'].filter((name) => name in details && details[name] !== 'none')

/** Of two lists in order, by their longest common part. */
export function differenceOfLists(
  of: string,
  expected: readonly string[],
  found: readonly string[],
): Difference | undefined {
  if (expected.length === found.length && expected.every((line, i) => line === found[i])) return undefined
  return { of, lines: aligned(expected, found) }
}

function aligned(expected: readonly string[], found: readonly string[]): string[] {
  const common = commonLengths(expected, found)
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < expected.length || j < found.length) {
    if (i < expected.length && j < found.length && expected[i] === found[j]) {
      lines.push(`  ${expected[i]}`)
      i += 1
      j += 1
    } else if (j >= found.length || (i < expected.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(`- ${expected[i]}`)
      i += 1
    } else {
      lines.push(`+ ${found[j]}`)
      j += 1
    }
  }
  return lines
}

/** `[i][j]`: how many lines the two have in common from there on. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      (lengths[i] as number[])[j] =
        a[i] === b[j] ? at(lengths, i + 1, j + 1) + 1 : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1))
  return lengths
}

const at = (lengths: readonly (readonly number[])[], i: number, j: number): number => lengths[i]?.[j] ?? 0
