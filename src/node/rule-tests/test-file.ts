/**
 * A file of rule tests, as it is written: which rules, from when on, what is logged, what is expected (docs/rules.md).
 *
 * What is wrong with it is said with file, line and reason, like what is wrong with a rule file.
 */
import { Part } from '../../config/rule-part.js'
import type { CalendarEntry } from '../../core/entry.js'
import type { UnixMs } from '../../core/names.js'
import { type CountingPolicy, firstPolicy } from '../../core/policy.js'
import type { RuleSet } from '../../core/rule-set.js'
import { type Expected, readExpected, readWatched, type Watched } from './expected.js'
import { type Given, readCalendarOf, readCount, readGiven, readPolicy } from './given.js'
import { parseSpan, readMoment } from './moments.js'
import { readUnits, type Units } from './units.js'

export interface TestStep {
  /** When its input is logged, each a batch; time passes to the last of them at least. */
  readonly atMs: readonly [UnixMs, ...UnixMs[]]
  readonly input: readonly Given[]
  /** Before anything else the engine goes through its snapshot and back, as at a restart. */
  readonly restart: boolean
  readonly expected?: Expected
}

export interface RuleTest {
  readonly name: string
  readonly line: number
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly calendar: CalendarEntry | undefined
  readonly startMs: UnixMs
  readonly units: Units
  readonly steps: readonly TestStep[]
}

/** Reads a rule file by the path that stands in the test file. @throws QwError QW_RULES_INVALID of that file */
export type LoadRules = (path: string) => RuleSet

const circumstances = ['start', 'policy', 'calendar', 'units', 'rules', 'subjects']

/** @throws QwError QW_RULES_INVALID with file, line and reason. */
export function readTests(text: string, file: string, load: LoadRules): RuleTest[] {
  const root = Part.open(text, file)
  root.allow(['ruleFile', ...circumstances, 'tests'])
  const sets = new RuleSets(load)
  const rules = sets.named(root.at('ruleFile'))
  const tests = root.at('tests').list((part) => readTest(part, root, rules, sets))
  if (tests.length === 0) root.at('tests').fail('must hold at least one test')
  return tests
}

/** The rule files that one test file names, each read once. */
class RuleSets {
  readonly #load: LoadRules
  readonly #known = new Map<string, RuleSet>()

  constructor(load: LoadRules) {
    this.#load = load
  }

  readonly named = (part: Part): RuleSet => {
    const path = part.text()
    const known = this.#known.get(path) ?? this.#read(part, path)
    this.#known.set(path, known)
    return known
  }

  get ids(): string[] {
    return [...this.#known.values()].flatMap(({ rules }) => rules.map(({ id }) => id))
  }

  #read(part: Part, path: string): RuleSet {
    try {
      return this.#load(path)
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException
      if (syscall === undefined) throw error
      return part.fail(`${path} cannot be read: ${code}`)
    }
  }
}

/** What a test says of its circumstances, its file says for all tests that do not. */
function readTest(part: Part, root: Part, rules: RuleSet, sets: RuleSets): RuleTest {
  part.allow(['name', ...circumstances, 'steps'])
  const own = (key: string): Part => (part.at(key).isThere ? part.at(key) : root.at(key))
  const policy = own('policy')
  const startMs = readMoment(own('start'))
  const watched = { ...readWatched(root, sets.ids), ...readWatched(part, sets.ids) }
  return {
    name: part.at('name').text(),
    line: part.line,
    rules,
    policy: policy.isThere ? readPolicy(policy) : firstPolicy,
    calendar: readCalendarOf(own('calendar')),
    startMs,
    units: new Map([...readUnits(root.at('units')), ...readUnits(part.at('units'))]),
    steps: readSteps(part.at('steps'), startMs, watched, sets),
  }
}

function readSteps(part: Part, startMs: UnixMs, watched: Watched, sets: RuleSets): TestStep[] {
  let nowMs = startMs
  const steps = part.list((step) => {
    const read = readStep(step, nowMs, watched, sets)
    nowMs = read.atMs.at(-1) as UnixMs
    return read
  })
  if (!steps.some(({ expected }) => expected)) part.fail('expect nothing, so they test nothing')
  return steps
}

function readStep(part: Part, nowMs: UnixMs, watched: Watched, sets: RuleSets): TestStep {
  part.allow(['at', 'input', 'times', 'every', 'restart', 'expect'])
  const input = part.at('input')
  return {
    atMs: readMoments(part, nowMs),
    input: input.isThere ? input.list((given) => readGiven(given, sets.named)).flat() : [],
    restart: part.at('restart').isThere && part.at('restart').truth(),
    ...part.at('expect').ifThere((expect) => ({ expected: readExpected(expect, watched, sets.ids) })),
  }
}

function readMoments(part: Part, nowMs: UnixMs): TestStep['atMs'] {
  const [at, times, every] = [part.at('at'), part.at('times'), part.at('every')]
  const first = at.isThere ? readMoment(at, nowMs) : nowMs
  if (first < nowMs) at.fail('lies before the step before')
  if (times.isThere !== every.isThere) part.fail('needs times and every, or neither')
  if (!times.isThere) return [first]
  const spanMs = parseSpan(every.text()) ?? every.fail('must be a span such as 1d')
  const later = Array.from({ length: readCount(times) - 1 }, (_, i) => (first + (i + 1) * spanMs) as UnixMs)
  return [first, ...later]
}
