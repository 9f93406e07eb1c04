import fc from 'fast-check'
import t from 'tap'
import { createFold, restoreFold } from '../../src/alerts/fold.js'
import { createShard, engineVersion, goesToFold, restoreShard, shardsOf } from '../../src/alerts/shard.js'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import { approved, by, Engine, entered, event, home, order, registered, rules, Story } from './engine.js'

t.test('an entry is routed to the shard of its unit, to the fold, or to all', async (t) => {
  const unit = registered('PJ-EDU-0012')
  const shard = shardsOf(unit, 8)
  t.type(shard, 'number')
  t.equal(goesToFold(unit), false)
  t.equal(shardsOf(order({ order: 'freeze', subject: 'PJ-EDU-0012', ...by }), 8), shard)
  t.equal(goesToFold(order({ order: 'freeze', subject: 'PJ-EDU-0012', ...by })), false)
  t.equal(shardsOf(approved('PJ-EDU-0012', 1), 8), shard)
  const acknowledge = { order: 'acknowledge', rule: 'pool-overdue', ...by } as const
  t.equal(shardsOf(order({ ...acknowledge, subject: 'PJ-EDU-0012/loan/L1' }), 8), shard, "what is the unit's")
  t.ok(goesToFold(order({ ...acknowledge, subject: 'pool' })))
  for (const subject of ['city', 'pool', 'XH']) {
    const entry = event('indicator.reported', subject, { name: 'population', value: 1 })
    t.type(shardsOf(entry, 8), 'number', `${subject} may have tasks and reports`)
    t.ok(goesToFold(entry), subject)
  }
  for (const entry of [
    { kind: 'tick' },
    rules(),
    { kind: 'engine', version: '1' },
    { kind: 'policy', policy: home },
    order({ order: 'load.close', load: 'l', ...by }),
    event('assessment.closed', 'city', { kind: 'annual', period: '2024' }),
  ] satisfies LogEntry[]) {
    t.equal(shardsOf(entry, 8), 'all', entry.kind)
    t.ok(goesToFold(entry), entry.kind)
  }
  for (const entry of [
    { kind: 'quarantined', item: '1', code: 'QW_EVENT_INVALID', reason: '', event: {} },
    { kind: 'skipped', position: 1 as LogPosition, error: 'e', stack: 's' },
    { kind: 'alarm', part: 'disk', level: 1, reason: '' },
  ] satisfies LogEntry[]) {
    t.equal(shardsOf(entry, 8), 'none', entry.kind)
    t.ok(goesToFold(entry), entry.kind)
  }
})

t.test('the shard of a unit is FNV-1a of the UTF-8 bytes of its id: snapshots depend on it', async (t) => {
  const fnv1a = (text: string) =>
    Buffer.from(text, 'utf8').reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5)
  t.equal(fnv1a('foobar'), 0xbf9cf968, 'the published test vector')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9\u4e00-\u9fff._:-]{1,20}$/),
        fc.integer({ min: 1, max: 64 }),
        (id, shards) => shardsOf(registered(id), shards) === fnv1a(id) % shards,
      ),
    ),
  )
})

t.test('a snapshot that is none is refused as damaged', async (t) => {
  for (const text of ['', '{}', '{"format":99}', 'null', '[]']) {
    t.throws(() => restoreShard(text), { code: 'QW_SNAPSHOT_DAMAGED' }, text)
    t.throws(() => restoreFold(text), { code: 'QW_SNAPSHOT_DAMAGED' }, text)
  }
})

t.test('an empty engine survives a restart, and says nothing', async (t) => {
  const engine = new Engine(3).restart()
  t.equal(engine.fold.n, 0)
  t.same(engine.fold.heads(), {})
  t.same(engine.step({ nowMs: 1 as UnixMs, entries: [{ kind: 'tick' }] }), [])
  t.equal(engine.nextDeadlineMs, undefined)
  t.match(engineVersion, /^\d+$/)
  t.equal(createShard().snapshot(), createShard().snapshot())
  t.equal(createFold().snapshot(), createFold().snapshot())
})

t.test('time that goes back is a defect of the log, and stops the engine', async (t) => {
  const shard = createShard()
  shard.step({ firstPosition: 1 as LogPosition, nowMs: 10 as UnixMs, items: [] })
  t.throws(
    () => shard.step({ firstPosition: 1 as LogPosition, nowMs: 9 as UnixMs, items: [] }),
    /time went back from 10 to 9/,
  )
})

const small = (): Story => {
  const story = new Story()
  for (const id of ['C', 'A', 'B', 'D'])
    story.tell(registered(id, id === 'D' ? { county: 'TS', sector: 'health' } : {}), entered(id, 10))
  story.tell(approved('A', 9), approved('B', 20), approved('C', 10), approved('D', 9))
  return story
}
const ids = (items: unknown): string[] => (items as { id: string }[]).map(({ id }) => id)

