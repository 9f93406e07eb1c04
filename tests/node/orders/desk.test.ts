import t from 'tap'
import type { UnixMs } from '../../../src/core/names.js'
import { rulesText } from '../../alerts/engine.js'
import { entered, event, registered, send, startMs } from '../../ingest/fixtures.js'
import { type Ordering, openOrdering, who } from './ordering.js'

const hourMs = 3_600_000
const later = new Date(startMs + hourMs).toISOString()

const approved = (count: number, subject = 'U1', changes = {}) =>
  event('quota.approved', { approved: count, cause: 'census' }, { subject, ...changes })
const submitted = (requestId: string, kind = 'adjustment', more = {}) =>
  event('request.submitted', { requestId, kind, count: 2, ...more })
const graded = (grade: string, period: string, subject = 'U1') =>
  event('assessment.published', { period, kind: 'annual', grade }, { subject })
const closed = (period: string) => event('assessment.closed', { period, kind: 'annual' }, { subject: 'city' })

/** U1 is over quota by one and so frozen; U2 is well. */
async function twoUnits(t: Parameters<typeof openOrdering>[0], more = {}): Promise<Ordering> {
  const ordering = await openOrdering(t, more)
  await send(
    ordering.s,
    registered(),
    approved(1),
    entered(),
    registered('U2'),
    approved(9, 'U2'),
    entered({ subject: 'U2' }),
  )
  await ordering.tell()
  return ordering
}

const overQuota = { subject: 'U1', rule: 'over-quota' }

const applied = [
  ['acknowledge', { ...overQuota }],
  ['acknowledge', { ...overQuota, until: later }],
  ['silence', { ...overQuota, until: later }],
  ['silence', { subject: 'U2', rule: 'over-quota', until: later }],
  ['escalate', { ...overQuota }],
  ['rectify', { ...overQuota, owner: '李科长', dueOn: '2024-07-03' }],
  ['silence', { subject: 'city', rule: 'grassroots-share', until: later }],
  ['silence', { subject: 'PJ', rule: 'contract-ratio', until: later }],
  ['freeze', { subject: 'U2' }],
  ['lift', { subject: 'U1', until: later }],
  ['reserve.open', {}],
] as const
for (const [order, body] of applied)
  t.test(`${order} ${JSON.stringify(body)} is taken as it was given, and nothing follows it`, async (t) => {
    const { s, give, from } = await twoUnits(t)
    const head = s.log.head
    const answer = await give({ order, ...body })
    t.match(answer, { status: 202, body: { position: head + 1 } })
    t.same(from(head + 1), [{ kind: 'order', order: { ...who, order, ...body } }])
  })

