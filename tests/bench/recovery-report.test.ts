import fc from 'fast-check'
import t from 'tap'
import {
  type Evidence,
  failuresOf,
  type Kill,
  lossOf,
  recoveryOf,
  spreadByMember,
  spreadOf,
} from '../../bench/recovery/report.js'

const topicsOf = (subject: string) => ['all', `unit/${subject}`]
const transitions = ['a', 'b', 'a', 'a', 'b'].map((subject, i) => ({ n: i + 1, subject }))

const kept: Evidence = {
  acknowledged: new Set(['e1', 'e2']),
  inLog: new Map([
    ['e1', 1],
    ['e2', 1],
    ['e3', 1],
  ]),
  clients: [
    { topic: 'all', since: 1, ns: [2, 3, 4, 5] },
    { topic: 'unit/a', since: 0, ns: [1, 3, 4] },
    { topic: 'unit/quiet', since: 0, ns: [] },
  ],
  transitions,
  topicsOf,
}

const none = { lostEvents: 0, duplicatedEvents: 0, lostTransitions: 0, duplicatedTransitions: 0, examples: [] }

t.test(
  'a run that kept everything has lost nothing; an event that was never acknowledged may be there or not',
  async (t) => {
    t.same(lossOf(kept), none)
  },
)

t.test('an acknowledged event that is not in the log is lost, one that stands there twice is doubled', async (t) => {
  const inLog = new Map([
    ['e1', 2],
    ['e3', 1],
  ])
  t.match(lossOf({ ...kept, inLog }), { lostEvents: 1, duplicatedEvents: 1, examples: [/^event e2 /, /^event e1 /] })
})

t.test('each number that a client should have been shown and was not, or was twice, is counted', async (t) => {
  const property = fc.property(fc.subarray([2, 3, 4, 5]), fc.subarray([2, 3, 4, 5]), (missing, twice) => {
    const ns = [2, 3, 4, 5].flatMap((n) => (missing.includes(n) ? [] : twice.includes(n) ? [n, n] : [n]))
    const { lostTransitions, duplicatedTransitions } = lossOf({ ...kept, clients: [{ topic: 'all', since: 1, ns }] })
    t.equal(lostTransitions, missing.length)
    t.equal(duplicatedTransitions, twice.filter((n) => !missing.includes(n)).length)
  })
  fc.assert(property)
})

const kill = (member: Kill['member'], acknowledgedMs: number, clientsMs: number): Kill => ({
  member,
  atMs: 0,
  acknowledgedMs,
  clientsMs,
})

t.test('a recovery is over when the last part of it is', async (t) => {
  t.equal(recoveryOf(kill('core', 900, 1200)), 1200)
  t.equal(recoveryOf(kill('push', 5, 0)), 5)
  t.same(spreadOf([3, 1, 2.4, 10]), { count: 4, p50: 2, max: 10 })
  t.same(spreadOf([]), { count: 0, p50: 0, max: 0 })
  const byMember = spreadByMember([kill('push', 5, 300), kill('core', 900, 1200), kill('core', 700, 800)])
  t.match(byMember, { core: { acknowledgedMs: { count: 2, p50: 700, max: 900 } }, push: { clientsMs: { max: 300 } } })
})

t.test('what the issue asks of a killed core fails the run, and so does any loss and any doubt', async (t) => {
  const same = { running: 'same', stopped: 'same' }
  t.same(failuresOf(none, [kill('core', 3000, 10_000), kill('main', 9000, 20_000)], same, []), [])
  t.match(failuresOf(none, [kill('core', 3001, 0)], same, []), [/nothing was acknowledged for 3001 ms/])
  t.match(failuresOf(none, [kill('core', 0, 10_001)], same, []), [/a client was behind for 10001 ms/])
  t.match(failuresOf(none, [], { ...same, stopped: 'incomplete' }, []), [/verify of the stopped service: incomplete/])
  t.equal(failuresOf({ ...none, lostEvents: 1, duplicatedTransitions: 2 }, [], same, ['{}']).length, 3)
})
