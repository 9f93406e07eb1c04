/**
 * After any sequence of lost, repeated and late frames, broken and refused connections, silences and reloads, what the
 * client shows is the truth: at its cursor at every moment, and the whole of it once the network is well again.
 */
import fc from 'fast-check'
import t from 'tap'
import { Standing } from '../../client/standing.js'
import { connect, type Stream, type Subscription } from '../../client/stream.js'
import { SimulatedService, topics } from './simulated-service.js'
import { chance, VirtualClock } from './virtual-clock.js'

interface View {
  readonly standing: Standing
  readonly subscription: Subscription
}

const shownBy = ({ alerts }: Standing): string[] =>
  [...alerts.values()].map(({ subject, rule, colour }) => `${subject} ${rule} ${colour}`).sort()

/** Follows a topic and compares what it shows with the truth whenever that changes. */
function view(
  stream: Stream,
  service: SimulatedService,
  topic: string,
  check: (shown: string[], truth: string[]) => void,
): View {
  const standing = new Standing(topic)
  const compare = (n: number): void => check(shownBy(standing), service.truth(topic, n))
  const subscription = stream.subscribe(topic, {
    onSnapshot: (items, n) => {
      standing.reset(items)
      compare(n)
    },
    onTransition: (transition) => {
      standing.apply(transition)
      compare(transition.n)
    },
  })
  return { standing, subscription }
}

interface Outcome {
  readonly wrong: string[]
  readonly gaps: number
  readonly reconnections: number
  readonly published: number
}

function simulate(seed: number, trouble: number): Outcome {
  const random = chance(seed)
  const clock = new VirtualClock()
  const service = new SimulatedService(clock, random)
  const wrong: string[] = []
  let reconnections = 0
  const settings = { url: 'ws://simulated/', WebSocket: service.WebSocket, clock, random, welcomeWaitMs: 2000 }
  const stream = connect({ ...settings, onWelcome: () => (reconnections += 1) })
  const check = (shown: string[], truth: string[]): void => {
    if (shown.join() !== truth.join()) wrong.push(`shown ${shown} instead of ${truth}`)
  }
  const views = topics.map((topic) => view(stream, service, topic, check))
  service.trouble = trouble
  for (let step = 0; step < 150; step++) {
    for (let burst = random() * 4; burst > 1; burst--) service.publish()
    if (service.happens(0.05)) service.strike()
    clock.pass(random() * 500)
  }
  service.trouble = 0
  clock.pass(2 * 60_000)
  for (const [at, topic] of topics.entries())
    check(shownBy((views[at] as View).standing), service.truth(topic, service.history.length))
  if (stream.state.kind !== 'live' && stream.state.kind !== 'stale') wrong.push(`ended ${stream.state.kind}`)
  stream.close()
  const gaps = views.reduce((sum, { subscription }) => sum + subscription.gaps, 0)
  return { wrong, gaps, reconnections, published: service.history.length }
}

t.test('what is shown is the truth, whatever the network does', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, trouble) => {
        const { wrong } = simulate(seed, trouble)
        if (wrong.length > 0) throw new Error(wrong.slice(0, 3).join('\n'))
      }),
      { numRuns: 100 },
    ),
  )
})

t.test('the network did do something, and a network that does nothing costs nothing', async (t) => {
  const bad = simulate(7, 1)
  t.ok(bad.gaps > 5, `${bad.gaps} gaps`)
  t.ok(bad.reconnections > 3, `${bad.reconnections} connections`)
  t.ok(bad.published > 100, `${bad.published} transitions`)
  t.match(simulate(7, 0), { wrong: [], gaps: 0, reconnections: 1 })
})

t.test('the same seed is the same day', async (t) => {
  t.same(simulate(42, 0.7), simulate(42, 0.7))
})
