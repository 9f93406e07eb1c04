/**
 * The shapes of what is read over HTTP, as JSON Schema 2020-12 for the OpenAPI document.
 *
 * They describe; they do not serialise. An item comes from the engine as it is shown, and a serialiser built from a
 * schema would silently drop a field that the schema has forgotten. Tests hold real answers against these schemas.
 */
import { colours, counties, idPattern, levels, sectors, unitKinds } from '../core/names.js'

const text = { type: 'string' } as const
const whole = { type: 'integer' } as const
const number = { type: 'number' } as const
const flag = { type: 'boolean' } as const
const time = { type: 'string', format: 'date-time', description: 'RFC 3339 with offset' } as const
const list = (items: object) => ({ type: 'array', items }) as const
const nullable = (type: string) => ({ type: [type, 'null'] }) as const
const shape = (required: readonly string[], properties: Readonly<Record<string, object>>) =>
  ({ type: 'object', required, properties }) as const

export const county = { type: 'string', enum: counties } as const
export const sector = { type: 'string', enum: sectors } as const
export const colour = { type: 'string', enum: colours } as const
export const unitId = { type: 'string', pattern: idPattern } as const
export const freezeState = { type: 'string', enum: ['none', 'frozen', 'lifted'] } as const

const threshold = shape([], { above: text, below: text, back: text })
const figure = shape(['numerator', 'denominator', 'value'], { numerator: text, denominator: text, value: number })
const why = shape(['events', 'policy', 'assumed'], {
  ruleVersion: text,
  figure,
  threshold,
  events: list(shape(['source', 'id'], { source: text, id: text })),
  policy: { ...text, description: 'counting policy, name@version' },
  assumed: { ...flag, description: 'the plan gives no number; the threshold is ours' },
  uncertain: { ...flag, description: 'working days of a year that the calendar does not know were counted' },
  order: shape(['order', 'by', 'reason'], { order: text, by: text, reason: text }),
  cause: text,
})

const alert = shape(['rule', 'ruleVersion', 'subject', 'colour', 'since', 'n', 'why'], {
  rule: text,
  ruleVersion: text,
  subject: text,
  colour,
  since: time,
  n: { ...whole, description: 'the transition that gave it this colour' },
  position: whole,
  unit: unitId,
  county,
  sector,
  why,
})

const freeze = shape(['unit', 'state', 'reasons', 'sequence', 'since'], {
  unit: unitId,
  county,
  state: freezeState,
  reasons: list(text),
  sequence: { ...whole, description: 'gapless per unit' },
  since: time,
  until: time,
  by: text,
})

const heads = { type: 'object', description: 'head counts by basis', additionalProperties: whole } as const

/** Null where it is missing (before the first approval) or a ratio over nothing. */
const facts = {
  approved: nullable('integer'),
  onLoan: nullable('integer'),
  usable: nullable('integer'),
  filled: nullable('integer'),
  overBy: nullable('integer'),
  vacancyRatio: nullable('number'),
  contract: nullable('integer'),
  heads,
} as const

const loan = shape(['loanId', 'out', 'dueOn'], { loanId: text, out: whole, dueOn: nullable('string') })

const task = shape(['taskId', 'title', 'kind', 'target', 'done', 'startsOn', 'dueOn', 'workingDays', 'progressRatio'], {
  taskId: text,
  title: text,
  kind: text,
  target: number,
  done: number,
  startsOn: { type: 'string', format: 'date' },
  dueOn: { type: 'string', format: 'date' },
  workingDays: shape(['gone', 'total'], { gone: whole, total: whole, uncertain: flag }),
  progressRatio: { ...nullable('number'), description: 'done / due by now' },
})

const unit = shape(
  ['id', 'name', 'level', 'county', 'kind', 'sector', 'frontline', 'facts', 'policy', 'colour', 'freeze', 'alerts'],
  {
    id: unitId,
    name: text,
    level: { type: 'string', enum: levels },
    county,
    kind: { type: 'string', enum: unitKinds },
    sector,
    frontline: flag,
    closed: { ...flag, description: 'the unit was closed and stands in no sum' },
    facts: shape(Object.keys(facts), facts),
    policy: text,
    colour: { ...colour, description: 'the worst of its alerts' },
    freeze: shape(['state', 'reasons', 'sequence'], {
      state: freezeState,
      reasons: list(text),
      sequence: whole,
      since: { type: ['string', 'null'], format: 'date-time' },
      until: time,
      by: text,
    }),
    alerts: list({ $ref: 'Alert#' }),
    loans: list(loan),
    tasks: list(task),
    setAside: { ...flag, description: 'a load that touches it is open; it is judged when that ends' },
  },
)

const transition = shape(['n', 'position', 'kind', 'subject', 'from', 'to', 'at', 'why'], {
  n: whole,
  position: { ...whole, description: 'the log entry that caused it' },
  kind: { type: 'string', enum: ['alert', 'freeze'] },
  subject: text,
  unit: unitId,
  county,
  sector,
  rule: text,
  from: text,
  to: text,
  at: time,
  why,
  sequence: whole,
  reasons: list(text),
  until: time,
  by: text,
  correction: flag,
})

const summary = shape(['scope', 'units', 'facts', 'policy', 'colours', 'frozen'], {
  scope: text,
  units: whole,
  facts: shape(Object.keys(facts), { ...facts, movedByState: whole }),
  policy: text,
  colours: shape(colours, Object.fromEntries(colours.map((each) => [each, whole]))),
  frozen: whole,
})

const clock = shape(['now', 'clock', 'exercise'], {
  now: time,
  clock: { type: 'string', enum: ['system', 'scenario'] },
  exercise: { ...flag, description: 'true with a scenario clock: what is shown is an exercise (演练)' },
})

const readiness = shape(['ready', 'exercise', 'parts'], {
  ready: flag,
  exercise: flag,
  parts: list(shape(['name', 'state', 'ready'], { name: text, state: text, ready: flag })),
})

/** To be added to the app, so that the document names them once. */
export const namedSchemas = Object.entries({
  Alert: alert,
  Freeze: freeze,
  Unit: unit,
  Transition: transition,
  Summary: summary,
  Clock: clock,
  Readiness: readiness,
}).map(([$id, schema]) => ({ $id, ...schema }))

/** `{ items, next }` of the named schema. */
export const pageSchema = (name: string) =>
  shape(['items', 'next'], {
    items: list({ $ref: `${name}#` }),
    next: { type: ['string', 'null'], description: 'the cursor of the next page; null on the last' },
  })
