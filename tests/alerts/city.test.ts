import t from 'tap'
import type { RuleSet } from '../../src/core/rule-set.js'
import { approved, event, inShort, left, registered, rules, Story, shippedRules } from './engine.js'

const later = { time: '2024-02-01T00:00:00+08:00' }
const office = { kind: 'administrative' as const }

const capOnly: RuleSet = { ...shippedRules, rules: shippedRules.rules.filter(({ id }) => id === 'total-cap') }

const moved = (unit: string, count: number, cause: 'state' | 'transfer', when: { time: string; id?: string }) =>
  event('quota.approved', unit, { approved: count, cause }, when)

/** 42,000 posts in institutions and 18,000 in offices: exactly at both caps. No other rule speaks. */
function atTheCap(): Story {
  const story = new Story(undefined, rules(capOnly))
  story.tell(registered('I'), registered('O', office), approved('I', 42_000), approved('O', 18_000))
  return story
}

t.test('total-cap: exactly 60,000 is no breach, one post more is, and coming back to it ends it', async (t) => {
  const story = atTheCap()
  t.same(story.engine.transitions, [])
  const [breach] = story.transitions(approved('I', 42_001, { ...later, id: 'quota-7' }))
  t.equal(breach && inShort(breach), 'total-cap city green>red')
  t.match(breach, {
    subject: 'city',
    unit: undefined,
    county: undefined,
    topics: { city: 0, all: 0 },
    why: { figure: { numerator: '1', denominator: '1' }, events: [{ id: 'quota-7' }], policy: 'home@1' },
  })
  t.match(story.engine.readFold({ kind: 'alerts' }), [{ rule: 'total-cap', subject: 'city', colour: 'red', n: 1 }])
  t.same(story.tell(approved('I', 42_000, { time: '2024-03-01T00:00:00+08:00' })), ['total-cap city red>green'])
  t.same(story.engine.readFold({ kind: 'alerts' }), [])
  t.match(story.engine.readFold({ kind: 'alerts', colour: 'green' }), [{ rule: 'total-cap', colour: 'green', n: 2 }])
})

t.test('total-cap: administrative posts have a cap of their own, under the other one', async (t) => {
  const story = atTheCap()
  t.same(story.tell(approved('I', 30_000, later), approved('O', 18_000, later)), [])
  t.same(story.tell(approved('O', 18_001, { time: '2024-02-02T00:00:00+08:00' })), ['total-cap city green>red'])
  t.same(
    story.tell(registered('O', { kind: 'institution' }, later)),
    ['total-cap city red>green'],
    'it is no office any more',
  )
})

t.test('total-cap: what the state added raises the cap, where it was added', async (t) => {
  const story = atTheCap()
  const byState = (unit: string, count: number, time: string) =>
    event('quota.approved', unit, { approved: count, cause: 'state' }, { time })
  t.same(story.tell(byState('I', 42_500, '2024-02-01T00:00:00+08:00')), [])
  t.same(story.tell(byState('O', 18_100, '2024-02-01T00:00:00+08:00')), [])
  t.same(story.tell(approved('O', 18_101, { time: '2024-02-02T00:00:00+08:00' })), ['total-cap city green>red'])
  t.same(
    story.tell(
      event('quota.approved', 'O', { approved: 18_050, cause: 'state' }, { time: '2024-02-01T12:00:00+08:00' }),
    ),
    [],
    'a late approval moves what came after it too: the state now added 50, the census 51',
  )
  t.match(story.engine.readFold({ kind: 'summary', scope: 'kind/administrative' }), {
    facts: { approved: 18_101, movedByState: 50 },
  })
})

t.test('total-cap: a unit that the state founds adds nothing over the cap', async (t) => {
  const story = atTheCap()
  t.same(story.tell(registered('N'), event('quota.approved', 'N', { approved: 300, cause: 'state' })), [])
  t.same(story.tell(registered('M'), event('quota.approved', 'M', { approved: 1, cause: 'transfer' })), [
    'total-cap city green>red',
  ])
})

t.test('the city is judged once per batch, at its last position, and names the events that moved it', async (t) => {
  const story = atTheCap()
  t.same(story.tell(approved('I', 42_100, later), approved('O', 17_900, later)), [], 'over the cap only in between')
  const said = story.transitions(
    approved('I', 42_200, { time: '2024-02-02T00:00:00+08:00', id: 'a' }),
    left('I', 0),
    approved('I', 42_300, { time: '2024-02-03T00:00:00+08:00', id: 'b' }),
    left('I', 0),
  )
  t.same(said.map(inShort), ['total-cap city green>red'])
  t.match(said[0], { position: 12, why: { events: [{ id: 'a' }, { id: 'b' }] } })
})

