/**
 * The shapes of what is read over HTTP, as JSON Schema 2020-12 for the OpenAPI document.
 *
 * They describe; they do not serialise. An item comes from the engine as it is shown, and a serialiser built from a
 * schema would silently drop a field that the schema has forgotten. Tests hold real answers against these schemas.
 */
import { assessmentKinds } from '../core/event.js'
import { colours, counties, idPattern, levels, sectors, unitKinds } from '../core/names.js'
import { decisions } from '../core/order.js'
import { figuresShown } from '../core/rule-set.js'
import { rungs } from '../core/transition.js'
import { playbook, rulePreview, ruleSet } from './rule-schemas.js'
import {
  account,
  date,
  facts,
  flag,
  list,
  nullable,
  number,
  proposalKind,
  shape,
  text,
  time,
  title,
  whole,
} from './schema-words.js'
import { staleFeed, summary } from './summary-schema.js'

export const county = { type: 'string', enum: counties } as const
export const sector = { type: 'string', enum: sectors } as const
export const colour = { type: 'string', enum: colours } as const
export const unitId = { type: 'string', pattern: idPattern } as const
export const freezeState = { type: 'string', enum: ['none', 'frozen', 'lifted'] } as const

export const proposalState = { type: 'string', enum: ['open', ...decisions] } as const
const rung = { type: 'string', enum: rungs, description: 'who must look after it' } as const

const threshold = shape([], {
  above: text,
  below: text,
  back: { ...text, description: 'how far past the threshold the figure must come back' },
  or: { ...text, description: 'a condition that enters the level whatever the figure' },
  when: { ...text, description: 'the condition of a proposal that does not wait for red' },
})
const proposed = shape(['kind'], {
  kind: proposalKind,
  ratio: { ...text, description: 'signed share' },
  approved: {
    ...shape(['from', 'to'], { from: whole, to: whole }),
    description: 'posts when it was made, and would be',
  },
  requestId: text,
  assumed: { ...flag, description: 'the plan gives no number' },
})
const figure = shape(['numerator', 'denominator', 'value'], {
  numerator: text,
  denominator: text,
  value: number,
  shown: {
    type: 'string',
    enum: figuresShown,
    description: 'how people see it; absent: as a share, or as a count when the denominator is 1',
  },
})
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
  why: { $ref: 'Why#' },
  rung,
  rungAssumed: { ...flag, description: 'it climbed there after a time that the plan does not give' },
  acknowledged: shape(['by', 'at'], { by: text, at: time, until: time }),
  silenced: shape(['by', 'until'], { by: text, until: time }),
  silenceAhead: {
    ...shape(['by', 'from', 'until'], { by: text, from: time, until: time }),
    description: 'one that was ordered ahead',
  },
  rectification: shape(['owner', 'dueOn'], { owner: text, dueOn: date }),
  title: { ...title, description: 'of its rule; absent where the rule is gone' },
  playbook: { ...text, description: 'GET /v1/playbooks/:id' },
  stale: {
    ...flag,
    description: 'of a unit or what is a unit’s: it hangs on what a silent feed told; not on the stream',
  },
})

const proposal = shape(['proposalId', 'rule', 'subject', 'state', 'since', 'proposed'], {
  proposalId: text,
  rule: text,
  subject: text,
  unit: unitId,
  county,
  sector,
  state: proposalState,
  since: time,
  proposed: { $ref: 'Proposed#' },
  why: { $ref: 'Why#', description: 'what it was made by' },
  decidedBy: text,
})

const freezeOrders = {
  ...list(shape(['by', 'because', 'since'], { by: text, because: text, since: time })),
  description: 'who ordered it, and why: the newest order of each person',
}
const freezeAssumed = { ...flag, description: 'a figure that freezes it is ours: the plan gives no number' }
const freeze = shape(['unit', 'state', 'reasons', 'sequence', 'since'], {
  unit: unitId,
  county,
  state: freezeState,
  reasons: list(text),
  sequence: { ...whole, description: 'gapless per unit' },
  since: time,
  orders: freezeOrders,
  assumed: freezeAssumed,
  until: time,
  by: text,
  because: { ...text, description: 'why it was lifted' },
})

const loan = shape(['loanId', 'out', 'dueOn', 'workingDaysPastDue'], {
  loanId: text,
  out: whole,
  dueOn: nullable('string'),
  workingDaysPastDue: whole,
  project: text,
  investmentCny: number,
})

const uncertain = {
  ...flag,
  description: 'working days of a year that the calendar does not know were counted',
} as const
const request = shape(['requestId', 'kind', 'count', 'submittedAt', 'workingDaysPending'], {
  requestId: text,
  kind: text,
  count: whole,
  investmentCny: number,
  submittedAt: time,
  workingDaysPending: whole,
  uncertain,
})

