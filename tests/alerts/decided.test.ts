/**
 * What a person decided for a year is decided: the rule does not propose it for that year again (docs/rules.md, `per`).
 */
import t from 'tap'
import type { Transition } from '../../src/core/transition.js'
import { approved, by, event, order, registered, rules, Story, someRules } from './engine.js'

const set = someRules('annual-grade')
const graded = (grade: 'excellent' | 'good' | 'failed', minute: number, period = '2023') =>
  event('assessment.published', 'U1', { period, kind: 'annual', grade }, { time: `2024-07-01T08:0${minute}:00+08:00` })
const closed = (period = '2023') => event('assessment.closed', 'city', { kind: 'annual', period }, { id: period })
const told = (transitions: readonly Transition[]) =>
  transitions.flatMap((one) => (one.kind === 'proposal' ? [`${one.proposalId} ${one.to} ${one.proposed.ratio}`] : []))

function decidedStory(decision: 'approved' | 'refused' = 'approved'): Story {
  const story = new Story(undefined, rules(set), registered('U1'), approved('U1', 40))
  t.same(told(story.transitions(graded('excellent', 0), closed())), ['annual-grade:U1:1 open 0.10'])
  const id = 'annual-grade:U1:1'
  story.tell(order({ order: 'decide', subject: 'U1', proposalId: id, decision, ...by }))
  return story
}

t.test('what was decided is not proposed again when its reason goes and comes back', async (t) => {
  for (const decision of ['approved', 'refused'] as const) {
    const story = decidedStory(decision)
    t.same(told(story.transitions(graded('good', 1))), [])
    t.same(told(story.transitions(graded('excellent', 2))), [], decision)
  }
})

t.test('nor after a restart, or under rules of another ratio, or when the rule was gone meanwhile', async (t) => {
  const ratio = (text: string) => ({
    ...set,
    version: text,
    rules: set.rules.map((rule) => ({
      ...rule,
      version: text,
      proposals: (rule.proposals ?? []).map((one) => (one.when ? { ...one, ratio: text } : one)),
    })),
  })
  const story = decidedStory()
  t.same(told(story.transitions(rules(ratio('0.12')))), [])
  t.same(told(story.transitions(rules(someRules('vacancy')))), [])
  story.engine.restart()
  t.same(told(story.transitions(rules(set))), [])
})

t.test(
  'another year is proposed, and what was decided before that stays decided; a cut is another matter',
  async (t) => {
    const story = decidedStory()
    t.same(told(story.transitions(graded('excellent', 1, '2024'), closed('2024'))), ['annual-grade:U1:2 open 0.10'])
    story.tell(order({ order: 'decide', subject: 'U1', proposalId: 'annual-grade:U1:2', decision: 'refused', ...by }))
    t.same(told(story.transitions(graded('failed', 2, '2024'))), ['annual-grade:U1:3 open -0.10'])
    t.same(told(story.transitions(graded('excellent', 3, '2024'))), ['annual-grade:U1:3 withdrawn -0.10'])
  },
)

t.test('one that lost its reason before anybody decided comes again', async (t) => {
  const story = new Story(undefined, rules(set), registered('U1'), approved('U1', 40))
  t.same(told(story.transitions(graded('excellent', 0), closed())), ['annual-grade:U1:1 open 0.10'])
  t.same(told(story.transitions(graded('good', 1))), ['annual-grade:U1:1 withdrawn 0.10'])
  t.same(told(story.transitions(graded('excellent', 2))), ['annual-grade:U1:2 open 0.10'])
})