const refused = [
  [
    'an alert of a rule that nobody knows',
    { order: 'acknowledge', subject: 'U1', rule: 'nonsense' },
    404,
    'QW_RULE_NOT_THERE',
    '/rule',
  ],
  [
    'a rule that judges other subjects',
    { order: 'silence', subject: 'U1', rule: 'contract-ratio', until: later },
    404,
    'QW_RULE_NOT_THERE',
    '/rule',
  ],
  [
    'a unit rule on a county',
    { order: 'silence', subject: 'PJ', rule: 'over-quota', until: later },
    404,
    'QW_RULE_NOT_THERE',
    '/rule',
  ],
  [
    'an alert of a unit that nobody knows',
    { order: 'acknowledge', subject: 'U9', rule: 'over-quota' },
    404,
    'QW_RULE_NOT_THERE',
    '/rule',
  ],
  [
    'an acknowledgement of a green alert',
    { order: 'acknowledge', subject: 'U2', rule: 'over-quota' },
    409,
    'QW_ALERT_NOT_RAISED',
    undefined,
  ],
  [
    'an escalation of a green alert',
    { order: 'escalate', subject: 'U2', rule: 'over-quota' },
    409,
    'QW_ALERT_NOT_RAISED',
    undefined,
  ],
  [
    'a rectification of what is not red',
    { order: 'rectify', subject: 'U2', rule: 'over-quota', owner: '李', dueOn: '2024-08-01' },
    409,
    'QW_ALERT_NOT_RAISED',
    undefined,
  ],
  [
    'a rectification due yesterday',
    { order: 'rectify', ...overQuota, owner: '李', dueOn: '2024-07-02' },
    400,
    'QW_BODY_INVALID',
    '/dueOn',
  ],
  ['closing what only its figure ends', { order: 'close', ...overQuota }, 409, 'QW_ALERT_NOT_CLOSABLE', '/rule'],
  [
    'closing what is closable and green',
    { order: 'close', subject: 'U1', rule: 'frozen-use' },
    409,
    'QW_ALERT_NOT_RAISED',
    undefined,
  ],
  [
    'an acknowledgement that ends now',
    { order: 'acknowledge', ...overQuota, until: new Date(startMs).toISOString() },
    400,
    'QW_BODY_INVALID',
    '/until',
  ],
  [
    'a silence that ended an hour ago',
    { order: 'silence', ...overQuota, until: new Date(startMs - hourMs).toISOString() },
    400,
    'QW_BODY_INVALID',
    '/until',
  ],
  ['a silence without an end', { order: 'silence', ...overQuota }, 400, 'QW_BODY_INVALID', '/until'],
  ['an alert of no rule', { order: 'acknowledge', subject: 'U1' }, 400, 'QW_BODY_INVALID', '/rule'],
  ['a release of what only a rule froze', { order: 'release', subject: 'U1' }, 409, 'QW_FREEZE_NOT_ORDERED', undefined],
  [
    'a decision on a request that nobody submitted',
    { order: 'decide', subject: 'U1', requestId: 'R9', decision: 'approved' },
    404,
    'QW_NOT_FOUND',
    '/requestId',
  ],
  [
    'a decision on a proposal that nobody made',
    { order: 'decide', subject: 'U1', proposalId: 'annual-grade:U1:1', decision: 'approved' },
    404,
    'QW_NOT_FOUND',
    '/proposalId',
  ],
  [
    'a decision on nothing',
    { order: 'decide', subject: 'U1', decision: 'approved' },
    400,
    'QW_BODY_INVALID',
    '/requestId',
  ],
  [
    'a decision on a request and a proposal at once',
    { order: 'decide', subject: 'U1', requestId: 'R1', proposalId: 'p', decision: 'approved' },
    400,
    'QW_BODY_INVALID',
    '/requestId',
  ],
  [
    'a decision that is none',
    { order: 'decide', subject: 'U1', requestId: 'R1', decision: 'perhaps' },
    400,
    'QW_BODY_INVALID',
    '/decision',
  ],
  ['a policy that nobody knows', { order: 'policy', policy: 'all' }, 422, 'QW_POLICY_UNKNOWN', '/policy'],
  [
    'a policy without bases',
    { order: 'policy', policy: { name: 'mine', version: 1, bases: [] } },
    400,
    'QW_BODY_INVALID',
    '/policy/bases',
  ],
  [
    'other bases under a known name and version',
    { order: 'policy', policy: { name: 'home', version: 1, bases: ['permanent'] } },
    409,
    'QW_POLICY_VERSION_USED',
    '/policy',
  ],
  ['a rule set that is no YAML', { order: 'rules.activate', rules: '{' }, 422, 'QW_RULES_INVALID', undefined],
  [
    'a rule set with a wrong rule',
    { order: 'rules.activate', rules: rulesText.replace('overBy', 'overMuch') },
    422,
    'QW_RULES_INVALID',
    undefined,
  ],
] as const
for (const [name, body, status, code, field] of refused)
  t.test(`${name} is answered ${status} ${code}, and nothing is logged`, async (t) => {
    const { s, give } = await twoUnits(t)
    const head = s.log.head
    const answer = await give(body)
    t.match(answer, { status, body: { code } })
    t.equal(answer.body['field'], field)
    t.equal(s.log.head, head)
  })