const openCase = shape(['caseId', 'channel', 'openedAt', 'workingDaysOpen'], {
  caseId: text,
  channel: text,
  openedAt: time,
  workingDaysOpen: whole,
  uncertain,
})

const assessment = shape(['kind', 'period', 'figure', 'closed'], {
  kind: { type: 'string', enum: assessmentKinds },
  period: text,
  figure: {},
  closed: { ...flag, description: 'the last of the period is in: it counts' },
})

const unitFund = shape(['account', 'budgetedCny', 'spentCny'], { account, budgetedCny: number, spentCny: number })

const task = shape(['taskId', 'title', 'kind', 'target', 'done', 'startsOn', 'dueOn', 'workingDays', 'progressRatio'], {
  taskId: text,
  title: text,
  kind: text,
  target: number,
  done: number,
  startsOn: date,
  dueOn: date,
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
    facts: { $ref: 'Facts#' },
    policy: text,
    colour: { ...colour, description: 'the worst of its alerts' },
    freeze: shape(['state', 'reasons', 'sequence'], {
      state: freezeState,
      reasons: list(text),
      sequence: whole,
      since: { type: ['string', 'null'], format: 'date-time' },
      orders: freezeOrders,
      assumed: freezeAssumed,
      until: time,
      by: text,
      because: text,
    }),
    alerts: list({ $ref: 'Alert#' }),
    proposals: { ...list({ $ref: 'Proposal#' }), description: 'the open ones' },
    loans: { ...list(loan), description: 'those that are out' },
    requests: { ...list(request), description: 'those that are pending' },
    cases: { ...list(openCase), description: 'those that are open' },
    tasks: list(task),
    assessments: list(assessment),
    funds: list(unitFund),
    setAside: { ...flag, description: 'a load that touches it is open; it is judged when that ends' },
    stale: {
      ...list(shape(Object.keys(staleFeed), staleFeed)),
      description: 'feeds that told of the unit and are silent; absent while there is none',
    },
  },
)

const transitionKinds = ['alert', 'freeze', 'escalation', 'acknowledgement', 'silence', 'proposal', 'request'] as const

const transition = shape(['n', 'position', 'kind', 'subject', 'from', 'to', 'at', 'why'], {
  n: whole,
  position: { ...whole, description: 'the log entry that caused it' },
  kind: { type: 'string', enum: transitionKinds, description: 'another kind may come: pass over it' },
  subject: text,
  unit: unitId,
  county,
  sector,
  rule: text,
  from: text,
  to: text,
  at: time,
  why: { $ref: 'Why#' },
  sequence: whole,
  reasons: list(text),
  until: time,
  by: text,
  correction: {
    ...flag,
    description: 'what caused it came late: it happened before something that was counted or judged already',
  },
  silenced: { ...flag, description: 'somebody asked not to be told' },
  proposalId: text,
  proposed: { $ref: 'Proposed#' },
  requestId: text,
})

export const play = {
  ...shape(['seed', 'from'], {
    seed: { ...whole, minimum: 0 },
    from: { type: 'string', pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$' },
  }),
  description: 'a play of the scenario: the first that moves the clock has it, and no other goes on with it',
}

const clock = shape(['now', 'clock', 'exercise'], {
  now: time,
  clock: { type: 'string', enum: ['system', 'scenario'] },
  exercise: { ...flag, description: 'true with a scenario clock: what is shown is an exercise (演练)' },
  play,
})

const readiness = shape(['ready', 'exercise', 'parts'], {
  ready: flag,
  exercise: flag,
  parts: list(shape(['name', 'state', 'ready'], { name: text, state: text, ready: flag })),
})

/** To be added to the app, so that the document names them once; the stream's document takes those that it shows. */
export const namedSchemas = Object.entries({
  Alert: alert,
  Proposal: proposal,
  Freeze: freeze,
  Unit: unit,
  Transition: transition,
  Why: why,
  Proposed: proposed,
  Facts: shape(Object.keys(facts), facts),
  Summary: summary,
  Playbook: playbook,
  RuleSet: ruleSet,
  RulePreview: rulePreview,
  Clock: clock,
  Readiness: readiness,
}).map(([$id, schema]) => ({ $id, ...schema }))

/** `{ items, next }` of the named schema. */
export const pageSchema = (name: string) =>
  shape(['items', 'next'], {
    items: list({ $ref: `${name}#` }),
    next: { type: ['string', 'null'], description: 'the cursor of the next page; null on the last' },
  })
