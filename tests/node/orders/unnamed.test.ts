/**
 * `escalate` and `rectify` as the contract lists them, without a rule: the alert that they fit is meant, when there is one.
 */
import t from 'tap'
import { entered, event, registered, send, startMs } from '../../ingest/fixtures.js'
import { type Ordering, openOrdering, who } from './ordering.js'

const approved = (count: number) => event('quota.approved', { approved: count, cause: 'census' })
const failed = [
  event('assessment.published', { period: '2023', kind: 'annual', grade: 'failed' }),
  event('assessment.closed', { period: '2023', kind: 'annual' }, { subject: 'city' }),
]
const escalate = { order: 'escalate', subject: 'U1' } as const
const rectify = { order: 'rectify', subject: 'U1', owner: '李科长', dueOn: '2024-07-08' } as const

/** U1 is over quota and frozen. */
async function over(t: Parameters<typeof openOrdering>[0]): Promise<Ordering> {
  const ordering = await openOrdering(t)
  await send(ordering.s, registered(), approved(1), entered({ data: { count: 2, basis: 'permanent' } }))
  await ordering.tell()
  return ordering
}

for (const body of [escalate, rectify])
  t.test(
    `${body.order} without a rule is about the only alert of its subject, and is logged with its rule`,
    async (t) => {
      const { give, from } = await over(t)
      const answer = await give(body)
      t.equal(answer.status, 202)
      t.same(from(answer.body['position']), [{ kind: 'order', order: { ...who, ...body, rule: 'over-quota' } }])
    },
  )

for (const body of [escalate, rectify])
  t.test(`${body.order} without a rule is refused where several alerts may be meant, and they are named`, async (t) => {
    const { s, give, tell } = await over(t)
    await send(s, ...failed)
    await tell()
    const head = s.log.head
    const answer = await give(body)
    t.match(answer, {
      status: 422,
      body: { code: 'QW_ALERT_AMBIGUOUS', field: '/rule', detail: /annual-grade, over-quota$/ },
    })
    t.equal(s.log.head, head)
    t.equal((await give({ ...body, rule: 'annual-grade' })).status, 202)
  })

t.test(
  'what stands with the city climbs no further, so of two alerts the other is meant; of one it is said',
  async (t) => {
    const { s, give, tell, read } = await over(t)
    for (const expected of [202, 202]) t.equal((await give(escalate)).status, expected)
    t.match(await give(escalate), { status: 409, body: { code: 'QW_ALERT_AT_TOP' } })
    await send(s, ...failed)
    await tell()
    t.equal((await give(escalate)).status, 202)
    t.match(await read({ kind: 'alerts', subject: 'U1' }), [
      { rule: 'annual-grade', rung: 'county' },
      { rule: 'over-quota', rung: 'city' },
    ])
  },
)

for (const [body, wanted] of [
  [escalate, 'yellow or red'],
  [rectify, 'red'],
] as const)
  t.test(`${body.order} of a subject without such an alert, or that nobody knows, is refused`, async (t) => {
    const { s, give, tell } = await openOrdering(t)
    await send(s, registered(), approved(2), entered())
    await tell()
    for (const subject of ['U1', 'U9'])
      t.match(await give({ ...body, subject }), {
        status: 409,
        body: { code: 'QW_NOTHING_RAISED', detail: new RegExp(`no alert of ${subject} is ${wanted}`) },
      })
  })

t.test('a silence may begin later, and not after its end', async (t) => {
  const { give, read } = await over(t)
  const hours = (count: number) => new Date(startMs + count * 3_600_000).toISOString()
  const silence = { order: 'silence', subject: 'U1', rule: 'over-quota', until: hours(2) } as const
  t.match(await give({ ...silence, from: hours(2) }), {
    status: 400,
    body: { code: 'QW_BODY_INVALID', field: '/from' },
  })
  t.equal((await give({ ...silence, from: hours(1) })).status, 202)
  t.match(await read({ kind: 'alerts', subject: 'U1' }), [
    { rule: 'over-quota', silenceAhead: { by: who.by, from: '2024-07-03T11:00:00.000+08:00' } },
  ])
})
