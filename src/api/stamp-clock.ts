/**
 * The service's clock on every answer: in `date`, and in an exercise a header that says so.
 *
 * A browser or a feed that compares its own clock with `date` then sees the time that deadlines follow, which in an
 * exercise (演练) is not the machine's.
 */
import type { FastifyInstance } from 'fastify'
import { exerciseHeader } from '../http/problem.js'
import type { ApiClock } from './deps.js'

/** On the root instance, before other rooms register their routes. */
export function stampClock(app: FastifyInstance, clock: Pick<ApiClock, 'kind' | 'nowMs'>): void {
  const dateOf = httpDates()
  const exercise = clock.kind === 'scenario'
  // When the answer goes, not when the request came: moving the clock is a request too, and an order may wait its turn.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('date', dateOf(clock.nowMs()))
    if (exercise) reply.header(exerciseHeader, 'true')
    done()
  })
}

/** IMF-fixdate (RFC 9110, 5.6.7). It changes once a second, and is asked for with each request. */
function httpDates(): (ms: number) => string {
  let second = Number.NaN
  let text = ''
  return (ms) => {
    const wanted = Math.floor(ms / 1000)
    if (wanted !== second) {
      second = wanted
      text = new Date(second * 1000).toUTCString()
    }
    return text
  }
}