t.test('a rule set that is refused is refused with its line, and the one that runs stays', async (t) => {
  const { s, give, read, tell } = await twoUnits(t)
  const before = await read({ kind: 'standing' })
  const line = rulesText.split('\n').findIndex((text) => text.includes('overBy')) + 1
  const answer = await give({ order: 'rules.activate', rules: rulesText.replace('overBy', 'overMuch') })
  t.match(answer.body['detail'], new RegExp(`^the body:${line}: .*overMuch`))
  t.same(await read({ kind: 'standing' }), before)
  await send(s, entered({ subject: 'U2' }), event('staff.entered', { count: 9, basis: 'permanent' }, { subject: 'U2' }))
  await tell()
  t.match(await read({ kind: 'unit', id: 'U2' }), { freeze: { state: 'frozen', reasons: ['over-quota'] } })
})

t.test('a freeze by order is released once', async (t) => {
  const { give, read } = await twoUnits(t)
  t.equal((await give({ order: 'freeze', subject: 'U2' })).status, 202)
  t.match(await read({ kind: 'unit', id: 'U2' }), { freeze: { state: 'frozen', reasons: ['order'] } })
  t.equal((await give({ order: 'release', subject: 'U2' })).status, 202)
  t.match(await read({ kind: 'unit', id: 'U2' }), { freeze: { state: 'none' } })
  t.match(await give({ order: 'release', subject: 'U2' }), { status: 409, body: { code: 'QW_FREEZE_NOT_ORDERED' } })
})

t.test('an alert climbs by order as far as the city, and no further', async (t) => {
  const { give, read } = await twoUnits(t)
  const rung = async () => ((await read({ kind: 'alerts', ...overQuota })) as { rung: string }[])[0]?.rung
  t.equal(await rung(), 'unit')
  t.equal((await give({ order: 'escalate', ...overQuota })).status, 202)
  t.equal(await rung(), 'county')
  t.equal((await give({ order: 'escalate', ...overQuota })).status, 202)
  t.equal(await rung(), 'city')
  t.match(await give({ order: 'escalate', ...overQuota }), { status: 409, body: { code: 'QW_ALERT_AT_TOP' } })
})

t.test('what was entered while frozen is closed by a person, once', async (t) => {
  const { s, give, tell } = await twoUnits(t)
  await send(s, entered({ time: new Date(startMs).toISOString() }))
  await tell()
  const close = { order: 'close', subject: 'U1', rule: 'frozen-use' }
  t.equal((await give(close)).status, 202)
  t.match(await give(close), { status: 409, body: { code: 'QW_ALERT_NOT_RAISED' } })
})

t.test('a request is decided once, and by id of its unit', async (t) => {
  const { s, give, tell, transitions } = await twoUnits(t)
  await send(s, submitted('R1'))
  await tell()
  const decide = { order: 'decide', subject: 'U1', requestId: 'R1' }
  t.match(await give({ ...decide, subject: 'U2', decision: 'approved' }), { status: 404 })
  t.equal((await give({ ...decide, decision: 'approved' })).status, 202)
  t.match(
    transitions.filter(({ kind }) => kind === 'request'),
    [{ requestId: 'R1', from: 'pending', to: 'approved', why: { order: { by: who.by } } }],
  )
  t.match(await give({ ...decide, decision: 'refused' }), {
    status: 409,
    body: { code: 'QW_NOT_OPEN', detail: 'request R1 of unit U1 is approved; there is nothing to decide any more' },
  })
})

/** U1 has 40 posts and has failed: a cut of 10 % is proposed. */
async function failed(t: Parameters<typeof openOrdering>[0], shards = 1): Promise<Ordering> {
  const ordering = await openOrdering(t, { shards })
  await send(ordering.s, registered(), approved(40), graded('failed', '2023'), closed('2023'))
  await ordering.tell()
  return ordering
}
const cut = { order: 'decide', subject: 'U1', proposalId: 'annual-grade:U1:1' }

