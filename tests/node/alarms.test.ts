import t from 'tap'
import type { AlarmEntry } from '../../src/core/entry.js'
import { Alarms, type Condition, type Level } from '../../src/node/alarms.js'

/** One part, whose level is set by hand; nobody waits, because the clock is an argument. */
async function watch(said: Level = 0) {
  const entries: AlarmEntry[] = []
  const now = { condition: { level: 0, reason: 'well' } as Condition, canWrite: true, ms: 0 }
  const alarms = await Alarms.open({
    watched: [{ part: 'disk', look: () => now.condition }],
    alarmHoldMs: 10,
    saidOf: async () => said,
    append: (entry) => {
      if (now.canWrite) entries.push(entry)
      return now.canWrite
    },
  })
  /** Stays so for `ms`, looked at every millisecond. */
  const stay = (level: Level, ms: number) => {
    now.condition = { level, reason: `level ${level}` }
    for (let i = 0; i < ms; i++) alarms.look(now.ms++)
    return entries.map((entry) => entry.level)
  }
  return { entries, now, stay }
}

t.test('a change is said once, when it has lasted, and so is its end', async (t) => {
  const { stay, entries } = await watch()
  t.same(stay(1, 10), [])
  t.same(stay(1, 1000), [1])
  t.same(stay(2, 1000), [1, 2])
  t.same(stay(0, 10), [1, 2])
  t.same(stay(0, 1000), [1, 2, 0])
  t.same(entries[0], { kind: 'alarm', part: 'disk', level: 1, reason: 'level 1' })
})

t.test('what comes and goes is not said, but what is bad now and worse then is', async (t) => {
  const flapping = await watch()
  for (let i = 0; i < 100; i++) {
    flapping.stay(2, 9)
    t.same(flapping.stay(0, 1), [])
  }
  const bad = await watch()
  for (let i = 0; i < 3; i++) bad.stay(i % 2 === 0 ? 1 : 2, 5)
  t.same(bad.entries.length, 1)
})

t.test(
  'what cannot be written is said when it can, and what was said before the start is not said again',
  async (t) => {
    const { stay, now } = await watch(2)
    t.same(stay(2, 100), [])
    now.canWrite = false
    t.same(stay(0, 100), [])
    now.canWrite = true
    t.same(stay(0, 100), [0])
  },
)
