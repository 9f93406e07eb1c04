import t from 'tap'
import {
  dayMs,
  entered,
  event,
  first,
  type Item,
  type LooseEvent,
  order,
  registered,
  send,
  service,
  startMs,
} from './fixtures.js'

const at = (ms: number) => new Date(ms).toISOString()
const lent = (changes: LooseEvent = {}, count = 3) =>
  event('pool.lent', { loanId: 'L1', count, dueOn: '2024-12-31' }, changes)
const returned = (count: number, changes: LooseEvent = {}) => event('pool.returned', { loanId: 'L1', count }, changes)
const statuses = (items: readonly Item[]) => items.map((item) => item.code ?? item.status)

t.test('the same pair with equal content is a duplicate, however it is written down', async (t) => {
  const s = service()
  await send(s, registered())
  const one = entered({ id: 'x', note: 'a', zone: 1 })
  const turned = Object.fromEntries(Object.entries(one).reverse())
  const written = [
    one,
    turned,
    { ...one, data: { basis: 'permanent', count: 2 } },
    { ...one, time: '2024-07-03T01:15:00Z' },
    { ...one, time: '2024-07-03T01:15:00.000Z', datacontenttype: undefined },
  ]
  const items = await send(s, ...written)
  t.same(statuses(items), ['accepted', 'duplicate', 'duplicate', 'duplicate', 'duplicate'])
  t.ok(items.every((item) => item.position === 2))
})

t.test('the same pair with other content is a conflict and is kept', async (t) => {
  const s = service()
  await send(s, registered(), registered('U2'), entered({ id: 'x' }))
  const changes: LooseEvent[] = [
    { data: { count: 3, basis: 'permanent' } },
    { data: { count: 2, basis: 'posted_in' } },
    { subject: 'U2' },
    { type: 'staff.left' },
    { time: '2024-07-03T09:15:00.001+08:00' },
    { note: 'new' },
  ]
  for (const change of changes) {
    const [item] = await send(s, entered({ id: 'x', ...change }))
    t.match(item, { status: 'quarantined', code: 'QW_ID_CONFLICT', field: '/id', reason: /position 3/ })
  }
  t.equal(s.sequencer.quarantine.settledCount, changes.length)
  t.same(statuses(await send(s, entered({ id: 'x', source: '/departments/finance' }))), ['accepted'])
})

t.test('a pair that was only quarantined is judged anew', async (t) => {
  const s = service()
  await send(s, registered())
  t.equal(first(await send(s, entered({ id: 'x', data: { count: -2, basis: 'permanent' } }))).code, 'QW_FIELD_INVALID')
  t.equal(first(await send(s, entered({ id: 'x' }))).status, 'accepted')
})

t.test('repeats within one request are seen', async (t) => {
  const s = service()
  const one = entered({ id: 'x' })
  t.same(statuses(await send(s, registered(), one, one, { ...one, note: 'y' })), [
    'accepted',
    'accepted',
    'duplicate',
    'QW_ID_CONFLICT',
  ])
})

t.test('a time more than a day ahead is quarantined, and exactly a day ahead is not', async (t) => {
  const s = service()
  await send(s, registered())
  t.same(statuses(await send(s, entered({ time: at(startMs + dayMs) }), entered({ time: at(startMs + dayMs + 1) }))), [
    'accepted',
    'QW_TIME_AHEAD',
  ])
})

t.test('a time beyond the duplicate horizon is quarantined, and exactly at it is not', async (t) => {
  const s = service()
  await send(s, registered())
  const edge = startMs - 30 * dayMs
  t.same(statuses(await send(s, entered({ time: at(edge) }), entered({ time: at(edge - 1) }))), [
    'accepted',
    'QW_TIME_TOO_OLD',
  ])
})

t.test('an event is never taken twice, however long the horizon is past', async (t) => {
  const s = service()
  const one = entered({ id: 'x', time: at(startMs) })
  await send(s, registered(), one)
  for (const days of [1, 29, 30, 31, 400]) {
    s.nowMs = (startMs + days * dayMs) as typeof s.nowMs
    t.match(first(await send(s, one)).code ?? 'duplicate', days <= 30 ? 'duplicate' : 'QW_TIME_TOO_OLD', `${days} days`)
  }
  t.equal(s.log.entries.filter((entry) => entry.kind === 'event').length, 2)
})

t.test('an event for an unknown unit waits and comes in right after the unit, as an entry of its own', async (t) => {
  const s = service()
  const waiting = first(await send(s, entered({ id: 'w' })))
  t.match(waiting, { status: 'quarantined', code: 'QW_UNIT_UNKNOWN', waiting: true, field: '/subject' })
  t.equal(first(await send(s, registered())).status, 'accepted')
  t.match(s.log.entries.slice(1), [
    { kind: 'event', event: { type: 'unit.registered' } },
    {
      kind: 'event',
      event: { id: 'w' },
      released: String(waiting.position),
      timeMs: Date.parse('2024-07-03T09:15:00+08:00'),
    },
  ])
  t.equal(s.log.batches.length, 2, 'in the same append')
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  t.equal(first(await send(s, entered({ id: 'w' }))).status, 'duplicate')
})

