/**
 * The first day: the shipped file through the engine and the shipped rules colours the two units of the plan, no other.
 */
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { Transition } from '../../src/core/transition.js'
import { at, by, Engine, inShort, order, rules } from '../alerts/engine.js'
import { events, units } from './census.js'

const nowMs = at('2024-01-02T00:00:00+08:00')
const idOf = (name: string): string => units.find((unit) => unit.name === name)?.id ?? `nobody is called ${name}`
const organ = idOf('江门市城市管理和综合执法局')
const bureau = idOf('台山市农业农村局（乡村振兴局）')
const expected = [
  `freeze ${organ} none>frozen 1 [over-quota]`,
  `over-quota ${organ} green>red`,
  `vacancy ${bureau} green>yellow`,
]

const entryOf = (event: (typeof events)[number], load?: string): LogEntry => ({
  kind: 'event',
  timeMs: at(event.time),
  event: load === undefined ? event : { ...event, load },
})

const aboutUnits = (transitions: readonly Transition[]): readonly string[] =>
  transitions
    .filter((transition) => transition.unit !== undefined)
    .map(inShort)
    .sort()

t.test('in one load, two units take a colour and one is frozen', async (t) => {
  const engine = new Engine(2)
  const load = 'jiangmen'
  const until = '2024-01-02T01:00:00+08:00'
  engine.step({ nowMs, entries: [rules(), order({ order: 'load.open', load, until, ...by })] })
  engine.step({ nowMs, entries: events.map((event) => entryOf(event, load)) })
  t.same(aboutUnits(engine.transitions), [], 'while it is open no unit is judged')
  engine.step({ nowMs, entries: [order({ order: 'load.close', load, ...by })] })
  t.same(aboutUnits(engine.transitions), expected)
})

t.test(
  'judged line by line, without a load, the units end the same and none passes through another colour',
  async (t) => {
    const engine = new Engine()
    engine.step({ nowMs, entries: [rules()] })
    for (const event of events) engine.step({ nowMs, entries: [entryOf(event)] })
    t.same(aboutUnits(engine.transitions), expected)
  },
)

t.test('a month without any event changes no unit', async (t) => {
  const engine = new Engine()
  engine.step({ nowMs, entries: [rules(), ...events.map((event) => entryOf(event))] })
  const before = aboutUnits(engine.transitions)
  engine.step({ nowMs: at('2024-02-02T00:00:00+08:00'), entries: [{ kind: 'tick' }] })
  t.same(aboutUnits(engine.transitions), before)
})
