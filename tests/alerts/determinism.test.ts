import fc from 'fast-check'
import t from 'tap'
import type { Transition } from '../../src/core/transition.js'
import { Engine } from './engine.js'
import { makeWorld } from './world.js'

/** fast-check prints the seed of a world that fails; `makeWorld` with it replays the log. */
const anyWorld = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  units: fc.integer({ min: 2, max: 40 }),
  batches: fc.integer({ min: 20, max: 120 }),
})

t.test('worlds are eventful: every rule, every step of a freeze and every cause occurs', async (t) => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 12; seed++)
    for (const transition of new Engine().run(makeWorld({ seed, units: 30, batches: 400 })).transitions)
      for (const word of describe(transition)) seen.add(word)
  for (const expected of [
    ...['over-quota to red', 'over-quota to green', 'vacancy to yellow', 'vacancy to red', 'vacancy to green'],
    ...['progress to yellow', 'progress to red', 'progress to green', 'progress-2 to red'],
    ...['frozen-use to red', 'frozen-use to green', 'total-cap to red', 'total-cap to green'],
    ...['freeze none to frozen', 'freeze frozen to none', 'freeze frozen to lifted', 'freeze lifted to frozen'],
    ...['freeze lifted to none', 'freeze lifted to lifted', 'freeze none to lifted'],
    ...['cause event', 'cause order', 'cause deadline', 'cause rules', 'cause policy', 'cause load', 'cause calendar'],
    ...['cause closed', 'correction', 'uncertain'],
  ])
    t.ok(seen.has(expected), expected)
})

t.test('1, 2, 3 and 8 shards give the same bytes of transitions and of the fold', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, (options) => {
        const world = makeWorld(options)
        const [one, ...more] = [1, 2, 3, 8].map((shards) => new Engine(shards).run(world))
        if (!one) return false
        return more.every(
          (engine) =>
            JSON.stringify(engine.transitions) === JSON.stringify(one.transitions) &&
            engine.fold.snapshot() === one.fold.snapshot() &&
            engine.nextDeadlineMs === one.nextDeadlineMs &&
            unitsOf(engine) === unitsOf(one),
        )
      }),
      { numRuns: 60 },
    ),
  )
})

t.test('restored from a snapshot at any step it goes on with the same bytes', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        anyWorld,
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat({ max: 120 }), { maxLength: 6 }),
        (options, shards, restarts) => {
          const world = makeWorld(options)
          const steady = new Engine(shards)
          const restarted = new Engine(shards)
          return world.every((batch, i) => {
            if (restarts.includes(i)) restarted.restart()
            const same = JSON.stringify(steady.step(batch)) === JSON.stringify(restarted.step(batch))
            return (
              same &&
              steady.nextDeadlineMs === restarted.nextDeadlineMs &&
              (i % 10 > 0 || steady.snapshot() === restarted.snapshot())
            )
          })
        },
      ),
      { numRuns: 60 },
    ),
  )
})

t.test('numbers are gapless, and each topic chains to its previous number', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, (options) => {
        const engine = new Engine(2).run(makeWorld(options))
        const heads: Record<string, number> = {}
        const whole = engine.transitions.every((transition, i) => transition.n === i + 1 && chains(transition, heads))
        return whole && sameMap(new Map(Object.entries(engine.fold.heads())), new Map(Object.entries(heads)))
      }),
      { numRuns: 30 },
    ),
  )
})

t.test('the steps of a unit are gapless, and each begins where the one before ended', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, (options) => {
        const last = new Map<string, { sequence: number; to: string }>()
        return new Engine()
          .run(makeWorld(options))
          .transitions.filter(({ kind }) => kind === 'freeze' || kind === 'alert')
          .every((transition) => follows(transition, last))
      }),
      { numRuns: 30 },
    ),
  )
})

function follows(transition: Transition, last: Map<string, { sequence: number; to: string }>): boolean {
  const { from, to, subject, kind } = transition
  const key = `${subject} ${kind === 'alert' ? transition.rule : ''}`
  const before = last.get(key) ?? { sequence: 0, to: kind === 'freeze' ? 'none' : 'green' }
  const sequence = kind === 'freeze' ? transition.sequence : before.sequence + 1
  last.set(key, { sequence, to })
  return sequence === before.sequence + 1 && from === before.to && (from !== to || to === 'lifted')
}

t.test('what is read agrees with what was said: colours, numbers and freezes', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, (options) => {
        const engine = new Engine(3).run(makeWorld(options))
        const colours = new Map<string, { colour: string; n: number }>()
        const freezes = new Map<string, string>()
        for (const transition of engine.transitions)
          if (transition.kind === 'alert')
            colours.set(`${transition.subject} ${transition.rule}`, { colour: transition.to, n: transition.n })
          else if (transition.kind === 'freeze') freezes.set(transition.unit, transition.to)
        const alerts = [
          ...(engine.read({ kind: 'alerts' }) as AlertShown[]),
          ...(engine.readFold({ kind: 'alerts' }) as AlertShown[]),
        ]
        const shown = new Map(alerts.map(({ subject, rule, colour, n }) => [`${subject} ${rule}`, { colour, n }]))
        const said = new Map([...colours].filter(([, { colour }]) => colour !== 'green'))
        const frozen = (engine.read({ kind: 'freezes', state: 'frozen' }) as { unit: string }[])
          .map(({ unit }) => unit)
          .sort()
        const saidFrozen = [...freezes]
          .filter(([, state]) => state === 'frozen')
          .map(([unit]) => unit)
          .sort()
        return sameMap(shown, said) && frozen.join() === saidFrozen.join()
      }),
      { numRuns: 30 },
    ),
  )
})

/** All units by id, as they are read. */
const unitsOf = (engine: Engine): string =>
  JSON.stringify(
    (engine.read({ kind: 'units', limit: 1000 }) as { id: string }[]).sort((a, b) => (a.id < b.id ? -1 : 1)),
  )

function describe(transition: Transition): string[] {
  const { from, to, why, correction } = transition
  const cause = why.cause ?? (why.order ? 'order' : 'event')
  return [
    transition.kind === 'alert' ? `${transition.rule} to ${to}` : `freeze ${from} to ${to}`,
    `cause ${cause}`,
    ...(correction ? ['correction'] : []),
    ...(why.uncertain ? ['uncertain'] : []),
  ]
}

/** Whether the transition is on its topics and on no other, each with the last n there; takes note of its own. */
function chains(transition: Transition, heads: Record<string, number>): boolean {
  const { unit, county, kind, topics, n } = transition
  const place = [
    ...(unit === undefined ? [] : [`unit/${unit}`]),
    ...(county === undefined ? [] : [`county/${county}`]),
    ...(unit === undefined && county === undefined ? ['city'] : []),
  ]
  const expected = [...place, ...(kind === 'freeze' ? ['freezes'] : []), 'all']
  const whole = expected.every((topic) => topics[topic] === (heads[topic] ?? 0))
  for (const topic of expected) heads[topic] = n
  return whole && Object.keys(topics).length === expected.length
}

interface AlertShown {
  readonly subject: string
  readonly rule: string
  readonly colour: string
  readonly n: number
}

const sameMap = <V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => JSON.stringify(b.get(key)) === JSON.stringify(value))
