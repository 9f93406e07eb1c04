import fc from 'fast-check'
import t from 'tap'
import type { Draft } from '../../src/alerts/draft.js'
import type { LogEntry } from '../../src/core/entry.js'
import { at, by, desk, Engine, entered, order, registered, rules, someRules, type WorldBatch } from './engine.js'
import { makeWorld } from './world.js'

/** Begun at some step; before each step after it some lines are asked for, and at the end all that is left. */
function* piecesOf(draft: Draft, linesMax: readonly number[]): Generator<string | undefined> {
  for (const max of linesMax) yield draft.next(max)
  for (let text = draft.next(7); text !== ''; text = draft.next(7)) {
    yield text
    if (text === undefined) return
  }
}

/** The texts that the drafts of all shards and of the fold make while the engine takes `batches`. */
function draftedOver(engine: Engine, batches: readonly WorldBatch[], linesMax: readonly number[]): string[] {
  const drafts = [...engine.shards, engine.fold].map((part) => piecesOf(part.freeze(), linesMax))
  const texts = drafts.map(() => '')
  const take = () =>
    drafts.forEach((draft, i) => {
      texts[i] += draft.next().value ?? ''
    })
  for (const batch of batches) {
    take()
    engine.step(batch)
  }
  for (let more = true; more; ) {
    const before = texts.join('').length
    take()
    more = texts.join('').length > before
  }
  return texts
}

t.test('whatever steps come between its pieces, a snapshot is the text of one made in one piece', async (t) => {
  const anyWorld = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    units: fc.integer({ min: 2, max: 40 }),
    batches: fc.integer({ min: 10, max: 80 }),
  })
  const linesMax = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(anyWorld, fc.nat(79), linesMax, fc.integer({ min: 1, max: 3 }), (options, begin, max, shards) => {
      const world = makeWorld(options)
      const steady = new Engine(shards).run(world.slice(0, begin))
      const drafted = new Engine(shards).run(world.slice(0, begin))
      const whole = [...steady.shards, steady.fold].map((part) => part.snapshot())
      const texts = draftedOver(drafted, world.slice(begin), max)
      steady.run(world.slice(begin))
      t.same(texts, whole)
      t.equal(JSON.stringify(drafted.transitions), JSON.stringify(steady.transitions), 'and nobody notices')
    }),
    { numRuns: 60 },
  )
})

const nowMs = at('2024-07-01T09:00:00+08:00')
const idOf = (unit: number) => `PJ-EDU-${unit}`
const batch = (...entries: LogEntry[]): WorldBatch => ({ nowMs, entries })
const peopled = (units: number): WorldBatch =>
  batch(rules(), ...Array.from({ length: units }, (_, unit) => [registered(idOf(unit)), entered(idOf(unit), 1)]).flat())

t.test('what ends by itself between two pieces stands as it stood', async (t) => {
  const red = [rules(someRules('over-quota')), registered('PJ-EDU-1'), entered('PJ-EDU-1', 1)]
  const silence = { order: 'silence', subject: 'PJ-EDU-1', rule: 'over-quota', ...by } as const
  const told = [batch(...red), batch(order({ ...silence, until: '2024-07-01T10:00:00+08:00' }))]
  const engine = new Engine().run(told)
  const whole = new Engine().run(told).shards.map((shard) => shard.snapshot())
  t.match(whole[0], /"silences"/)
  const drafts = engine.shards.map((shard) => shard.freeze())
  const after = engine.step({ nowMs: at('2024-07-01T11:00:00+08:00'), entries: [{ kind: 'tick' }] })
  t.ok(after.some(({ kind, to }) => kind === 'silence' && to === 'audible'))
  t.same(
    drafts.map((draft) => draft.next(100)),
    whole,
  )
})

t.test('entries may change every unit between two pieces; a step that changes all by itself gives it up', async (t) => {
  const engine = new Engine().run([peopled(1000)])
  const whole = engine.shards.map((shard) => shard.snapshot())
  const [draft] = engine.shards.map((shard) => shard.freeze()) as [Draft]
  engine.step(batch(...Array.from({ length: 1000 }, (_, unit) => entered(idOf(unit), 1))))
  t.equal(draft.next(2000), whole[0])
  t.equal(draft.next(2000), '')

  const [policy] = engine.shards.map((shard) => shard.freeze()) as [Draft]
  t.not(policy.next(10), undefined)
  engine.step(batch({ kind: 'policy', policy: desk }))
  t.equal(policy.next(10), undefined)
  const [again] = engine.shards.map((shard) => shard.freeze()) as [Draft]
  t.equal(again.next(2000), engine.shards[0]?.snapshot())
  t.equal(again.next(2000), undefined, 'another one was begun')
})
