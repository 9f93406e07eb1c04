import t from 'tap'
import type { Transition } from '../../client/frames.js'
import { Standing } from '../../client/standing.js'
import { transition } from './scripted-server.js'

const frame = (fields: object): Transition => transition('all', 1, 0, fields) as unknown as Transition
const colours = ({ alerts }: Standing) =>
  [...alerts.values()].map(({ subject, rule, colour }) => [subject, rule, colour])

t.test('an alert stands from its first colour until it is green', async (t) => {
  const standing = new Standing('all')
  standing.reset([{ kind: 'alert', subject: 'city', rule: 'total-cap', colour: 'red', since: 'x', why: {} }])
  standing.apply(frame({ to: 'yellow' }))
  standing.apply(frame({ from: 'yellow', to: 'red' }))
  t.same(colours(standing), [
    ['city', 'total-cap', 'red'],
    ['PJ-EDU-0001', 'vacancy', 'red'],
  ])
  standing.apply(frame({ from: 'red', to: 'green' }))
  t.same(colours(standing), [['city', 'total-cap', 'red']])
})

t.test('two rules on one subject are two alerts', async (t) => {
  const standing = new Standing('all')
  standing.apply(frame({ rule: 'vacancy' }))
  standing.apply(frame({ rule: 'over-quota', to: 'red' }))
  t.equal(standing.alerts.size, 2)
})

t.test('a freeze stands, lifted or not, until it is none', async (t) => {
  const standing = new Standing('freezes')
  const freeze = { kind: 'freeze', unit: 'PJ-1', from: 'none', to: 'frozen', sequence: 1, reasons: ['over-quota'] }
  standing.apply(frame(freeze))
  t.match(standing.freezes.get('PJ-1'), { state: 'frozen', reasons: ['over-quota'], sequence: 1 })
  standing.apply(
    frame({ ...freeze, from: 'frozen', to: 'lifted', sequence: 2, until: '2024-02-01T00:00:00+08:00', by: 'li' }),
  )
  t.match(standing.freezes.get('PJ-1'), { state: 'lifted', by: 'li', until: '2024-02-01T00:00:00+08:00' })
  standing.apply(frame({ ...freeze, from: 'lifted', to: 'none', sequence: 3, reasons: [] }))
  t.equal(standing.freezes.size, 0)
})

t.test('a topic with a filter holds no other colour', async (t) => {
  const standing = new Standing('county/PJ?colour=red')
  standing.apply(frame({ to: 'red' }))
  t.equal(standing.alerts.size, 1)
  standing.apply(frame({ from: 'red', to: 'yellow' }))
  t.equal(standing.alerts.size, 0)
})

t.test('a snapshot replaces everything', async (t) => {
  const standing = new Standing('all')
  standing.apply(frame({ to: 'red' }))
  standing.reset([{ kind: 'freeze', unit: 'PJ-2', state: 'frozen', reasons: [], sequence: 4, since: 'x' }])
  t.equal(standing.alerts.size, 0)
  t.same([...standing.freezes.keys()], ['PJ-2'])
})
