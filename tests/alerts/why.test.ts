/**
 * Every transition says why: rule and version, figure and threshold, the events behind it, the policy (domain 4). Here what
 * follows from a verdict: proposals, what climbs, what people say of an alert, a freeze that takes hold again.
 */
import t from 'tap'
import type { Transition, Why } from '../../src/core/transition.js'
import {
  approved,
  by,
  Engine,
  entered,
  event,
  order,
  registered,
  rules,
  Story,
  shippedRules,
  someRules,
} from './engine.js'
import { planWorld } from './plan/world.js'

const graded = (grade: 'excellent' | 'good' | 'failed', id: string, time = '2024-07-01T08:00:00+08:00') =>
  event('assessment.published', 'U1', { period: '2023', kind: 'annual', grade }, { id, time })
const closed = event('assessment.closed', 'city', { kind: 'annual', period: '2023' }, { id: 'close' })

const only = (transitions: readonly Transition[], kind: Transition['kind']): Transition => {
  const [found, ...more] = transitions.filter((transition) => transition.kind === kind)
  if (!found || more.length > 0) throw new Error(`${more.length + 1} of kind ${kind}, not one`)
  return found
}
const namedIn = ({ events }: Why) => events.map(({ id }) => id)

t.test(
  'a cut names its rule, the grade, the threshold of red, and the events; its end names what ended it',
  async (t) => {
    const set = someRules('annual-grade')
    const story = new Story(undefined, rules(set), registered('U1'), approved('U1', 40), graded('failed', 'bad'))
    const made = only(story.transitions(closed), 'proposal')
    t.match(made, {
      rule: 'annual-grade',
      to: 'open',
      why: {
        ruleVersion: set.rules[0]?.version,
        figure: { numerator: '3', denominator: '1', value: 3 },
        threshold: { above: '2' },
        policy: 'home@1',
        assumed: true,
      },
    })
    t.same(namedIn(made.why), ['close'])
    t.match(story.engine.read({ kind: 'proposals' }), [{ proposalId: 'annual-grade:U1:1', why: made.why }])
    const taken = only(story.transitions(graded('good', 'better', '2024-07-01T08:30:00+08:00')), 'proposal')
    t.match(taken, {
      to: 'withdrawn',
      correction: true,
      why: { ruleVersion: set.rules[0]?.version, figure: { numerator: '1' }, threshold: { above: '2' } },
    })
    t.same(namedIn(taken.why), ['better'])
  },
)

t.test('a reward that does not wait for red names its own condition', async (t) => {
  const set = someRules('annual-grade')
  const story = new Story(undefined, rules(set), registered('U1'), approved('U1', 40), graded('excellent', 'best'))
  const made = only(story.transitions(closed), 'proposal')
  t.match(made.why, { ruleVersion: set.rules[0]?.version, figure: { numerator: '0' }, assumed: false })
  t.same(made.why.threshold, { when: 'grade == 0' })
})

t.test('a decision names what was decided on, and the order', async (t) => {
  const story = new Story(undefined, rules(someRules('annual-grade')), registered('U1'), approved('U1', 40))
  const made = only(story.transitions(graded('failed', 'bad'), closed), 'proposal')
  story.engine.restart()
  const decide = { order: 'decide', subject: 'U1', proposalId: 'annual-grade:U1:1', decision: 'refused' } as const
  const decided = only(story.transitions(order({ ...decide, ...by })), 'proposal')
  const { events: _, ...reason } = made.why
  t.same(decided.why, { ...reason, events: [], order: { order: 'decide', ...by } })
})

const asks = (requestId: string, count: number) =>
  event('request.submitted', 'U1', { requestId, kind: 'pool', count }, { id: `asks-${requestId}` })
const lends = (loanId: string, count: number) =>
  event('pool.lent', 'U2', { loanId, count, dueOn: '2024-12-31' }, { id: `lends-${loanId}` })

t.test('a denial for want of posts in the pool names what would be lent, the threshold, and the request', async (t) => {
  const set = someRules('pool-capacity')
  const version = set.rules[0]?.version
  const story = new Story(undefined, rules(set), registered('U1'), registered('U2'))
  story.tell(lends('L', 497))
  const made = only(story.transitions(asks('R1', 4), asks('R2', 3)), 'proposal')
  t.match(made, {
    subject: 'U1/request/R1',
    why: {
      ruleVersion: version,
      figure: { numerator: '501', denominator: '500' },
      threshold: { above: '1.00' },
      assumed: false,
    },
  })
  t.same(namedIn(made.why), ['asks-R1'])
  t.equal(made.why.cause, undefined)

  const pushed = only(story.transitions(lends('M', 1)), 'proposal')
  t.match(pushed, { subject: 'U1/request/R2', why: { ruleVersion: version, figure: { numerator: '501' } } })
  t.same(namedIn(pushed.why), ['lends-M'])

  const back = event('pool.returned', 'U2', { loanId: 'M', count: 1 }, { id: 'back' })
  const left = only(story.transitions(back), 'proposal')
  t.match(left, {
    subject: 'U1/request/R2',
    to: 'withdrawn',
    why: { ruleVersion: version, figure: { numerator: '500' }, threshold: { above: '1.00' } },
  })
  t.same(namedIn(left.why), ['back'])

  const decide = { order: 'decide', subject: 'U1', requestId: 'R1', decision: 'withdrawn' } as const
  const gone = only(story.transitions(order({ ...decide, ...by })), 'proposal')
  t.match(gone, {
    subject: 'U1/request/R1',
    to: 'withdrawn',
    why: { ruleVersion: version, cause: 'settled', order: { order: 'decide', by: by.by } },
  })
})

