/**
 * The engine's state, fetched piece by piece over real threads while batches are judged.
 */
import t from 'tap'
import type { LogPosition } from '../../src/core/names.js'
import { at, entered } from '../alerts/engine.js'
import { makeWorld } from '../alerts/world.js'
import { openSitting, poison, whole } from './fixtures.js'

t.test('a judge that begins from what was fetched while another went on says what that one said', async (t) => {
  const world = makeWorld({ seed: 5, units: 300, batches: 60 })
  const first = await openSitting(t, { shards: 2 })
  for (const batch of world.slice(0, 30)) first.log.append(batch)
  await first.judge.drained()
  const capture = await first.judge.capture()
  t.equal(capture.position, first.judge.position)
  t.equal(capture.n, first.judge.n)
  const rest = world.slice(30)
  const state = await whole(capture, async () => {
    const next = rest.shift()
    if (next) first.log.append(next)
  })
  for (const batch of rest) first.log.append(batch)
  await first.judge.drained()
  t.ok(first.judge.position > capture.position)

  const second = await openSitting(t, { shards: 2, state })
  t.equal(second.judge.position, capture.position)
  for (const batch of first.log.batches) if (batch.firstPosition > capture.position) second.judge.submit(batch)
  await second.judge.drained()
  t.same(second.fatal, [])
  t.equal(JSON.stringify(second.transitions), JSON.stringify(first.transitions.slice(capture.n)))
})

t.test('an engine that is built anew gives up what was not fetched yet, and nothing else', async (t) => {
  const nowMs = at('2024-07-01T09:00:00+08:00')
  const { judge, log, fatal } = await openSitting(t)
  log.append({ nowMs, entries: [entered('PJ-EDU-0001', 1)] })
  const capture = await judge.capture()
  log.append({ nowMs, entries: [poison('PJ-EDU-0001')] })
  await judge.drained()
  t.match(await capture.next(1), { kind: 'givenUp', reason: /anew/ })
  const again = await judge.capture()
  t.equal(again.position, judge.position)
  t.ok((await whole(again)).shards[0]?.length)
  t.equal(judge.position, 3 as LogPosition)
  t.same(fatal, [])
})
