import t from 'tap'
import type { CalendarEntry } from '../../src/core/entry.js'
import type { UnixMs } from '../../src/core/names.js'
import { createWorkingDays } from '../../src/ingest/ingest.js'
import { dayMs, entered, first, post, registered, type Service, send, service } from './fixtures.js'

interface Page {
  items: Record<string, unknown>[]
  next: string | null
}
const list = async (s: Service, query = ''): Promise<Page> =>
  (await s.app.inject({ url: `/v1/quarantine${query}` })).json()
const broken = (id: string, source = '/departments/hr') =>
  entered({ id, source, data: { count: -1, basis: 'permanent' } })

t.test('an item shows the event as it came, why, where and when', async (t) => {
  const s = service()
  const sent = broken('x')
  const { position } = first(await send(s, sent))
  const expected = {
    id: String(position),
    event: sent,
    code: 'QW_FIELD_INVALID',
    field: '/data/count',
    reason: 'the field /data/count must be a whole number, 1 or more and 1000000 or less',
    at: '2024-07-03T10:00:00.000+08:00',
    waiting: false,
    impossible: false,
  }
  t.same(await list(s), { items: [expected], next: null })
  t.same((await s.app.inject({ url: `/v1/quarantine/${position}` })).json(), expected)
})

t.test('what came in is shown as done, and what was never in quarantine is not found', async (t) => {
  const s = service()
  const { position } = first(await send(s, entered()))
  t.equal((await s.app.inject({ url: `/v1/quarantine/${position}` })).statusCode, 200)
  await send(s, registered())
  const came = (await s.app.inject({ url: `/v1/quarantine/${position}` })).json()
  t.match(came, { waiting: false, done: { kind: 'arrived', position: 3 } })
  t.same((await list(s)).items, [])
  for (const id of ['2', '99', 'x', '__proto__'])
    t.match((await s.app.inject({ url: `/v1/quarantine/${id}` })).json(), { status: 404, code: 'QW_NOT_FOUND' }, id)
})

t.test('pages hold every item once, oldest first, also while more come', async (t) => {
  const s = service()
  const sent = [broken('a'), entered({ id: 'b' }), broken('c'), entered({ id: 'd' }), broken('e')]
  await send(s, ...sent)
  const seen: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Page = await list(s, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    t.ok(page.items.length <= 2)
    seen.push(...page.items.map((item) => (item['event'] as { id: string }).id))
    if (seen.length === 2) await send(s, broken('f'))
    cursor = page.next
  }
  t.same(seen, ['a', 'b', 'c', 'd', 'e', 'f'])
})

t.test('the list is filtered by source, code and waiting', async (t) => {
  const s = service()
  await send(s, broken('a'), broken('b', '/departments/finance'), entered({ id: 'c' }), 'no event at all')
  const ids = async (query: string) => (await list(s, query)).items.map((item) => item['id'])
  t.same(await ids(''), ['1', '2', '3', '4'])
  t.same(await ids('?source=/departments/hr'), ['1', '3'])
  t.same(await ids('?code=QW_FIELD_INVALID'), ['1', '2'])
  t.same(await ids('?waiting=true'), ['3'])
  t.same(await ids('?waiting=false&source=%2Fdepartments%2Fhr'), ['1'])
  t.match((await list(s, '?waiting=true')).items[0], { waiting: true, waitsFor: { kind: 'unit', key: 'U1' } })
})

t.test('a query that is not one is refused', async (t) => {
  const s = service()
  for (const [query, code] of [
    ['?limit=0', 'QW_QUERY_INVALID'],
    ['?limit=1001', 'QW_QUERY_INVALID'],
    ['?limit=ten', 'QW_QUERY_INVALID'],
    ['?limit=1&limit=2', 'QW_QUERY_INVALID'],
    ['?waiting=maybe', 'QW_QUERY_INVALID'],
    ['?code=toString', 'QW_QUERY_INVALID'],
    ['?source=a&source=b', 'QW_QUERY_INVALID'],
    ['?wating=true', 'QW_QUERY_INVALID'],
    ['?cursor=1', 'QW_CURSOR_INVALID'],
    ['?cursor=q0', 'QW_CURSOR_INVALID'],
  ] as const)
    t.match((await s.app.inject({ url: `/v1/quarantine${query}` })).json(), { status: 400, code }, query)
})