t.test('a unit brings its loans in, those their returns, in the order in which they came', async (t) => {
  const s = service()
  await send(s, returned(2, { id: 'back' }), entered({ id: 'in' }), lent({ id: 'loan' }))
  t.equal(s.sequencer.quarantine.waitingCount, 3)
  await send(s, registered())
  const cameIn = s.log.entries.slice(3).map((entry) => (entry.kind === 'event' ? entry.event.id : `${entry.kind}`))
  t.same(cameIn.slice(1), ['quarantined', 'in', 'loan', 'back'], 'the return first learns that it waits for a loan now')
  t.equal(s.sequencer.quarantine.waitingCount, 0)
})

t.test('a return of more than is out waits until enough is lent', async (t) => {
  const s = service()
  const items = await send(s, registered(), lent(), returned(5, { id: 'five' }), returned(3))
  t.same(statuses(items), ['accepted', 'accepted', 'QW_RETURN_EXCEEDS_LOAN', 'accepted'])
  t.match(items[2], { waiting: true, field: '/data/count', reason: /returns 5.*has 3 out/ })
  await send(s, lent({}, 4))
  t.equal(s.sequencer.quarantine.waitingCount, 1, '4 are out, 5 come back')
  await send(s, lent({}, 1))
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  t.match(s.log.entries.at(-1), { kind: 'event', event: { id: 'five' } })
})

t.test('what waits comes in once, also when two events of one round bring it', async (t) => {
  const s = service()
  await send(s, returned(1, { id: 'back' }), lent({ id: 'one' }), lent({ id: 'two' }), registered())
  const ids = s.log.entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event.id] : []))
  t.same(ids.slice(1), ['one', 'two', 'back'])
})

t.test('a loan is the unit’s own', async (t) => {
  const s = service()
  const items = await send(s, registered(), registered('U2'), lent(), returned(1, { subject: 'U2' }))
  t.same(statuses(items).slice(2), ['accepted', 'QW_LOAN_UNKNOWN'])
})

t.test('progress waits for its task and an answer for its case, also those of the city', async (t) => {
  const s = service()
  const task = { taskId: 't1', title: 'x', kind: 'reform', target: 1, startsOn: '2024-01-01', dueOn: '2024-12-31' }
  const items = await send(
    s,
    registered(),
    event('task.progressed', { taskId: 't1', done: 1 }),
    event('task.progressed', { taskId: 't1', done: 1 }, { subject: 'city' }),
    event('case.answered', { caseId: 'c' }, { subject: 'PJ' }),
  )
  t.same(statuses(items).slice(1), ['QW_TASK_UNKNOWN', 'QW_TASK_UNKNOWN', 'QW_CASE_UNKNOWN'])
  await send(s, event('task.planned', task, { subject: 'city' }))
  t.equal(s.sequencer.quarantine.waitingCount, 2)
  await send(
    s,
    event('task.planned', task),
    event('case.opened', { caseId: 'c', channel: 'online' }, { subject: 'PJ' }),
  )
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  t.equal(s.log.entries.filter((entry) => entry.kind === 'event' && entry.released !== undefined).length, 3)
})

t.test('what waits and is sent again still waits once', async (t) => {
  const s = service()
  const one = entered({ id: 'w' })
  const items = await send(s, one, one)
  t.same(items[0], items[1])
  t.equal(s.log.entries.length, 1)
})

t.test('the newest valid event of a pair is the one that waits', async (t) => {
  const s = service()
  await send(s, entered({ id: 'w' }), entered({ id: 'w', data: { count: 9, basis: 'permanent' } }))
  t.equal(s.sequencer.quarantine.waitingCount, 1)
  await send(s, entered({ id: 'w', data: { count: 0, basis: 'permanent' } }))
  await send(s, registered())
  const cameIn = s.log.entries.filter((entry) => entry.kind === 'event')
  t.match(cameIn, [{ event: { type: 'unit.registered' } }, { event: { id: 'w', data: { count: 9 } } }])
})

t.test('when a corrected event is accepted, the one that waited never comes in', async (t) => {
  const s = service()
  await send(s, entered({ id: 'w' }), registered('U2'))
  t.equal(first(await send(s, entered({ id: 'w', subject: 'U2' }))).status, 'accepted')
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  await send(s, registered())
  t.equal(s.log.entries.filter((entry) => entry.kind === 'event' && entry.event.id === 'w').length, 1)
})

t.test('a bound on what waits is told to the sender', async (t) => {
  const s = service({ waitingEventsMax: 2 })
  const items = await send(s, entered({ id: 'a' }), entered({ id: 'b' }), entered({ id: 'c' }))
  t.match(items[2], { code: 'QW_WAITING_FULL', reason: /2 events wait already.*unit U1/ })
  t.notOk(items[2]?.waiting)
  const corrected = first(await send(s, entered({ id: 'a', note: 'x' })))
  t.match(corrected, { code: 'QW_UNIT_UNKNOWN', waiting: true }, 'one that takes the place of another may wait')
})

