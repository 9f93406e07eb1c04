import t from 'tap'
import { closedLongAgo, notStoredYet, serve, standingCity } from './fixture.js'

const withUnits = (...units: string[]) => ({ ...standingCity(), units })

t.test('history is read at the moments that were asked for, in the time of Asia/Shanghai', async (t) => {
  const app = await serve(withUnits('PJ-EDU-0001'))
  const url = '/v1/history?subject=PJ-EDU-0001&from=2024-01-01T00:00:00%2B08:00&to=2024-01-01T02:00:00%2B08:00&step=1h'
  t.match((await app.inject(url)).json(), {
    subject: 'PJ-EDU-0001',
    of: 'unit',
    storedTo: { position: 17, at: '2024-01-02T00:00:00.000+08:00' },
    items: [
      { at: '2024-01-01T00:00:00.000+08:00', filled: 7, policy: 'home@1' },
      { at: '2024-01-01T01:00:00.000+08:00', filled: 7, policy: 'home@1' },
      { at: '2024-01-01T02:00:00.000+08:00', filled: 7, policy: 'home@1' },
    ],
    next: null,
  })
})

t.test('without from and to the last thirty days are shown, day by day', async (t) => {
  const app = await serve(standingCity())
  const { items } = (await app.inject('/v1/history?subject=city')).json()
  t.equal(items.length, 31)
})

t.test('a store that is away is said, and a question that does not fit is named', async (t) => {
  const app = await serve(standingCity())
  t.match((await app.inject('/v1/history?subject=away')).json(), { status: 503, code: 'QW_STORE_AWAY' })
  for (const [query, field] of [
    ['', '/subject'],
    ['subject=city&step=1', '/step'],
    ['subject=city&from=yesterday', '/from'],
    ['subject=city&until=now', '/until'],
  ])
    t.match((await app.inject(`/v1/history?${query}`)).json(), { status: 400, code: 'QW_QUERY_INVALID', field })
})

t.test('sums say under which counting policy they were made, or that nobody knows any more', async (t) => {
  const app = await serve(standingCity())
  const { of, items, latest } = (await app.inject('/v1/history?subject=city&step=10d')).json()
  t.equal(of, 'sums')
  t.match(latest, { at: '2024-01-02T00:00:00.000+08:00', sums: { filled: 7 }, policy: null })
  for (const item of items) t.match(item, { sums: { filled: 7 }, policy: null })
})

t.test('a subject that neither the store nor the city knows is not found; one of them is enough', async (t) => {
  const app = await serve(withUnits('PJ-EDU-0001'))
  for (const subject of ['PJ-EDU-0002', 'ZZ', 'county/ZZ', 'sector/fishery', 'level/township', "x' OR 1 = 1 --"])
    t.match(
      (await app.inject(`/v1/history?subject=${encodeURIComponent(subject)}`)).json(),
      { status: 404, code: 'QW_NOT_FOUND', field: '/subject' },
      subject,
    )
  t.equal((await app.inject('/v1/history?subject=PJ-EDU-0001')).statusCode, 200)
  t.equal((await app.inject(`/v1/units/${closedLongAgo}`)).statusCode, 404)
  const closed = await app.inject(`/v1/history?subject=${closedLongAgo}&step=10d`)
  t.match(
    [closed.statusCode, closed.json()],
    [200, { of: 'unit', items: [{ filled: 7, closed: true }], closedAt: '2024-01-02T00:00:00.000+08:00' }],
  )
  const open = (await app.inject('/v1/history?subject=PJ-EDU-0001')).json()
  t.notOk('closedAt' in open || 'latest' in open)
})

t.test('a unit that the store has not heard of yet has no figures, but is there', async (t) => {
  const app = await serve(withUnits(notStoredYet))
  const answer = await app.inject(`/v1/history?subject=${notStoredYet}`)
  t.match([answer.statusCode, answer.json()], [200, { of: 'unit', items: [] }])
})