t.test('a city verdict names at most 20 events, the first ones', async (t) => {
  const story = atTheCap()
  const many = Array.from({ length: 30 }, (_, i) =>
    approved('I', 42_001 + i, { time: `2024-02-01T00:00:${String(i).padStart(2, '0')}+08:00`, id: `q${i}` }),
  )
  const [breach] = story.transitions(...many)
  t.same(
    breach?.why.events.map(({ id }) => id),
    Array.from({ length: 20 }, (_, i) => `q${i}`),
  )
})

t.test('a verdict names the first 20 of the events that moved it', async (t) => {
  const story = new Story(undefined)
  story.tell(rules(capOnly))
  const approvals = Array.from({ length: 100 }, (_, i) => approved('I', 60_000 + i, { id: `a${i}`, time: laterBy(i) }))
  const [red] = story.transitions(registered('I', {}, { id: 'first' }), ...approvals)
  t.equal(red?.kind === 'alert' && red.rule, 'total-cap')
  t.same(
    red?.why.events.map(({ id }) => id),
    ['first', ...Array.from({ length: 19 }, (_, i) => `a${i}`)],
  )
})

const laterBy = (seconds: number) =>
  `2024-01-02T00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}+08:00`

t.test('posts on loan to a unit without an approval are lent, not usable', async (t) => {
  const story = new Story(undefined, registered('U1'))
  story.tell(event('pool.lent', 'U1', { loanId: 'L', count: 5, dueOn: '2024-12-31' }))
  t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), { facts: { onLoan: 5, usable: 0 } })
})

t.test('sums follow every event, in every scope', async (t) => {
  const story = new Story(
    undefined,
    registered('A', { county: 'PJ', sector: 'health', level: 'township', frontline: true }),
    registered('B'),
  )
  story.tell(approved('A', 10), approved('B', 20), event('contract.entered', 'A', { count: 3 }))
  story.tell(
    event('staff.entered', 'A', { count: 11, basis: 'permanent' }),
    event('staff.entered', 'B', { count: 2, basis: 'posted_in' }),
  )
  story.tell(event('pool.lent', 'B', { loanId: 'L', count: 5, dueOn: '2024-12-31' }))
  const zero = { green: 0, yellow: 0, red: 0 }
  t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), {
    scope: 'city',
    units: 2,
    facts: {
      approved: 30,
      onLoan: 5,
      usable: 35,
      filled: 11,
      overBy: -24,
      contract: 3,
      heads: { permanent: 11, posted_in: 2 },
    },
    policy: 'home@1',
    colours: { green: 0, yellow: 1, red: 1 },
    frozen: 1,
  })
  for (const scope of ['county/PJ', 'sector/health', 'level/township'])
    t.match(story.engine.readFold({ kind: 'summary', scope }), {
      scope,
      units: 1,
      facts: { approved: 10 },
      colours: { red: 1 },
    })
  t.match(story.engine.readFold({ kind: 'summary', scope: 'county/EP' }), {
    units: 0,
    colours: zero,
    facts: { vacancyRatio: null },
  })
  for (const scope of ['county/QQ', 'planet', 'county', 'county/PJ/x', '', 'constructor/x'])
    t.equal(story.engine.readFold({ kind: 'summary', scope }), undefined, scope)
  story.tell(registered('A', { county: 'EP' }, later))
  t.match(story.engine.readFold({ kind: 'summary', scope: 'county/PJ' }), { units: 0, facts: { approved: 0 } })
  t.match(story.engine.readFold({ kind: 'summary', scope: 'county/EP' }), {
    units: 1,
    facts: { approved: 10 },
    frozen: 1,
  })
})

t.test('total-cap: a merger does not lower the cap', async (t) => {
  const story = atTheCap()
  story.tell(registered('G'), registered('H'))
  t.same(story.tell(moved('G', 100, 'state', later)), [], 'the state raised the cap with the posts')
  const march = { time: '2024-03-01T00:00:00+08:00' }
  t.same(story.tell(moved('G', 0, 'transfer', march), moved('H', 100, 'transfer', march)), [])
  t.same(story.tell(event('unit.closed', 'G', { successor: 'H' }, { time: '2024-03-02T00:00:00+08:00' })), [])
  t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), {
    units: 3,
    facts: { approved: 60_100, movedByState: 100 },
  })
  t.same(story.tell(approved('H', 101, { time: '2024-03-03T00:00:00+08:00' })), ['total-cap city green>red'])
})

t.test('a late approval that turns the city marks the transition as a correction', async (t) => {
  const story = atTheCap()
  story.tell(approved('I', 42_001, later))
  const [corrected] = story.transitions(moved('I', 42_100, 'state', { time: '2024-01-20T00:00:00+08:00', id: 'late' }))
  t.match(corrected, { rule: 'total-cap', from: 'red', to: 'green', correction: true })
})
