/**
 * Items of the quarantine that a person corrects or dismisses, or that their sender sends again: judged anew, with who,
 * when and why, once.
 */
import t from 'tap'
import type { UnixMs } from '../../src/core/names.js'
import { openSequencer } from '../../src/ingest/ingest.js'
import { dayMs, entered, first, limits, registered, type Service, send, service, startMs } from './fixtures.js'

const broken = (id: string, changes = {}) => entered({ id, data: { count: -1, basis: 'permanent' }, ...changes })
const who = { by: '李主任', reason: '录入错误' }

const call = async (s: Service, path: string, payload: unknown) => {
  const answer = await s.app.inject({ method: 'POST', url: `/v1/quarantine/${path}`, payload: payload as object })
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
}
const correct = (s: Service, item: number, event: object) => call(s, String(item), { event, ...who })
const dismiss = (s: Service, item: number) => call(s, `${item}/dismiss`, who)
const shown = async (s: Service, item: number) => (await s.app.inject({ url: `/v1/quarantine/${item}` })).json()
const listed = async (s: Service, query = '') =>
  (await s.app.inject({ url: `/v1/quarantine${query}` })).json<{ items: { id: string }[] }>().items.map(({ id }) => id)

/** A service that knows unit U1 and holds one bad event; its item is 2. */
async function withItem(changes = {}): Promise<Service> {
  const s = service()
  await send(s, registered(), broken('bad', changes))
  return s
}

t.test('a corrected event comes in, and who did it, when and why is kept', async (t) => {
  const s = await withItem()
  s.nowMs = (startMs + 60_000) as UnixMs
  const answer = await correct(s, 2, entered({ id: 'bad' }))
  t.same(answer, { status: 202, body: { source: '/departments/hr', id: 'bad', status: 'accepted', position: 3 } })
  t.match(s.log.entries[2], { kind: 'event', released: '2', corrected: who, event: { id: 'bad', data: { count: 2 } } })
  t.same(await listed(s), [])
  t.same(await listed(s, '?done=true'), ['2'])
  const done = { kind: 'corrected', position: 3, ...who, at: '2024-07-03T10:01:00.000+08:00' }
  t.match(await shown(s, 2), { event: { data: { count: -1 } }, code: 'QW_FIELD_INVALID', waiting: false, done })
  t.match(first(await send(s, entered({ id: 'bad' }))), { status: 'duplicate', position: 3 }, 'it is taken now')
})

t.test('what cannot be taken is refused with its field, and nothing changes', async (t) => {
  const s = await withItem()
  await send(s, entered({ id: 'taken' }))
  const entries = s.log.entries.length
  const cases = [
    [broken('bad'), /QW_FIELD_INVALID/, '/event/data/count'],
    [entered({ id: 'bad', time: undefined }), /QW_FIELD_INVALID/, '/event/time'],
    [entered({ id: 'taken', data: { count: 9, basis: 'permanent' } }), /QW_ID_CONFLICT/, '/event/id'],
    [entered({ id: 'bad', time: '2024-07-05T10:00:00+08:00' }), /QW_TIME_AHEAD/, '/event/time'],
  ] as const
  for (const [event, detail, field] of cases)
    t.match(await correct(s, 2, event), { status: 422, body: { code: 'QW_CORRECTION_REFUSED', detail, field } })
  for (const body of [
    {},
    { event: entered(), by: 'x' },
    { event: 'text', ...who },
    { event: entered(), ...who, more: 1 },
  ])
    t.match(await call(s, '2', body), { status: 400, body: { code: 'QW_BODY_INVALID' } })
  t.equal(s.log.entries.length, entries)
  t.same(await listed(s), ['2'])
})

