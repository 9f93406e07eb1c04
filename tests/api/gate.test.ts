import t from 'tap'
import { serve, standingCity } from './fixture.js'

t.test('the gate answers with its reasons and the n it knows of', async (t) => {
  const app = await serve({ ...standingCity(), units: ['PJ-1'], transitions: 7 })
  const ask = (count: number) =>
    app.inject({ method: 'POST', url: '/v1/gate', payload: { unit: 'PJ-1', count, basis: 'permanent' } })
  const allowed = await ask(1)
  t.same([allowed.statusCode, allowed.json()], [200, { allow: true, reasons: [], n: 7 }])
  t.equal(allowed.headers['x-quotawatch-n'], '7')
  const denied = await ask(2)
  t.same(denied.json(), {
    allow: false,
    reasons: [{ code: 'QW_GATE_FROZEN', rule: 'over-quota', text: 'frozen' }],
    n: 7,
  })
  await app.close()
})

t.test('a question that is none is told which field is wrong; nothing is guessed', async (t) => {
  const app = await serve({ ...standingCity(), units: ['PJ-1'] })
  const good = { unit: 'PJ-1', count: 1, basis: 'permanent' }
  const cases: readonly (readonly [object, number, string, string])[] = [
    [{ ...good, unit: undefined }, 400, 'QW_BODY_INVALID', '/unit'],
    [{ ...good, unit: 7 }, 400, 'QW_BODY_INVALID', '/unit'],
    [{ ...good, count: 0 }, 400, 'QW_BODY_INVALID', '/count'],
    [{ ...good, count: -1 }, 400, 'QW_BODY_INVALID', '/count'],
    [{ ...good, count: 1.5 }, 400, 'QW_BODY_INVALID', '/count'],
    [{ ...good, count: '1' }, 400, 'QW_BODY_INVALID', '/count'],
    [{ ...good, basis: 'guest' }, 400, 'QW_BODY_INVALID', '/basis'],
    [{ ...good, by: '王' }, 400, 'QW_BODY_INVALID', '/by'],
    [{ ...good, unit: 'PJ-404' }, 404, 'QW_NOT_FOUND', 'undefined'],
  ]
  for (const [payload, status, code, field] of cases) {
    const answer = await app.inject({ method: 'POST', url: '/v1/gate', payload })
    const { code: said, field: at } = answer.json() as { code: string; field?: string }
    t.same([answer.statusCode, said, String(at)], [status, code, field], JSON.stringify(payload))
  }
  t.equal((await app.inject('/v1/gate')).statusCode, 405)
  await app.close()
})
