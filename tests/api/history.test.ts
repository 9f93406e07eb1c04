import t from 'tap'
import { serve, standingCity } from './fixture.js'

t.test('history is read at the moments that were asked for, in the time of Asia/Shanghai', async (t) => {
  const app = await serve(standingCity())
  const url = '/v1/history?subject=PJ-EDU-0001&from=2024-01-01T00:00:00%2B08:00&to=2024-01-01T02:00:00%2B08:00&step=1h'
  t.same((await app.inject(url)).json(), {
    subject: 'PJ-EDU-0001',
    of: 'unit',
    items: [
      { at: '2024-01-01T00:00:00.000+08:00', filled: 7 },
      { at: '2024-01-01T01:00:00.000+08:00', filled: 7 },
      { at: '2024-01-01T02:00:00.000+08:00', filled: 7 },
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