t.test('a closed unit takes no events until it is registered again', async (t) => {
  const s = service()
  const late = { time: '2024-07-03T09:30:00+08:00' }
  const items = await send(s, registered(), event('unit.closed', {}), entered(), registered('U1', late), entered())
  t.same(statuses(items), ['accepted', 'accepted', 'QW_UNIT_CLOSED', 'accepted', 'accepted'])
})

t.test('what holds for a unit goes by when it happened, not by when it came', async (t) => {
  const s = service()
  const closing = event('unit.closed', {}, { time: '2024-07-03T09:30:00+08:00' })
  const items = await send(s, registered(), closing, registered('U1', { time: '2024-07-03T09:20:00+08:00' }), entered())
  t.same(statuses(items), ['accepted', 'accepted', 'accepted', 'QW_UNIT_CLOSED'])
})

t.test('a unit with posts, people or loans left is not closed', async (t) => {
  const close = () => event('unit.closed', {})
  const approved = (n: number, time: string) =>
    event('quota.approved', { approved: n, cause: 'cut' }, { time: `2024-07-03T${time}:00+08:00` })
  for (const [left, back, words] of [
    [approved(5, '09:00'), approved(0, '09:01'), /5 approved/],
    [
      event('staff.entered', { count: 2, basis: 'seconded_in' }),
      event('staff.left', { count: 2, basis: 'seconded_in' }),
      /2 seconded_in/,
    ],
    [
      event('staff.left', { count: 2, basis: 'permanent' }),
      event('staff.entered', { count: 2, basis: 'permanent' }),
      /-2 permanent/,
    ],
    [event('contract.entered', { count: 4 }), event('contract.left', { count: 4 }), /4 contract/],
    [lent(), returned(3), /3 posts on loan/],
  ] as const) {
    const s = service()
    const items = await send(s, registered(), left, close(), back, close())
    t.match(items[2], { code: 'QW_UNIT_NOT_EMPTY', reason: words })
    t.equal(items[4]?.status, 'accepted', String(words))
  }
  const s = service()
  const items = await send(s, registered(), approved(0, '09:01'), approved(5, '09:00'), close())
  t.equal(items[3]?.status, 'accepted', 'an older approval changes nothing')
})

t.test('a closing waits for the successor', async (t) => {
  const s = service()
  t.same(statuses(await send(s, registered(), event('unit.closed', { successor: 'U2' }))), [
    'accepted',
    'QW_UNIT_UNKNOWN',
  ])
  await send(s, registered('U2'))
  t.same(statuses(await send(s, entered())), ['QW_UNIT_CLOSED'])
})

t.test('what waited and is refused when its turn comes stays in quarantine with the new reason', async (t) => {
  const s = service()
  const items = await send(s, event('unit.closed', {}, { time: '2024-07-03T09:30:00+08:00' }), entered({ id: 'w' }))
  await send(s, registered())
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  const kept = await s.app.inject({ url: `/v1/quarantine/${items[1]?.position}` })
  t.match(kept.json(), { code: 'QW_UNIT_CLOSED', waiting: false, event: { id: 'w' } })
})

t.test('a load is opened once, takes old events while it is open, and remembers them for good', async (t) => {
  const s = service()
  const open = { order: 'load.open', load: 'census', until: at(startMs + dayMs), by: '王', reason: 'first filling' }
  const old = { time: '2001-01-01T00:00:00+08:00', load: 'census' }
  t.same(statuses(await send(s, registered('U1', old))), ['QW_LOAD_NOT_OPEN'])
  t.equal((await order(s, open)).status, 202)
  t.match(await order(s, open), { status: 409, body: { code: 'QW_LOAD_NAME_USED' } })
  const one = entered({ id: 'o', ...old })
  t.same(statuses(await send(s, registered('U1', { ...old, id: 'r' }), one, entered({ ...old, load: 'other' }))), [
    'accepted',
    'accepted',
    'QW_LOAD_NOT_OPEN',
  ])
  const close = { order: 'load.close', load: 'census', by: '王', reason: 'done' }
  t.equal((await order(s, close)).status, 202)
  t.match(await order(s, close), { status: 422, body: { code: 'QW_LOAD_NOT_OPEN' } })
  t.same(statuses(await send(s, one, { ...one, note: 'x' }, entered(old))), [
    'duplicate',
    'QW_ID_CONFLICT',
    'QW_LOAD_NOT_OPEN',
  ])
  s.nowMs = (startMs + 1000 * dayMs) as typeof s.nowMs
  t.same(statuses(await send(s, one)), ['duplicate'])
  t.match(await order(s, { ...open, until: at(s.nowMs + dayMs) }), { status: 409 }, 'a name is used once')
})

t.test('a load ends at its latest end', async (t) => {
  const s = service()
  await order(s, { order: 'load.open', load: 'l', until: at(startMs + 1000), by: 'a', reason: 'b' })
  await send(s, registered())
  t.same(statuses(await send(s, entered({ load: 'l' }))), ['accepted'])
  s.nowMs = (startMs + 1000) as typeof s.nowMs
  t.same(statuses(await send(s, entered({ load: 'l' }))), ['QW_LOAD_NOT_OPEN'])
})
