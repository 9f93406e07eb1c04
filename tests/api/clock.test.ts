import t from 'tap'
import { serve, standingCity, startMs } from './fixture.js'

const move = (now: unknown) => ({ method: 'POST', url: '/v1/clock', payload: { now } }) as const

t.test('every answer carries the service clock, also an error and an address that does not exist', async (t) => {
  const city = standingCity()
  const app = await serve(city)
  for (const url of ['/v1/clock', '/livez', '/v1/units?limit=0', '/v1/nothing', '/docs/json']) {
    const { headers } = await app.inject(url)
    t.equal(headers['date'], 'Mon, 01 Jan 2024 16:00:00 GMT', url)
    t.equal(headers['x-quotawatch-exercise'], 'true', url)
  }
  city.nowMs = startMs + 999
  t.equal((await app.inject('/livez')).headers['date'], 'Mon, 01 Jan 2024 16:00:00 GMT')
  city.nowMs = startMs + 1000
  t.equal((await app.inject('/livez')).headers['date'], 'Mon, 01 Jan 2024 16:00:01 GMT')
  await app.close()
})

t.test('a scenario clock moves forward, stands, and never moves back', async (t) => {
  const app = await serve(standingCity())
  t.same((await app.inject('/v1/clock')).json(), {
    now: '2024-01-02T00:00:00.000+08:00',
    clock: 'scenario',
    exercise: true,
  })
  const moved = await app.inject(move('2024-03-31T10:00:00Z'))
  t.match(moved.json(), { now: '2024-03-31T18:00:00.000+08:00' })
  t.equal(moved.headers['date'], 'Sun, 31 Mar 2024 10:00:00 GMT', 'the time that it was moved to')
  t.equal((await app.inject(move('2024-03-31T18:00:00+08:00'))).statusCode, 200)
  const back = await app.inject(move('2024-03-31T17:59:59.999+08:00'))
  t.equal(back.statusCode, 422)
  t.match(back.json(), {
    code: 'QW_CLOCK_BACKWARD',
    detail: 'the clock stands at 2024-03-31T18:00:00.000+08:00 and moves forward only',
  })
  await app.close()
})

t.test('the play that moves the clock first is shown, and no other goes on with it', async (t) => {
  const app = await serve(standingCity())
  const movedBy = (seed: unknown, from: unknown) =>
    app.inject({ method: 'POST', url: '/v1/clock', payload: { now: '2024-03-31T10:00:00Z', play: { seed, from } } })
  t.notOk('play' in (await app.inject('/v1/clock')).json())
  t.match((await movedBy(-1, '2024-01')).json(), { code: 'QW_BODY_INVALID', field: '/play/seed' })
  t.match((await movedBy(3, '2024-13')).json(), { code: 'QW_BODY_INVALID', field: '/play/from' })
  t.match((await movedBy(3, '2024-01')).json(), { play: { seed: 3, from: '2024-01' } })
  t.match((await app.inject('/v1/clock')).json(), { play: { seed: 3, from: '2024-01' } })
  t.match((await movedBy(4, '2024-01')).json(), { status: 409, code: 'QW_PLAY_DIFFERS' })
  await app.close()
})

t.test('a system clock is moved by nobody and is no exercise', async (t) => {
  const app = await serve(standingCity(), 'system')
  const answer = await app.inject(move('2024-03-31T10:00:00Z'))
  t.equal(answer.statusCode, 409)
  t.match(answer.json(), { code: 'QW_CLOCK_KIND' })
  t.equal(answer.headers['x-quotawatch-exercise'], undefined)
  t.match((await app.inject('/v1/clock')).json(), { clock: 'system', exercise: false })
  await app.close()
})

t.test('what is no time, or more than a time, is refused and named', async (t) => {
  const app = await serve(standingCity())
  for (const now of ['2024-03-31', '2024-02-30T00:00:00Z', '2024-03-31T10:00:00', '2024-06-30T23:59:60Z', 17, null])
    t.match((await app.inject(move(now))).json(), { code: 'QW_BODY_INVALID', field: '/now' }, String(now))
  const more = await app.inject({ method: 'POST', url: '/v1/clock', payload: { now: '2024-03-31T10:00:00Z', by: 'x' } })
  t.match(more.json(), { code: 'QW_BODY_INVALID', field: '/by' })
  t.match((await app.inject({ method: 'POST', url: '/v1/clock', payload: {} })).json(), { field: '/now' })
  await app.close()
})
