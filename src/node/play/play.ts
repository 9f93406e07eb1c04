/**
 * Plays steps against the service: the clock first, then the orders, one by one, then the events, in the batches that every
 * play forms.
 *
 * A play goes on where the service's clock stands. The step of that very moment may have been cut off, so it is sent
 * again: what was taken before comes back as a duplicate, and an order that shows in the record is not given twice.
 */
import type { UnixMs } from '../../core/names.js'
import type { Step } from '../../scenario/scenario.js'
import type { CityClient } from './city-client.js'
import type { Conductor } from './conductor.js'
import type { Tally } from './tally.js'

/** As many as the service decides on in one turn, so that a play forms the same batches on every machine. */
const eventsAtOnce = 256

export interface PlayParts {
  readonly client: CityClient
  readonly conductor: Conductor
  readonly tally: Tally
  /** The service's clock when the play begins. */
  readonly nowMs: UnixMs
  readonly pauseOnRed: boolean
  /** After each step. */
  readonly onStep: (step: Step) => void
}

/** @returns the moment that was reached. */
export async function play(steps: Iterable<Step>, parts: PlayParts): Promise<UnixMs> {
  const { client, conductor, tally, onStep } = parts
  let reachedMs = parts.nowMs
  let seen = await client.head()
  for (const step of steps) {
    if (step.nowMs < parts.nowMs) continue
    if (!(await conductor.turn(step.nowMs))) break
    if (step.nowMs > parts.nowMs) await client.moveClock(step.nowMs)
    await giveOrders(step, parts)
    await send(step, parts)
    // An event is answered when it is on the disk, the clock when all is judged: only then is it known what is red.
    if (parts.pauseOnRed) await client.moveClock(step.nowMs)
    reachedMs = step.nowMs
    let isRed = false
    for await (const transition of client.transitions(seen)) {
      tally.add(transition)
      seen = transition.n
      isRed ||= transition.to === 'red'
    }
    if (isRed && parts.pauseOnRed) conductor.pause()
    onStep(step)
  }
  return reachedMs
}

async function giveOrders({ nowMs, orders }: Step, { client, tally, nowMs: beganMs }: PlayParts): Promise<void> {
  for (const order of orders) tally.order(order, await client.order(order, nowMs, nowMs === beganMs))
}

async function send({ nowMs, events }: Step, parts: PlayParts): Promise<void> {
  for (let from = 0; from < events.length; from += eventsAtOnce) {
    const some = events.slice(from, from + eventsAtOnce)
    const sent = await parts.client.send(some.map(({ event }) => JSON.stringify(event)))
    parts.tally.count(some, sent, nowMs === parts.nowMs)
  }
}
