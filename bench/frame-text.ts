/**
 * Reads the few fields of a transition frame that the ledger and the clock need, by searching its text.
 *
 * `JSON.parse` of a whole frame, 60,000 times a second, would measure the bench's clients instead of the service. The
 * search relies on two things that docs/stream.md promises: keys are written without spaces, and the names `topic`,
 * `n`, `p` and `stamps` stand once in a frame.
 */

/** Ids of measured events: `qwb-<index>`. The index leads back to the time the request was intended for. */
export const eventIdPrefix = 'qwb-'
const eventIdMark = `"id":"${eventIdPrefix}`

export interface Stamps {
  receivedUs: number
  durableUs: number
  judgedUs: number
  publishedUs: number
}

/** One is kept and overwritten frame by frame, so that reading costs no allocation. */
export interface TransitionText {
  topic: string
  n: number
  p: number
  /** Index of the event that caused it; -1 when none of ours did. */
  eventIndex: number
  /** False on resumed frames. */
  stamped: boolean
  stamps: Stamps
}

export const emptyTransitionText = (): TransitionText => ({
  topic: '',
  n: 0,
  p: 0,
  eventIndex: -1,
  stamped: false,
  stamps: { receivedUs: 0, durableUs: 0, judgedUs: 0, publishedUs: 0 },
})

/** The digits that begin at `at`; NaN when there are none. A fraction is cut off: microseconds are enough. */
const digitsAt = (text: string, at: number): number => {
  let value = Number.NaN
  for (let i = at; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    value = Number.isNaN(value) ? digit : value * 10 + digit
  }
  return value
}

/** The number after `mark`; NaN when the mark is not there. */
const numberAfter = (text: string, mark: string, from = 0): number => {
  const at = text.indexOf(mark, from)
  return at < 0 ? Number.NaN : digitsAt(text, at + mark.length)
}

const topicMark = '"topic":"'

/** Fills `into`; false when the frame lacks a topic, `n` or `p`, which no transition frame may. */
export const readTransition = (text: string, into: TransitionText): boolean => {
  const topicAt = text.indexOf(topicMark)
  const topicEnd = topicAt < 0 ? -1 : text.indexOf('"', topicAt + topicMark.length)
  into.topic = topicEnd < 0 ? '' : text.slice(topicAt + topicMark.length, topicEnd)
  into.n = numberAfter(text, '"n":')
  into.p = numberAfter(text, '"p":')
  const eventIndex = numberAfter(text, eventIdMark)
  into.eventIndex = Number.isNaN(eventIndex) ? -1 : eventIndex
  const stampsAt = text.indexOf('"stamps":{')
  into.stamped = stampsAt >= 0
  if (into.stamped) {
    into.stamps.receivedUs = numberAfter(text, '"received":', stampsAt)
    into.stamps.durableUs = numberAfter(text, '"durable":', stampsAt)
    into.stamps.judgedUs = numberAfter(text, '"judged":', stampsAt)
    into.stamps.publishedUs = numberAfter(text, '"published":', stampsAt)
  }
  return into.topic !== '' && !Number.isNaN(into.n) && !Number.isNaN(into.p)
}

/** True for the frames worth reading this way; all others are few and are parsed as JSON. */
export const isTransitionText = (text: string): boolean => text.startsWith('{"type":"transition"')