t.test('units are listed by id, filtered, page by page', async (t) => {
  const { engine } = small()
  t.same(ids(engine.read({ kind: 'units', limit: 10 })), ['A', 'B', 'C', 'D'])
  t.same(ids(engine.read({ kind: 'units', limit: 2 })), ['A', 'B'])
  t.same(ids(engine.read({ kind: 'units', limit: 2, after: 'B' })), ['C', 'D'])
  t.same(ids(engine.read({ kind: 'units', limit: 2, after: 'BB' })), ['C', 'D'], 'the key may be gone')
  t.same(ids(engine.read({ kind: 'units', limit: 2, after: 'D' })), [])
  t.same(ids(engine.read({ kind: 'units', limit: 10, county: 'TS' })), ['D'])
  t.same(ids(engine.read({ kind: 'units', limit: 10, sector: 'education' })), ['A', 'B', 'C'])
  t.same(ids(engine.read({ kind: 'units', limit: 10, colour: 'red' })), ['A', 'D'])
  t.same(ids(engine.read({ kind: 'units', limit: 10, colour: 'green' })), ['C'])
  engine.step({ nowMs: small().nowMs, entries: [registered('AA')] })
  t.same(ids(engine.read({ kind: 'units', limit: 2, after: 'A' })), ['AA', 'B'], 'a new unit takes its place')
})

t.test('a unit is shown whole, in the shape of the HTTP contract', async (t) => {
  const { engine } = small()
  t.match(engine.read({ kind: 'unit', id: 'A' }), {
    id: 'A',
    name: '单位 A',
    level: 'county',
    county: 'XH',
    kind: 'institution',
    sector: 'education',
    frontline: false,
    facts: { approved: 9, onLoan: 0, usable: 9, filled: 10, overBy: 1, contract: 0, heads: { permanent: 10 } },
    policy: 'home@1',
    colour: 'red',
    freeze: { state: 'frozen', reasons: ['over-quota'], sequence: 1, since: '2024-07-01T09:00:00.000+08:00' },
    alerts: [{ rule: 'over-quota', subject: 'A', colour: 'red', n: 1, since: '2024-07-01T09:00:00.000+08:00' }],
    loans: [],
    tasks: [],
  })
  t.equal(engine.read({ kind: 'unit', id: 'nobody' }), undefined)
})

t.test('alerts are listed by subject and rule; green ones only when asked for', async (t) => {
  const story = small()
  const { engine } = story
  const said = (query: object) =>
    (engine.read({ kind: 'alerts', ...query }) as { subject: string; rule: string; n: number }[]).map(
      ({ subject, rule, n }) => `${subject} ${rule} ${n}`,
    )
  t.same(said({}), ['A over-quota 1', 'B vacancy 3', 'D over-quota 4'])
  t.same(said({ county: 'TS' }), ['D over-quota 4'])
  t.same(said({ rule: 'vacancy' }), ['B vacancy 3'])
  t.same(said({ subject: 'A' }), ['A over-quota 1'])
  t.same(said({ subject: 'A', rule: 'vacancy' }), [])
  t.same(said({ colour: 'red' }), ['A over-quota 1', 'D over-quota 4'])
  story.tell(entered('B', 9))
  t.same(said({ subject: 'B' }), [])
  t.same(said({ colour: 'green' }), ['B vacancy 6'])
})

t.test('freezes are listed by unit; those that ended only when asked for', async (t) => {
  const story = small()
  const { engine } = story
  const said = (query: object) =>
    (engine.read({ kind: 'freezes', ...query }) as { unit: string; state: string }[]).map(
      ({ unit, state }) => `${unit} ${state}`,
    )
  story.tell(
    approved('A', 10, { time: '2024-03-01T00:00:00+08:00' }),
    order({ order: 'lift', subject: 'C', until: '2024-08-01T00:00:00+08:00', ...by }),
  )
  t.same(said({}), ['C lifted', 'D frozen'])
  t.same(said({ state: 'none' }), ['A none'])
  t.same(said({ unit: 'A' }), ['A none'])
  t.same(said({ unit: 'B' }), [], 'was never frozen')
  t.same(said({ state: 'frozen' }), ['D frozen'])
  t.same(said({ county: 'TS' }), ['D frozen'])
  t.match(engine.read({ kind: 'freezes', unit: 'C' }), [
    {
      unit: 'C',
      county: 'XH',
      state: 'lifted',
      reasons: [],
      sequence: 1,
      until: '2024-08-01T00:00:00.000+08:00',
      by: '张三',
    },
  ])
})

t.test('figures are those of the units that changed since they were last read', async (t) => {
  const story = small()
  const { engine } = story
  const said = () =>
    (engine.read({ kind: 'figures' }) as { unit: string; facts: { filled: number } }[]).map(
      ({ unit, facts }) => `${unit} ${facts.filled}`,
    )
  t.same(said(), ['A 10', 'B 10', 'C 10', 'D 10'])
  t.same(said(), [])
  const before = engine.snapshot()
  story.tell(entered('B', 1))
  story.tell(entered('B', 1))
  t.same(said(), ['B 12'])
  t.not(engine.snapshot(), before)
  const after = engine.snapshot()
  story.engine.read({ kind: 'figures' })
  t.equal(engine.snapshot(), after, 'reading leaves no trace in the history')
})