t.test('an item that is not there, or is done with, is not corrected', async (t) => {
  const s = await withItem()
  t.match(await correct(s, 7, entered()), { status: 404, body: { code: 'QW_NOT_FOUND' } })
  t.match(await dismiss(s, 7), { status: 404, body: { code: 'QW_NOT_FOUND' } })
  t.same(await dismiss(s, 2), { status: 202, body: { position: 3 } })
  t.match(s.log.entries[2], { kind: 'dismissed', item: '2', ...who })
  t.match(await shown(s, 2), { done: { kind: 'dismissed', ...who, position: 3 } })
  const done = { status: 409, body: { code: 'QW_QUARANTINE_DONE', detail: /dismissed at position 3/ } }
  t.match(await correct(s, 2, entered({ id: 'bad' })), done)
  t.match(await dismiss(s, 2), done)
  t.match(first(await send(s, entered({ id: 'bad' }))), { status: 'accepted' }, 'its sender may still send it right')
})

t.test('a correction that waits stays in the quarantine, signed, and comes in by itself', async (t) => {
  const s = await withItem()
  const waits = { status: 'quarantined', waiting: true, code: 'QW_UNIT_UNKNOWN' }
  t.match(await correct(s, 2, entered({ id: 'bad', subject: 'U2' })), { status: 202, body: waits })
  t.match(await shown(s, 2), { waiting: true, corrected: { ...who }, event: { subject: 'U2' } })
  await send(s, registered('U2'))
  t.match(await shown(s, 2), { waiting: false, corrected: who, done: { kind: 'arrived' } })
  t.match(s.log.entries.at(-1), { kind: 'event', released: '2', event: { id: 'bad', subject: 'U2' } })
})

t.test('what waits can be corrected too, and comes in once', async (t) => {
  const s = service()
  await send(s, registered(), entered({ id: 'w', subject: 'U2' }))
  t.match(await correct(s, 2, entered({ id: 'w' })), { body: { status: 'accepted' } })
  await send(s, registered('U2'))
  const taken = s.log.entries.filter((entry) => entry.kind === 'event' && entry.event.id === 'w')
  t.match(taken, [{ event: { subject: 'U1' } }])
  t.equal(taken.length, 1)
})

t.test('a corrected id that was taken with the same content is a duplicate, and the item is done with', async (t) => {
  const s = await withItem()
  const good = entered({ id: 'good' })
  await send(s, good)
  t.match(await correct(s, 2, good), { status: 202, body: { status: 'duplicate', position: 3 } })
  t.match(await shown(s, 2), { done: { kind: 'dismissed', ...who } })
})

t.test('a sender that sends its bad event right settles the item', async (t) => {
  const s = await withItem()
  await send(s, broken('other'))
  t.match(first(await send(s, entered({ id: 'bad' }))), { status: 'accepted', position: 4 })
  t.match(await shown(s, 2), { done: { kind: 'resent', position: 4 } })
  t.same(await listed(s), ['3'])
})

t.test('a correction may be as old as the item, as far as its pair is known not to have been taken', async (t) => {
  const time = '2024-07-02T10:00:00+08:00'
  const late = (s: Service) => {
    s.nowMs = (startMs + limits.duplicateHorizonMs + dayMs / 2) as UnixMs
    return correct(s, 2, entered({ id: 'bad', time }))
  }
  t.match(await late(await withItem()), { status: 202, body: { status: 'accepted' } })

  const refused = { status: 422, body: { detail: /QW_TIME_TOO_OLD/ } }
  const taken = service()
  await send(taken, registered('U1', { id: 'bad', time }), broken('bad'))
  t.match(await late(taken), refused, 'an event of the pair was taken before, and is forgotten by now')

  const other = await withItem()
  other.nowMs = (startMs + limits.duplicateHorizonMs + dayMs / 2) as UnixMs
  t.match(await correct(other, 2, entered({ id: 'another', time })), refused, 'nothing is known of another pair')
})

t.test('the newest that were done with can be read, and all of it is read back from the log', async (t) => {
  const s = service({ quarantineDoneItemsMax: 2 })
  await send(s, registered(), broken('a'), broken('b'), broken('c'))
  for (const item of [2, 3, 4]) await dismiss(s, item)
  t.same(await listed(s, '?done=true'), ['3', '4'])
  const replayed = await openSequencer({ ...limits, quarantineDoneItemsMax: 2 }, s.log)
  t.same([...replayed.quarantine.doneItems()], [...s.sequencer.quarantine.doneItems()])
})
