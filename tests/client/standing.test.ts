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

const held = (standing: Standing) => standing.alerts.get('PJ-EDU-0001 vacancy')
const inHand = {
  kind: 'acknowledgement',
  from: 'open',
  to: 'acknowledged',
  by: 'li',
  until: '2024-02-01T00:00:00+08:00',
}

t.test('whoever has an alert in hand has it until it is worse, green, or given back', async (t) => {
  const standing = new Standing('all')
  standing.apply(frame({ to: 'yellow', unit: 'PJ-EDU-0001' }))
  t.match(held(standing), { rung: 'unit', acknowledged: undefined })
  standing.apply(frame({ ...inHand }))
  t.match(held(standing), { colour: 'yellow', acknowledged: { by: 'li', until: '2024-02-01T00:00:00+08:00' } })
  standing.apply(frame({ from: 'yellow', to: 'red' }))
  t.equal(held(standing)?.acknowledged, undefined, 'worse is news')
  standing.apply(frame({ ...inHand }))
  standing.apply(frame({ from: 'red', to: 'yellow' }))
  t.match(held(standing)?.acknowledged, { by: 'li' }, 'better is none')
  standing.apply(frame({ kind: 'acknowledgement', from: 'acknowledged', to: 'open' }))
  t.equal(held(standing)?.acknowledged, undefined)
})

t.test('an alert climbs, and begins again where its subject stands when it is worse', async (t) => {
  const standing = new Standing('all')
  const where = { unit: undefined, county: 'PJ' }
  standing.apply(frame({ to: 'yellow', ...where }))
  t.equal(held(standing)?.rung, 'county')
  standing.apply(frame({ kind: 'escalation', from: 'county', to: 'city' }))
  t.equal(held(standing)?.rung, 'city')
  standing.apply(frame({ from: 'yellow', to: 'red', ...where }))
  t.equal(held(standing)?.rung, 'county')
  standing.apply(frame({ from: 'green', to: 'red', ...where, county: undefined }))
  t.equal(held(standing)?.rung, 'city')
})

t.test('a silence outlives its alert, and is known of from the alert alone', async (t) => {
  const standing = new Standing('all')
  const silence = { kind: 'silence', from: 'audible', to: 'silenced', by: 'li', until: 'x' }
  standing.apply(frame({ ...silence }))
  t.equal(standing.alerts.size, 0, 'nothing stands')
  standing.apply(frame({ to: 'red', silenced: true }))
  t.same(held(standing)?.silenced, { by: 'li', until: 'x' })
  standing.apply(frame({ from: 'red', to: 'green', silenced: true }))
  standing.apply(frame({ to: 'red', silenced: true }))
  t.same(held(standing)?.silenced, { by: 'li', until: 'x' })
  standing.apply(frame({ ...silence, from: 'silenced', to: 'audible' }))
  t.equal(held(standing)?.silenced, undefined)
  standing.apply(frame({ from: 'red', to: 'yellow' }))
  t.equal(held(standing)?.silenced, undefined)
  standing.reset([])
  standing.apply(frame({ to: 'red', silenced: true }))
  t.same(held(standing)?.silenced, {})
})

t.test('a proposal stands while it is open', async (t) => {
  const standing = new Standing('all')
  const proposal = { kind: 'proposal', proposalId: 'p:1', proposed: { kind: 'quota', ratio: '-0.10' } }
  standing.apply(frame({ ...proposal, from: 'none', to: 'open' }))
  t.match([...standing.proposals.values()], [{ proposalId: 'p:1', proposed: { ratio: '-0.10' } }])
  standing.apply(frame({ ...proposal, from: 'open', to: 'refused' }))
  t.equal(standing.proposals.size, 0)
  standing.reset([{ ...proposal, subject: 'PJ-1', rule: 'annual-grade', state: 'open', since: 'x' }])
  t.match([...standing.proposals.values()], [{ subject: 'PJ-1' }])
})

t.test('what a client does not know changes nothing', async (t) => {
  const standing = new Standing('all')
  standing.reset([{ kind: 'rumour', subject: 'PJ-1' }])
  standing.apply(frame({ kind: 'rumour' }))
  standing.apply(frame({ kind: 'request', requestId: 'R1', from: 'pending', to: 'approved' }))
  t.same([standing.alerts.size, standing.freezes.size, standing.proposals.size], [0, 0, 0])
})
