import fc from 'fast-check'
import t from 'tap'
import { Backoff } from '../../client/backoff.js'

t.test('waits double up to the longest, never below half, and begin anew after a success', async (t) => {
  const settings = { reconnectMsMin: 100, reconnectMsMax: 1000 }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(40), (jitter, failures) => {
        const backoff = new Backoff({ ...settings, random: () => jitter })
        for (let i = 0; i < failures; i++) backoff.nextMs()
        const longestMs = Math.min(1000, 100 * 2 ** failures)
        const waitMs = backoff.nextMs()
        backoff.succeeded()
        return waitMs >= longestMs / 2 && waitMs <= longestMs && backoff.nextMs() <= 100
      }),
    ),
  )
})

t.test('the wait that a server asks for is kept', async (t) => {
  const backoff = new Backoff({ reconnectMsMin: 1, reconnectMsMax: 1, random: () => 0 })
  t.equal(backoff.nextMs(5000), 5000)
  t.equal(backoff.nextMs(0), 0.5)
})
