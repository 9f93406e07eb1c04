/**
 * The frames of the protocol (docs/stream.md) as JSON Schema, one by one: what asyncapi.ts puts together.
 *
 * They describe and do not check: a client lets be what it does not know, so nothing here forbids a field. The test
 * that holds real frames against them does (tests/walk/frames.test.ts), so that no field goes undescribed.
 */
import { colours, counties, idPattern, sectors } from '../core/names.js'
import { decisions } from '../core/order.js'
import { rungs } from '../core/transition.js'
import { roles } from './token.js'

type Schema = Readonly<Record<string, unknown>>
type Fields = Readonly<Record<string, Schema>>

export interface FrameDescription {
  readonly summary: string
  readonly payload: Schema
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const whole = { type: 'integer', minimum: 0 } as const
const positive = { type: 'integer', minimum: 1 } as const
const time = { type: 'string', format: 'date-time', description: 'RFC 3339 with offset' } as const
const topic = { type: 'string', examples: ['unit/PJ-EDU-0001', 'county/XH?colour=red', 'city', 'all'] } as const
const code = { type: 'string', pattern: '^QW_[A-Z_]+$', description: 'docs/errors.md' } as const
const list = (items: Schema) => ({ type: 'array', items }) as const
const oneOf = (values: readonly string[]) => ({ type: 'string', enum: values }) as const
const described = (schema: Schema, description: string): Schema => ({ ...schema, description })
const shown = (name: string) => ({ $ref: `#/components/schemas/${name}` }) as const
const object = (always: Fields, sometimes: Fields = {}) =>
  ({ type: 'object', required: Object.keys(always), properties: { ...always, ...sometimes } }) as const

const frame = (type: string, always: Fields = {}, sometimes: Fields = {}) =>
  object({ type: { type: 'string', const: type }, ...always }, sometimes)

const topicRequest = object(
  { topic },
  {
    since: described(whole, 'the last n that the client holds of the topic: its cursor'),
    figures: described(flag, 'true: figures too'),
  },
)

export const clientFrames: Readonly<Record<string, FrameDescription>> = {
  hello: {
    summary: 'Who the client is. The first frame, once.',
    payload: frame(
      'hello',
      { v: { type: 'integer', const: 1 } },
      { token: described(text, 'JWT, HS256, with exp; never in the address'), locale: oneOf(['zh', 'en']) },
    ),
  },
  subscribe: {
    summary: 'Follow topics from a cursor on, or from a snapshot. A topic that is subscribed already starts over.',
    payload: frame(
      'subscribe',
      { topics: { ...list(topicRequest), minItems: 1 } },
      { epoch: described(text, 'the history that the since are of, as welcome named it') },
    ),
  },
  unsubscribe: {
    summary: 'Follow these topics no longer.',
    payload: frame('unsubscribe', { topics: { ...list(topic), minItems: 1 } }),
  },
  pong: { summary: 'The answer to a ping.', payload: frame('pong', { t: described(whole, 'the t of the ping') }) },
}

const stamps = described(
  object({ received: whole, durable: whole, judged: whole, published: whole }),
  "microseconds of the server's monotonic clock, comparable on its host only; absent on resumed frames",
)

/** A transition of one kind: what all have, and what is its own. */
function transition(kind: string, summary: string, own: Fields, ownSometimes: Fields = {}): FrameDescription {
  const always = {
    topic,
    n: described(positive, 'gapless over all topics'),
    p: described(whole, 'the n before it on this topic; greater than the cursor: something was lost'),
    kind: { type: 'string', const: kind },
    subject: text,
    position: described(positive, 'the log entry that caused it'),
    at: time,
    why: shown('Why'),
    ...own,
  }
  const sometimes = {
    unit: { type: 'string', pattern: idPattern },
    county: oneOf(counties),
    sector: oneOf(sectors),
    stamps,
    ...ownSometimes,
  }
  return { summary, payload: frame('transition', always, sometimes) }
}

const rule = text
const correction = described(
  flag,
  'what caused it came late: it happened before something that was counted or judged already',
)
const fromTo = (from: readonly string[], to: readonly string[] = from) => ({ from: oneOf(from), to: oneOf(to) })
const untilBy = { until: time, by: text }

const transitionFrames: Readonly<Record<string, FrameDescription>> = {
  alert: transition(
    'alert',
    'An alert took another colour.',
    { rule, ...fromTo(colours) },
    { silenced: described(flag, 'somebody asked not to be told'), correction },
  ),
  freeze: transition(
    'freeze',
    'A unit may not take anybody on, or may again.',
    {
      unit: { type: 'string', pattern: idPattern },
      ...fromTo(['none', 'frozen', 'lifted']),
      sequence: described(positive, 'gapless per unit'),
      reasons: described(list(text), 'rules, and `order`: those that hold after this step'),
    },
    { ...untilBy, correction },
  ),
  escalation: transition('escalation', 'An alert climbed to another rung.', { rule, ...fromTo(rungs) }),
  acknowledgement: transition(
    'acknowledgement',
    'Somebody has an alert in hand, or no longer.',
    { rule, ...fromTo(['open', 'acknowledged']) },
    untilBy,
  ),
  silence: transition(
    'silence',
    'A silence began or ended, also of an alert that does not stand.',
    { rule, ...fromTo(['audible', 'silenced']) },
    untilBy,
  ),
  proposal: transition(
    'proposal',
    'A proposal appeared, was decided, or lost its reason.',
    { rule, proposalId: text, ...fromTo(['none', 'open'], ['open', ...decisions]), proposed: shown('Proposed') },
    { correction },
  ),
  request: transition('request', 'A request was decided.', { requestId: text, ...fromTo(['pending'], decisions) }),
}

/** Frames that come on the WebSocket and as server-sent events alike. */
export const sharedFrames: Readonly<Record<string, FrameDescription>> = {
  welcome: {
    summary: 'The client is let in.',
    payload: frame('welcome', {
      v: { type: 'integer', const: 1 },
      epoch: described(text, 'names the history: a cursor is good for the one it was given in'),
      now: time,
      clock: oneOf(['system', 'scenario']),
      exercise: described(flag, 'true: what is shown is an exercise (演练)'),
      heartbeatMs: positive,
      lane: oneOf(['critical', 'common']),
      role: oneOf(roles),
      returnAfterMs: described(
        whole,
        'a connection that is lost without a bye is made anew after so long: a place of its own for every client',
      ),
    }),
  },
  wait: {
    summary: 'Many come at once: the welcome follows.',
    payload: frame('wait', { afterMs: described(whole, 'after about so long') }),
  },
  subscribed: {
    summary: 'The topic is followed from here on.',
    payload: frame('subscribed', {
      topic,
      head: described(whole, 'once the cursor has reached it, the client is at the present'),
      resumed: described(flag, 'true: exactly what followed since; false: a snapshot that replaces what was held'),
    }),
  },
  snapshot: {
    summary: 'What stands on the topic after transition n, or a part of that.',
    payload: frame('snapshot', {
      topic,
      n: described(whole, 'it is true after this transition'),
      part: positive,
      parts: positive,
      items: list({ anyOf: [shown('AlertItem'), shown('FreezeItem'), shown('ProposalItem'), shown('Unit')] }),
    }),
  },
  ...transitionFrames,
  stale: {
    summary: 'What is shown is old: the core is away.',
    payload: frame('stale', { since: time, why: text }),
  },
  fresh: { summary: 'The core is back; what follows is current.', payload: frame('fresh') },
  error: {
    summary: 'The subscription does not exist (any more); the connection stays.',
    payload: frame('error', { code, title: text }, { topic: text }),
  },
  bye: {
    summary: 'The connection ends, with the close code of its code.',
    payload: frame(
      'bye',
      { code, title: text, reconnect: flag, afterMs: described(whole, 'wait at least so long') },
      { address: described(text, 'where to connect instead') },
    ),
  },
}

/** Frames of the WebSocket alone. */
export const socketFrames: Readonly<Record<string, FrameDescription>> = {
  figures: {
    summary: 'The latest figures of the topic: never resumed, at most four a second.',
    payload: frame('figures', {
      topic,
      values: { anyOf: [shown('Summary'), shown('UnitFigures'), shown('AllFigures')] },
    }),
  },
  ping: {
    summary: 'Answer with pong. Names the last n that was sent on each topic.',
    payload: frame('ping', { t: whole, heads: { type: 'object', additionalProperties: positive } }),
  },
}

/** What of the schemas that the HTTP door has too (`shown`) the frames show in another way. */
export function itemSchemas(shownSchemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  const marked = (kind: string, name: string): Schema => {
    const { required, properties, ...rest } = shownSchemas[name] as { required: string[]; properties: Fields }
    const mark = { type: 'string', const: kind }
    return { ...rest, required: ['kind', ...required], properties: { kind: mark, ...properties } }
  }
  const unitFigures = object(
    {
      unit: text,
      facts: shown('Facts'),
      policy: text,
      colour: oneOf(colours),
      freeze: oneOf(['none', 'frozen', 'lifted']),
    },
    { county: oneOf(counties) },
  )
  return {
    AlertItem: marked('alert', 'Alert'),
    FreezeItem: marked('freeze', 'Freeze'),
    ProposalItem: marked('proposal', 'Proposal'),
    UnitFigures: unitFigures,
    AllFigures: described(object({ city: shown('Summary'), units: list(shown('UnitFigures')) }), 'of the topic `all`'),
  }
}