t.test('what climbs, is taken in hand or silenced names the alert that it is about', async (t) => {
  const set = { ...shippedRules, rules: shippedRules.rules.filter(({ id }) => id === 'over-quota') }
  const story = new Story(undefined, rules(set), registered('U1'), approved('U1', 1))
  const [alert] = story.transitions(entered('U1', 2))
  const { ruleVersion, figure, threshold } = alert?.why ?? {}
  t.ok(ruleVersion && figure && threshold)
  const of = { subject: 'U1', rule: 'over-quota', ...by }
  const climbed = story.passTo('2024-07-01T09:10:00+08:00')
  const said = [
    ...climbed,
    ...story.transitions(order({ order: 'acknowledge', ...of })),
    ...story.transitions(order({ order: 'silence', until: '2024-07-02T00:00:00+08:00', ...of })),
  ]
  t.same(
    said.map(({ kind }) => kind),
    ['escalation', 'acknowledgement', 'silence'],
  )
  for (const { kind, why } of said) t.match(why, { ruleVersion, figure, threshold }, kind)
  t.equal(climbed[0]?.why.assumed, true, 'when it climbs is ours to say')
})

t.test('a unit that is frozen again when a lift ends names the rule whose reason holds', async (t) => {
  const story = new Story(undefined, registered('U1'), approved('U1', 1), entered('U1', 2))
  const lift = { order: 'lift', subject: 'U1', until: '2024-07-01T12:00:00+08:00', ...by } as const
  story.tell(order(lift))
  const frozen = only(story.passTo('2024-07-01T12:00:00+08:00'), 'freeze')
  t.match(frozen, { to: 'frozen', why: { cause: 'deadline', figure: { numerator: '1' }, threshold: { above: '0' } } })
  t.ok(frozen.why.ruleVersion)
})

t.test('a feed that is heard again names what it said', async (t) => {
  const story = new Story(
    '2024-07-01T09:00:00+08:00',
    rules({ ...someRules('silent-source'), sources: { '/a': 1000 } }),
  )
  story.tell(event('staff.entered', 'U1', { count: 1, basis: 'permanent' }, { source: '/a' }))
  story.passTo('2024-07-01T09:01:00+08:00')
  const [heard] = story.transitions(
    event('staff.entered', 'U1', { count: 1, basis: 'permanent' }, { source: '/b' }),
    event('staff.entered', 'U1', { count: 1, basis: 'permanent' }, { source: '/a', id: 'again' }),
  )
  t.match(heard, {
    rule: 'silent-source',
    subject: '/a',
    to: 'green',
    why: { events: [{ source: '/a', id: 'again' }] },
  })
})

/** What every transition of whatever happens must say. */
function lacking(transition: Transition): string | undefined {
  const { kind, why } = transition
  if (why.events.length === 0 && !why.order && !why.cause) return 'an event, an order or a cause'
  if (why.policy === '') return 'the policy'
  if (kind === 'request' || (kind === 'freeze' && !isFrozenByRule(transition))) return undefined
  if (!why.ruleVersion) return 'the version of the rule'
  return isRaised(transition) && !(why.figure && why.threshold) ? 'figure and threshold' : undefined
}

const isFrozenByRule = (transition: Transition): boolean =>
  transition.kind === 'freeze' && transition.to === 'frozen' && !transition.reasons.includes('order')

const isRaised = (transition: Transition): boolean =>
  ['freeze', 'escalation'].includes(transition.kind) ||
  (transition.kind === 'alert' && transition.to !== 'green') ||
  (transition.kind === 'proposal' && transition.to === 'open')

t.test('in a city in which everything happens no transition lacks its reason', async (t) => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= 6; seed++) {
    const engine = new Engine(2)
    for (const batch of planWorld({ seed, units: 8, batches: 200 }))
      for (const transition of engine.step(batch)) {
        kinds.add(transition.kind)
        const lack = lacking(transition)
        if (lack) t.fail(`SEED=${seed}: ${lack} is not said of ${JSON.stringify(transition)}`)
      }
  }
  t.same([...kinds].sort(), ['acknowledgement', 'alert', 'escalation', 'freeze', 'proposal', 'request', 'silence'])
})