for (const shards of [1, 3])
  t.test(`a cut that is approved makes the event that cuts, in the same batch (${shards} shards)`, async (t) => {
    const { give, read, from, transitions } = await failed(t, shards)
    t.match(await read({ kind: 'proposals' }), [
      { proposalId: 'annual-grade:U1:1', proposed: { kind: 'quota', approved: { from: 40, to: 36 } } },
    ])
    const { status, body } = await give({ ...cut, decision: 'approved' })
    t.equal(status, 202)
    t.match(from(body['position']), [
      { kind: 'order', order: { order: 'decide' } },
      {
        kind: 'event',
        event: {
          source: '/quotawatch/decisions',
          id: 'decision-annual-grade:U1:1',
          type: 'quota.approved',
          data: { approved: 36, cause: 'cut' },
        },
      },
    ])
    t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 36 }, proposals: [] })
    t.match(transitions.at(-1), { kind: 'proposal', from: 'open', to: 'approved', why: { order: { by: who.by } } })
    t.match(await give({ ...cut, decision: 'approved' }), { status: 409, body: { code: 'QW_NOT_OPEN' } })
  })

/** Until so many entries are decided and not durable. */
async function pending({ log }: Ordering['s'], entries: number): Promise<void> {
  while (log.pendingEntries < entries) await new Promise((done) => setImmediate(done))
}

t.test('the cut is of what is approved when it is decided: what was on its way before it comes first', async (t) => {
  const { s, give, read } = await failed(t)
  s.log.isHeld = true
  const sent = send(s, approved(50, 'U1', { time: '2024-07-03T09:59:00+08:00' }))
  const decided = give({ ...cut, decision: 'approved' })
  await pending(s, 1)
  s.log.isHeld = false
  s.log.sync()
  await sent
  t.equal((await decided).status, 202)
  t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 46 } })
})

t.test(
  'a quota is never cut below nothing, and the decision has the last word over an approval dated ahead',
  async (t) => {
    const { s, give, read, tell } = await failed(t)
    await send(s, approved(3, 'U1', { time: new Date(startMs + hourMs).toISOString() }))
    await tell()
    t.equal((await give({ ...cut, decision: 'approved' })).status, 202)
    t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 0 } })
  },
)

t.test('a cut that is refused or withdrawn cuts nothing', async (t) => {
  for (const decision of ['refused', 'withdrawn']) {
    const { s, give, read } = await failed(t)
    const head = s.log.head
    t.equal((await give({ ...cut, decision })).status, 202)
    t.equal(s.log.head, head + 1)
    t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 40 }, proposals: [] })
  }
})

t.test('of many who decide the same at once one decides, and the quota moves once', async (t) => {
  const { give, read, s } = await failed(t)
  const answers = await Promise.all(
    ['approved', 'approved', 'refused', 'approved', 'withdrawn'].map((decision) => give({ ...cut, decision })),
  )
  t.same(
    answers.map(({ status }) => status),
    [202, 409, 409, 409, 409],
  )
  t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 36 } })
  t.equal(s.log.entries.filter((entry) => entry.kind === 'order').length, 1)
})

t.test('whoever refused first has refused: the approval that was on its way cuts nothing', async (t) => {
  const { give, read } = await failed(t)
  const answers = await Promise.all(['refused', 'approved'].map((decision) => give({ ...cut, decision })))
  t.same(
    answers.map(({ status }) => status),
    [202, 409],
  )
  t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 40 } })
})

t.test('of a unit that closed meanwhile nothing is decided any more, not even the order is logged', async (t) => {
  const { s, give, tell } = await failed(t)
  await send(s, approved(0, 'U1', { time: '2024-07-03T09:20:00+08:00' }))
  await tell()
  s.log.isHeld = true
  const closing = send(s, event('unit.closed', {}, { time: '2024-07-03T09:30:00+08:00' }))
  await pending(s, 1)
  const decided = give({ ...cut, decision: 'approved' })
  s.log.isHeld = false
  s.log.sync()
  await closing
  t.match(await decided, { status: 409, body: { code: 'QW_NOT_OPEN' } })
  t.equal(s.log.entries.filter((entry) => entry.kind === 'order').length, 0)
})

const regraded = () => ({ ...graded('passed', '2023'), time: '2024-07-03T09:50:00+08:00' })

