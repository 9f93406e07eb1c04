/**
 * How a transition is shown: the same fields in `GET /v1/transitions`, in frames and in webhooks.
 *
 * Inside, times are numbers and `topics` holds what the stream needs; outside, times are RFC 3339 with the offset of
 * Asia/Shanghai and topics are a frame's own affair.
 */
import { formatTime } from './day.js'
import type { Transition } from './transition.js'

/** The fields beside `n`, ready for JSON. */
export function shownFields(transition: Transition): Readonly<Record<string, unknown>> {
  const { n: _n, topics: _topics, at, why, ...rest } = transition
  const until = 'until' in rest && rest.until !== undefined ? { until: formatTime(rest.until) } : {}
  return { ...rest, ...until, at: formatTime(at), why }
}

export const shownTransition = (transition: Transition): Readonly<Record<string, unknown>> => ({
  n: transition.n,
  ...shownFields(transition),
})
