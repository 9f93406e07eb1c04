import t from 'tap'
import { Tally } from '../../../src/node/play/tally.js'
import type { SentEvent } from '../../../src/scenario/scenario.js'

const sent = (expected: SentEvent['expected']): SentEvent => ({ event: { id: 'e1' }, expected })
const hired = sent({ verdict: 'accepted' })

t.test('another verdict, another code and a missing answer are not expected, and each is listed', async (t) => {
  const tally = new Tally()
  const wrongUnit = sent({ verdict: 'waiting', code: 'QW_UNIT_UNKNOWN' })
  const items = [
    { status: 'quarantined', code: 'QW_FIELD_INVALID', reason: 'the field /data/count must be more' },
    { status: 'quarantined', code: 'QW_UNIT_UNKNOWN' },
    { status: 'quarantined', code: 'QW_UNIT_UNKNOWN', waiting: true },
  ] as const
  tally.count([hired, wrongUnit, wrongUnit, hired], { items, repeated: false }, false)
  t.equal(tally.unexpected, 3)
  const lines = tally.lines().join('\n')
  t.match(lines, 'quarantined QW_FIELD_INVALID, expected accepted: {"id":"e1"} the field /data/count must be more')
  t.match(lines, 'quarantined QW_UNIT_UNKNOWN, expected waiting QW_UNIT_UNKNOWN')
  t.match(lines, 'no answer, expected accepted')
})

t.test('a duplicate where an acceptance was expected is right only when it may have been sent before', async (t) => {
  const duplicate = { items: [{ status: 'duplicate' }], repeated: false } as const
  for (const [mayRepeat, repeated, unexpected] of [
    [false, false, 1],
    [true, false, 0],
    [false, true, 0],
  ] as const) {
    const tally = new Tally()
    tally.count([hired], { ...duplicate, repeated }, mayRepeat)
    t.equal(tally.unexpected, unexpected)
  }
})

t.test('orders are counted by their answer, and one that is refused was not expected', async (t) => {
  const tally = new Tally()
  const until = '2024-07-01T00:00:00+08:00'
  const lift = { order: 'lift', subject: 'U1', by: '何', reason: 'x', until } as const
  tally.order(lift, { kind: 'taken' })
  tally.order(lift, { kind: 'taken before' })
  t.equal(tally.unexpected, 0)
  tally.order(lift, { kind: 'refused', why: 'QW_UNIT_CLOSED unit U1 is closed' })
  t.equal(tally.unexpected, 1)
  const lines = tally.lines().join('\n')
  t.match(lines, /orders: 3\n +1 {2}lift refused\n +1 {2}lift taken\n +1 {2}lift taken before/)
  t.match(lines, /refused: \{"order":"lift".* QW_UNIT_CLOSED unit U1 is closed/)
})

t.test('transitions are counted by rule and colour, freezes apart', async (t) => {
  const tally = new Tally()
  const at = '2024-07-01T00:00:00.000+08:00'
  const alert = { n: 1, kind: 'alert', subject: 'U', rule: 'vacancy', from: 'green', to: 'yellow', at }
  for (const each of [
    alert,
    { ...alert, n: 2 },
    { n: 3, kind: 'freeze', subject: 'U', from: 'none', to: 'frozen', at },
  ])
    tally.add(each)
  t.match(tally.lines(), ['events: 0', 'transitions: 3', /1 {2}freeze none → frozen/, /2 {2}vacancy green → yellow/])
})