t.test('a cut whose reason goes between the question and the log cuts nothing', async (t) => {
  const { s, give, read, whenRead } = await failed(t)
  whenRead(async () => {
    await send(s, regraded())
    return false
  })
  const answer = await give({ ...cut, decision: 'approved' })
  t.match(answer, { status: 409, body: { code: 'QW_NOT_OPEN', detail: /is withdrawn/ } })
  t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 40 }, proposals: [] })
  t.equal(s.log.entries.filter((entry) => entry.kind === 'order').length, 0)
})

t.test('what is about another unit does not hold up a decision; what never ends is answered as a load', async (t) => {
  const { s, give, whenRead } = await failed(t)
  await send(s, registered('U2'))
  whenRead(async () => {
    await send(s, entered({ subject: 'U1' }))
    return true
  })
  t.match(await give({ ...cut, decision: 'approved' }), { status: 503, body: { code: 'QW_OVERLOADED' } })
  whenRead(async () => {
    await send(s, entered({ subject: 'U2' }))
    return true
  })
  t.equal((await give({ ...cut, decision: 'approved' })).status, 202)
})

t.test('a rule that is gone, or proposes nothing any more, has its proposals withdrawn', async (t) => {
  for (const [from, to] of [
    ['  - id: annual-grade', '  - id: another-grade'],
    [/ {4}proposals:\n {6}- \{ kind: quota, ratio: -0.10, per: gradeYear.*\n.*gradeYear \}\n/, ''],
  ] as const) {
    const { give, read } = await failed(t)
    const text = rulesText.replace(from, to)
    t.not(text, rulesText)
    t.equal((await give({ order: 'rules.activate', rules: text })).status, 202)
    t.match(await give({ ...cut, decision: 'approved' }), { status: 409, body: { code: 'QW_NOT_OPEN' } }, to)
    t.match(await read({ kind: 'unit', id: 'U1' }), { facts: { approved: 40 } })
  }
})

t.test('a proposal for a unit without a quota names no posts, so it can be refused and not approved', async (t) => {
  const { s, give, tell } = await openOrdering(t)
  await send(s, registered(), graded('failed', '2023'), closed('2023'))
  await tell()
  t.match(await give({ ...cut, decision: 'approved' }), { status: 409, body: { code: 'QW_PROPOSAL_WITHOUT_FIGURE' } })
  t.equal((await give({ ...cut, decision: 'refused' })).status, 202)
})

t.test('a budget cut that is approved is its own record: no event follows', async (t) => {
  const { s, give, tell, read } = await twoUnits(t)
  await tell((startMs + 120 * 24 * hourMs) as UnixMs)
  const [proposal] = (await read({ kind: 'proposals', subject: 'U1' })) as { proposalId: string }[]
  t.match(proposal, { rule: 'refuses-release', proposed: { kind: 'budget', ratio: '-0.05' } })
  const head = s.log.head
  t.equal(
    (await give({ order: 'decide', subject: 'U1', proposalId: proposal?.proposalId, decision: 'approved' })).status,
    202,
  )
  t.equal(s.log.head, head + 1)
})

for (const [name, more, rule] of [
  ['of a small project', { investmentCny: 5 }, 'pool-eligibility'],
  ['over what the pool has', { count: 501, investmentCny: 2e8 }, 'pool-capacity'],
] as const)
  t.test(`a denial ${name} that is approved refuses the request, by the same person`, async (t) => {
    const { s, give, tell, read, from, transitions } = await twoUnits(t)
    await send(s, submitted('R1', 'pool', more))
    await tell()
    const proposals = (await read({ kind: 'proposals' })) as { proposalId: string; rule: string; subject: string }[]
    t.match(proposals, [{ rule, subject: 'U1/request/R1' }])
    const [{ proposalId, subject } = { proposalId: '', subject: '' }] = proposals
    const { status, body } = await give({ order: 'decide', subject, proposalId, decision: 'approved' })
    t.equal(status, 202)
    t.same(from(body['position']), [
      { kind: 'order', order: { ...who, order: 'decide', subject, proposalId, decision: 'approved' } },
      { kind: 'order', order: { ...who, order: 'decide', subject: 'U1', requestId: 'R1', decision: 'refused' } },
    ])
    t.match(
      transitions.filter(({ kind }) => kind === 'proposal').map(({ to }) => to),
      ['open', 'approved'],
    )
    t.match(
      transitions.filter(({ kind }) => kind === 'request'),
      [{ requestId: 'R1', to: 'refused' }],
    )
    t.same(await read({ kind: 'proposals' }), [])
  })

