import t from 'tap'
import {
  approved,
  at,
  by,
  desk,
  Engine,
  entered,
  event,
  home,
  inShort,
  left,
  order,
  registered,
  rules,
  Story,
} from './engine.js'

/** A unit with so many usable posts and people; what follows is not looked at. */
const unitWith = (posts: number, people: number, id = 'U1') => [
  registered(id),
  ...(people > 0 ? [entered(id, people)] : []),
  approved(id, posts),
]

t.test('over-quota: one person more than there are posts is red at once, none more is not', async (t) => {
  for (const { posts, people, red } of [
    { posts: 10, people: 9, red: false },
    { posts: 10, people: 10, red: false },
    { posts: 10, people: 11, red: true },
    { posts: 1, people: 1, red: false },
    { posts: 1, people: 2, red: true },
    { posts: 0, people: 0, red: false },
    { posts: 0, people: 1, red: true },
  ]) {
    const story = new Story()
    const said = story.tell(...unitWith(posts, people))
    t.equal(said.includes('over-quota U1 green>red'), red, `${people} of ${posts}`)
    t.equal(said.includes('freeze U1 none>frozen 1 [over-quota]'), red, `${people} of ${posts}`)
  }
})

t.test('over-quota ends, and with it the freeze, as soon as filled is usable again', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 12))
  t.same(story.tell(left('U1', 1)), [])
  t.same(story.tell(left('U1', 1)), ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'])
  t.same(story.tell(entered('U1', 1)), ['over-quota U1 green>red', 'freeze U1 none>frozen 3 [over-quota]'])
})

t.test('a loan from the pool makes posts usable until it is returned', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 12))
  t.same(story.tell(event('pool.lent', 'U1', { loanId: 'L1', count: 2, dueOn: '2024-12-31' })), [
    'over-quota U1 red>green',
    'freeze U1 frozen>none 2 []',
  ])
  t.same(story.tell(event('pool.returned', 'U1', { loanId: 'L1', count: 1 })), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 3 [over-quota]',
  ])
  t.match(story.engine.read({ kind: 'unit', id: 'U1' }), {
    facts: { approved: 10, onLoan: 1, usable: 11, overBy: 1 },
    loans: [{ loanId: 'L1', out: 1, dueOn: '2024-12-31' }],
  })
})

t.test('vacancy: exactly 20 % is not above 20 %, and the way back is 19 %', async (t) => {
  const story = new Story(undefined, ...unitWith(100, 80))
  t.same(story.tell(left('U1', 1)), ['vacancy U1 green>yellow'], '21 %')
  t.same(story.tell(entered('U1', 1)), [], '20 % is inside the way back')
  t.same(story.tell(entered('U1', 1)), ['vacancy U1 yellow>green'], '19 %')
  t.same(story.tell(left('U1', 1)), [], '20 % is not past the threshold')
})

t.test('vacancy is judged exactly where a double would not be', async (t) => {
  // In doubles 1 - 12 / 15 is 0.19999999999999996, and 9e15 * 0.2 has no exact neighbours to tell apart from.
  t.same(new Story().tell(...unitWith(15, 12)), [])
  const posts = 9_000_000_000_000_000
  const story = new Story()
  t.same(story.tell(...unitWith(posts, (posts / 5) * 4)), ['total-cap city green>red'], 'exactly 20 %')
  t.same(story.tell(left('U1', 1)), ['vacancy U1 green>yellow'], 'one post of 9,000,000,000,000,000 more')
})

t.test('a unit without usable posts has no empty post: vacancy is green, also after it was yellow', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 0))
  t.match(story.engine.transitions.map(inShort), ['vacancy U1 green>yellow'])
  t.same(story.tell(approved('U1', 0, { time: '2024-02-01T00:00:00+08:00' })), ['vacancy U1 yellow>green'])
  t.equal(
    (story.engine.read({ kind: 'unit', id: 'U1' }) as { facts: { vacancyRatio: unknown } }).facts.vacancyRatio,
    null,
  )
})

