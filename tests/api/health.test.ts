import t from 'tap'
import { serve, standingCity } from './fixture.js'

t.test('ready is 200 only while every part is, and names each one', async (t) => {
  const city = standingCity()
  const app = await serve(city)
  const ready = await app.inject('/readyz')
  t.equal(ready.statusCode, 200)
  t.same(ready.json(), { ready: true, exercise: true, parts: city.parts })
  city.parts.push({ name: 'push 1', state: 'away', ready: false })
  const not = await app.inject('/readyz')
  t.equal(not.statusCode, 503)
  t.equal(not.headers['retry-after'], '1')
  t.same(not.json(), { ready: false, exercise: true, parts: city.parts })
  t.equal((await app.inject('/livez')).statusCode, 200, 'alive all the same')
  await app.close()
})

t.test('metrics are served as Prometheus text', async (t) => {
  const app = await serve(standingCity())
  const answer = await app.inject('/metrics')
  t.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(answer.body, /^process_cpu_seconds_total \d/m)
  await app.close()
})