t.test(
  'what would go into a full quarantine is refused and not kept; what is there stays, and what is good comes in',
  async (t) => {
    const s = service({ quarantineItemsMax: 2 })
    await send(s, registered(), broken('a'), broken('b'))
    const good = entered({ id: 'good' })
    const request = post(JSON.stringify([good, broken('c')]), 'application/cloudevents-batch+json')
    const answer = await s.app.inject(request)
    t.match(
      [answer.statusCode, answer.headers['retry-after'], answer.json()],
      [
        503,
        '60',
        {
          code: 'QW_QUARANTINE_FULL',
          detail: /quarantineItemsMax 2/,
          items: [
            { id: 'good', status: 'accepted' },
            { id: 'c', status: 'refused', code: 'QW_QUARANTINE_FULL' },
          ],
        },
      ],
    )
    t.equal(s.counts.get('refused'), 1)
    t.equal(s.log.entries.length, 4, 'the log holds what was accepted, and nothing of the refused one')
    t.match(
      first(await send(s, entered({ id: 'w', subject: 'U2' }))),
      { waiting: true },
      'what waits has a bound of its own',
    )
    const item = (await list(s, '?waiting=false')).items[0]?.['id']
    await s.app.inject({ method: 'POST', url: `/v1/quarantine/${item}/dismiss`, payload: { by: 'a', reason: 'b' } })
    const again = await s.app.inject(request)
    t.match([again.statusCode, again.json()], [202, { items: [{ status: 'duplicate' }, { status: 'quarantined' }] }])
  },
)

t.test('the bound in bytes is one too', async (t) => {
  const size = JSON.stringify(broken('a')).length
  const s = service({ quarantineBytesMax: 2 * size })
  await send(s, broken('a'), broken('b'))
  const answer = await s.app.inject(post(JSON.stringify(broken('c')), 'application/json'))
  t.match(answer.json(), { code: 'QW_QUARANTINE_FULL', detail: /quarantineBytesMax/ })
})

t.test('a sender that repeats a bad event fills nothing', async (t) => {
  const s = service({ quarantineItemsMax: 3 })
  const sent = [broken('a'), '{', entered({ id: 'w' })]
  const lines = sent.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join('\n')
  const items = []
  for (let time = 0; time < 5; time++) {
    const answer = await s.app.inject(post(lines, 'application/x-ndjson'))
    items.push(answer.json<{ items: object[] }>().items)
  }
  for (const again of items) t.same(again, items[0])
  t.equal(s.log.entries.length, 3)
  t.match(first(await send(s, broken('a', '/departments/other'))), { position: 4 }, 'another sender is another matter')
})

t.test('what waits for more than a working day is shown as impossible', async (t) => {
  const s = service() // a Wednesday
  await send(s, entered(), broken('a'))
  for (const [days, impossible] of [
    [0, false],
    [1, false],
    [2, true],
  ] as const) {
    s.nowMs = (Date.parse('2024-07-03T10:00:00+08:00') + days * dayMs) as UnixMs
    t.same(
      (await list(s)).items.map((item) => item['impossible']),
      [impossible, false],
      `${days} days`,
    )
  }
})

t.test('weekends and holidays are no working days, make-up days are', async (t) => {
  const on = (day: string) => Date.parse(`${day}T12:00:00+08:00`) as UnixMs
  const plain = createWorkingDays()
  t.equal(plain.isOverdue(on('2024-07-05'), on('2024-07-08')), false, 'Friday to Monday')
  t.equal(plain.isOverdue(on('2024-07-05'), on('2024-07-09')), true, 'Friday to Tuesday')
  const calendar: CalendarEntry = {
    kind: 'calendar',
    years: { first: 2024, last: 2024 },
    holidays: ['2024-10-01', '2024-10-02', '2024-10-03', '2024-10-04', '2024-10-07'],
    makeUpWorkdays: ['2024-09-29', '2024-10-12'],
  }
  const china = createWorkingDays(calendar)
  t.equal(china.isOverdue(on('2024-09-30'), on('2024-10-08')), false, 'the National Day week')
  t.equal(china.isOverdue(on('2024-09-30'), on('2024-10-09')), true)
  t.equal(china.isOverdue(on('2024-10-11'), on('2024-10-14')), true, 'a Saturday that is worked')
  t.equal(china.isOverdue(on('2025-10-10'), on('2025-10-13')), false, 'a year the calendar does not know')
  t.equal(china.isOverdue(on('2024-01-01'), on('2024-12-31')), true)
})
