import fc from 'fast-check'
import t from 'tap'
import { emptyTransitionText, eventIdPrefix, isTransitionText, readTransition } from '../../bench/frame-text.js'

const whole = fc.integer({ min: 0, max: 2 ** 48 })
const frames = fc.record({
  type: fc.constant('transition'),
  topic: fc.constantFrom('unit/PJ-BEN-000000', 'county/XH', 'city', 'freezes'),
  n: whole,
  p: whole,
  kind: fc.constantFrom('alert', 'freeze'),
  subject: fc.constantFrom('PJ-BEN-000000', 'city'),
  why: fc.record({
    figure: fc.record({ numerator: whole.map(String), denominator: whole.map(String) }),
    events: fc.array(fc.record({ source: fc.constant('/bench'), id: whole.map((i) => `${eventIdPrefix}${i}`) }), {
      maxLength: 1,
    }),
    policy: fc.constant('home@1'),
  }),
  stamps: fc.option(fc.record({ received: whole, durable: whole, judged: whole, published: whole }), {
    nil: undefined,
  }),
})

t.test('the search finds what JSON.parse finds', async (t) => {
  const into = emptyTransitionText()
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(frames, (frame) => {
        const text = JSON.stringify(frame)
        const id = frame.why.events[0]?.id
        const stamps = frame.stamps
        return (
          isTransitionText(text) &&
          readTransition(text, into) &&
          into.topic === frame.topic &&
          into.n === frame.n &&
          into.p === frame.p &&
          into.eventIndex === (id === undefined ? -1 : Number(id.slice(eventIdPrefix.length))) &&
          into.stamped === (stamps !== undefined) &&
          (stamps === undefined ||
            (into.stamps.receivedUs === stamps.received &&
              into.stamps.durableUs === stamps.durable &&
              into.stamps.judgedUs === stamps.judged &&
              into.stamps.publishedUs === stamps.published))
        )
      }),
    ),
  )
})

t.test('a frame without topic, n or p is not read as one', async (t) => {
  const into = emptyTransitionText()
  t.notOk(readTransition('{"type":"transition","n":1,"p":0}', into))
  t.notOk(readTransition('{"type":"transition","topic":"city","p":0}', into))
  t.notOk(readTransition('{"type":"transition","topic":"city","n":1}', into))
  t.notOk(readTransition('{"type":"transition","topic":"city","n":"1","p":0}', into))
  t.ok(readTransition('{"type":"transition","topic":"city","n":1,"p":0}', into))
})

t.test('a frame caused by no event of the bench has no index, also after one that had', async (t) => {
  const into = emptyTransitionText()
  readTransition('{"type":"transition","topic":"city","n":1,"p":0,"why":{"events":[{"id":"qwb-7"}]}}', into)
  t.equal(into.eventIndex, 7)
  readTransition('{"type":"transition","topic":"city","n":2,"p":1,"why":{"events":[{"id":"marker-1"}]}}', into)
  t.equal(into.eventIndex, -1)
})

t.test('a fraction of a microsecond is cut off', async (t) => {
  const into = emptyTransitionText()
  const stamps = '"stamps":{"received":1.9,"durable":2,"judged":3,"published":4}'
  readTransition(`{"type":"transition","topic":"city","n":1,"p":0,${stamps}}`, into)
  t.equal(into.stamps.receivedUs, 1)
})