t.test('before the first approval nothing is judged, however many people there are', async (t) => {
  const story = new Story(undefined, registered('U1'))
  t.same(story.tell(entered('U1', 5)), [])
  t.same(story.tell(event('pool.lent', 'U1', { loanId: 'L1', count: 3, dueOn: '2024-12-31' })), [])
  t.match(story.engine.read({ kind: 'unit', id: 'U1' }), {
    facts: { approved: null, usable: null, overBy: null, filled: 5 },
  })
  t.same(story.tell(approved('U1', 1)), ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'])
})

t.test('the latest approval by time counts, whatever order they come in', async (t) => {
  const story = new Story(undefined, registered('U1'), approved('U1', 10, { time: '2024-03-01T00:00:00+08:00' }))
  story.tell(entered('U1', 10, { time: '2024-03-02T00:00:00+08:00' }))
  t.same(story.tell(approved('U1', 5, { time: '2024-02-01T00:00:00+08:00' })), [])
  t.same(story.tell(approved('U1', 9, { time: '2024-03-01T00:00:00+08:00', id: 'zz' })), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 1 [over-quota]',
  ])
})

t.test('the counting policy decides who counts, and a change of policy recounts everybody', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 9))
  t.same(story.tell(event('staff.entered', 'U1', { count: 1, basis: 'seconded_out' })), [])
  t.same(story.tell(event('staff.entered', 'U1', { count: 5, basis: 'seconded_in' })), [], 'home does not count guests')
  const said = story.transitions({ kind: 'policy', policy: desk })
  t.same(said.map(inShort), ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'])
  t.match(said[0], { why: { policy: 'desk@2', cause: 'policy', events: [], figure: { numerator: '4' } } })
  t.same(story.tell({ kind: 'policy', policy: { ...home, version: 3 } }), [
    'over-quota U1 red>green',
    'freeze U1 frozen>none 2 []',
  ])
})

t.test('a transition says why: rule, figures, threshold, events, policy', async (t) => {
  const story = new Story('2024-07-01T09:00:00+08:00', ...unitWith(10, 10))
  const [alert, freeze] = story.transitions(
    entered('U1', 2, { id: 'hr-1', source: '/departments/hr', time: '2024-07-01T08:00:00+08:00' }),
  )
  t.match(alert, {
    n: 1,
    kind: 'alert',
    position: 5,
    subject: 'U1',
    unit: 'U1',
    county: 'XH',
    sector: 'education',
    rule: 'over-quota',
    from: 'green',
    to: 'red',
    at: at('2024-07-01T09:00:00+08:00'),
    topics: { 'unit/U1': 0, 'county/XH': 0, all: 0 },
    why: {
      figure: { numerator: '2', denominator: '1', value: 2 },
      threshold: { above: '0', back: '0' },
      events: [{ source: '/departments/hr', id: 'hr-1' }],
      policy: 'home@1',
      assumed: false,
    },
  })
  t.notOk(alert && 'correction' in alert)
  t.match(freeze, {
    n: 2,
    kind: 'freeze',
    sequence: 1,
    reasons: ['over-quota'],
    topics: { 'unit/U1': 1, freezes: 0, all: 1 },
  })
  t.same(freeze?.why, alert?.why)
})

t.test('late data that changes a verdict is marked as a correction', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 10))
  story.tell(event('contract.entered', 'U1', { count: 1 }, { time: '2024-06-01T00:00:00+08:00' }))
  const [late] = story.transitions(entered('U1', 1, { time: '2024-05-31T23:59:59+08:00' }))
  t.equal(late?.correction, true)
  const [same] = story.transitions(left('U1', 1, { time: '2024-06-01T00:00:00+08:00' }))
  t.equal(same?.correction, undefined)
  story.tell(event('case.opened', 'U1', { caseId: 'C1', channel: 'hotline' }, { time: '2024-06-20T00:00:00+08:00' }))
  const [other] = story.transitions(entered('U1', 1, { time: '2024-06-10T00:00:00+08:00' }))
  t.equal(other?.correction, undefined, 'what no fact counts makes nothing late')
})

t.test('frozen-use: posts filled after the freeze began are red until it ends', async (t) => {
  const now = '2024-07-01T09:00:00+08:00'
  const story = new Story(now, ...unitWith(10, 10))
  t.same(
    story.tell(entered('U1', 1, { time: now })),
    ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'],
    'the entry that causes the freeze is none',
  )
  t.same(story.tell(entered('U1', 1, { time: '2024-07-01T08:59:59.999+08:00' })), [], 'happened before the freeze')
  t.same(
    story.tell(event('staff.entered', 'U1', { count: 1, basis: 'seconded_in' }, { time: now })),
    [],
    'does not count',
  )
  t.same(story.tell(left('U1', 1, { time: now })), [])
  t.same(story.tell(entered('U1', 1, { time: now })), ['frozen-use U1 green>red'])
  t.same(story.tell(left('U1', 2, { time: now })), [
    'frozen-use U1 red>green',
    'over-quota U1 red>green',
    'freeze U1 frozen>none 2 []',
  ])
  t.same(story.tell(entered('U1', 1, { time: now })), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 3 [over-quota]',
  ])
})