t.test('the reserve is opened once', async (t) => {
  const { give, read } = await twoUnits(t)
  t.equal((await give({ order: 'reserve.open', subject: 'city' })).status, 202)
  t.match(await read({ kind: 'summary', scope: 'city' }), { facts: { reserveOpened: true } })
  t.match(await give({ order: 'reserve.open' }), { status: 409, body: { code: 'QW_RESERVE_OPEN' } })
})

t.test('a policy is ordered by name or written out, and the entry that recounts follows', async (t) => {
  const { s, give, from, read } = await twoUnits(t)
  await send(s, event('staff.entered', { count: 5, basis: 'seconded_in' }, { subject: 'U2' }))
  const desk = { name: 'desk', version: 1, bases: ['permanent', 'seconded_in', 'posted_in'] }
  const named = await give({ order: 'policy', policy: 'desk' })
  t.same(from(named.body['position']), [
    { kind: 'order', order: { ...who, order: 'policy', policy: desk } },
    { kind: 'policy', policy: desk, origin: 'order' },
  ])
  t.match(await read({ kind: 'unit', id: 'U2' }), { facts: { filled: 7 }, policy: 'desk@1' })
  const all = { name: 'all', version: 1, bases: ['permanent', 'seconded_in', 'seconded_out'] }
  t.equal((await give({ order: 'policy', subject: 'city', policy: all })).status, 202)
  t.match(await read({ kind: 'standing' }), { policy: all })
  const other = { ...all, bases: ['permanent'] }
  t.match(await give({ order: 'policy', policy: other }), { status: 409, body: { code: 'QW_POLICY_VERSION_USED' } })
  t.equal((await give({ order: 'policy', policy: { ...other, version: 2 } })).status, 202)
})

t.test('a rule set is activated: the order names it, the entry holds it, the engine judges by it', async (t) => {
  const { give, from, read } = await twoUnits(t)
  const text = rulesText.replace('name: jiangmen', 'name: stricter').replace('above: 0.20', 'above: 0.10')
  t.not(text, rulesText)
  const { status, body } = await give({ order: 'rules.activate', rules: text })
  t.equal(status, 202)
  const [order, entry] = from(body['position'])
  t.match(order, { order: { order: 'rules.activate', rules: { name: 'stricter', version: /^[0-9a-f]{12}$/ } } })
  t.match(entry, { kind: 'rules', origin: 'order', rules: { name: 'stricter' } })
  t.match(await read({ kind: 'standing' }), { rules: { name: 'stricter' } })
})

t.test('a freeze does not wait for the engine, and what waits is bounded', async (t) => {
  const { give, hold, s } = await twoUnits(t, { ordersWaitingMax: 2 })
  const release = hold()
  const acknowledge = { order: 'acknowledge', ...overQuota }
  const waiting = [give(acknowledge), give(acknowledge)]
  t.equal((await give({ order: 'freeze', subject: 'U2' })).status, 202)
  t.match(await give(acknowledge), { status: 503, body: { code: 'QW_OVERLOADED' } })
  s.admission = 'QW_STOPPING'
  release()
  t.match(
    (await Promise.all(waiting)).map(({ status }) => status),
    [503, 503],
    'nothing is taken when the stop has begun',
  )
})

t.test('nobody else reports under the names of the service', async (t) => {
  const { s } = await twoUnits(t)
  const [item] = await send(s, { ...approved(5), source: '/quotawatch/decisions', id: 'decision-annual-grade:U1:1' })
  t.match(item, { status: 'quarantined', code: 'QW_SOURCE_RESERVED', field: '/source' })
})