t.test('frozen-use: what is filled during a lift is no use; the alert stays while the freeze only rests', async (t) => {
  const story = new Story('2024-07-01T09:00:00+08:00', ...unitWith(10, 11))
  story.tell(order({ order: 'lift', subject: 'U1', until: '2024-07-02T09:00:00+08:00', ...by }))
  t.same(story.tell(entered('U1', 1, { time: '2024-07-01T10:00:00+08:00' })), [])
  t.same(story.until('2024-07-02T09:00:00+08:00'), ['freeze U1 lifted>frozen 3 [over-quota]'])
  t.same(
    story.tell(entered('U1', 1, { time: '2024-07-02T08:59:59+08:00' })),
    [],
    'happened while it was lifted, reported after',
  )
  t.same(story.tell(entered('U1', 1, { time: '2024-07-02T09:00:00+08:00' })), ['frozen-use U1 green>red'])
  t.same(story.tell(order({ order: 'lift', subject: 'U1', until: '2024-07-03T09:00:00+08:00', ...by })), [
    'freeze U1 frozen>lifted 4 [over-quota]',
  ])
  t.same(story.tell(left('U1', 4)), ['frozen-use U1 red>green', 'over-quota U1 red>green'], 'the last reason went')
})

t.test(
  'frozen-use: what is reported after a lift is judged by when it was, in the freeze or in the lift',
  async (t) => {
    for (const [time, told] of [
      ['08:59:59', []],
      ['09:00:00', ['frozen-use U1 green>red']],
      ['09:59:59', ['frozen-use U1 green>red']],
      ['10:00:00', []],
      ['10:59:59', []],
      ['11:00:00', ['frozen-use U1 green>red']],
    ] as const) {
      const story = new Story('2024-07-01T09:00:00+08:00', ...unitWith(10, 11))
      story.until('2024-07-01T10:00:00+08:00')
      story.tell(order({ order: 'lift', subject: 'U1', until: '2024-07-01T10:30:00+08:00', ...by }))
      story.tell(order({ order: 'lift', subject: 'U1', until: '2024-07-01T11:00:00+08:00', ...by }))
      story.until('2024-07-01T11:00:00+08:00')
      story.until('2024-07-01T11:30:00+08:00')
      t.same(story.tell(entered('U1', 1, { time: `2024-07-01T${time}+08:00` })), told, time)
    }
  },
)

t.test('an event that no rule of the set looks at is taken and says nothing', async (t) => {
  const story = new Story(undefined, ...unitWith(10, 10))
  const before = story.engine.read({ kind: 'unit', id: 'U1' })
  t.same(
    story.tell(
      event('request.submitted', 'U1', { requestId: 'R1', kind: 'pool', count: 1 }),
      event('case.opened', 'U1', { caseId: 'C1', channel: 'hotline' }),
      event('indicator.reported', 'city', { name: 'gdp_growth_ratio', value: 0.05 }),
      event('county.described', 'XH', { areaKm2: 1354, pilotWave: 1 }),
      event('fund.spent', 'city', { account: 'platform', amountCny: 1 }),
      { kind: 'quarantined', item: 'q1', code: 'QW_EVENT_INVALID', reason: 'no', event: {} },
      { kind: 'engine', version: '1' },
    ),
    [],
  )
  const after = story.engine.read({ kind: 'unit', id: 'U1' })
  t.match(after, { requests: [{ requestId: 'R1' }], cases: [{ caseId: 'C1' }] })
  t.same({ ...(after as object), requests: [], cases: [] }, before)
})

t.test('without rules nothing is said; with rules what was folded before is judged', async (t) => {
  const engine = new Engine()
  const nowMs = at('2024-07-01T09:00:00+08:00')
  t.same(engine.step({ nowMs, entries: unitWith(10, 12) }), [])
  const said = engine.step({ nowMs, entries: [rules()] })
  t.same(said.map(inShort), ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'])
  t.match(said[0], { why: { cause: 'rules', events: [] } })
})
