/**
 * The active rule set as JSON Schema: `GET /v1/rules`, `GET /v1/playbooks/:id`.
 */
import { figuresShown, ruleActions, ruleScopes } from '../core/rule-set.js'
import { flag, list, proposalKind, shape, text, time, title, whole } from './schema-words.js'

const span = {
  anyOf: [shape(['workingDays'], { workingDays: whole }), shape(['ms'], { ms: whole })],
} as const
const escalation = shape(['county', 'city'], { county: span, city: span, assumed: flag })
const decimalByYear = { anyOf: [text, { type: 'object', additionalProperties: text }] } as const
const level = shape([], {
  above: decimalByYear,
  below: decimalByYear,
  back: text,
  or: { ...text, description: 'CEL: enters the level whatever the figure' },
  assumed: { ...flag, description: 'the plan gives no number for this level' },
})
const levels = { yellow: level, red: level } as const

const rule = shape(['id', 'title', 'scopes', 'plan', 'figure', 'actions', 'version'], {
  id: text,
  version: text,
  title,
  scopes: list({ type: 'string', enum: ruleScopes }),
  plan: { ...text, description: 'sections of the plan' },
  when: text,
  clear: text,
  figure: { ...shape(['numerator'], { numerator: text, denominator: text }), description: 'CEL' },
  shown: {
    type: 'string',
    enum: figuresShown,
    description: 'how people see the figure; absent: a share with a denominator, else a count',
  },
  ...levels,
  levelsOf: { type: 'object', description: 'by scope, where they differ', additionalProperties: shape([], levels) },
  hold: shape(['enterMs', 'leaveMs'], { enterMs: whole, leaveMs: whole }),
  actions: list({ type: 'string', enum: ruleActions }),
  proposals: list(shape(['kind'], { kind: proposalKind, when: text, per: text, ratio: text, assumed: flag })),
  escalation: { ...escalation, description: 'when an alert that nobody acknowledges climbs' },
  playbook: text,
  closable: flag,
  assumed: { ...flag, description: 'the reading of the whole rule is ours' },
})

export const playbook = shape(['id', 'title', 'owner', 'steps', 'contacts'], {
  id: text,
  title,
  owner: text,
  steps: list(text),
  contacts: list(text),
  meeting: { ...text, description: 'where to meet online' },
})

export const ruleSet = shape(['name', 'version', 'rules', 'playbooks', 'policy'], {
  name: text,
  version: text,
  escalation,
  sources: {
    type: 'object',
    description: 'how often each feed is expected to speak, in ms',
    additionalProperties: whole,
  },
  rules: list(rule),
  playbooks: list({ $ref: 'Playbook#' }),
  policy: shape(['name', 'version', 'bases'], { name: text, version: whole, bases: list(text) }),
})

const named = shape(['name', 'version'], { name: text, version: text })
const counts = [
  'alertsRaised',
  'alertsRed',
  'alertsWorse',
  'alertsEased',
  'alertsCleared',
  'unitsFrozen',
  'unitsReleased',
  'proposalsOpened',
  'proposalsWithdrawn',
  'escalations',
]
/** A transition that has not happened: without number and position. */
const listed = shape(['total', 'items'], {
  total: whole,
  items: list({ type: 'object', description: 'as in GET /v1/transitions, without n and position' }),
})

export const rulePreview = shape(
  ['n', 'at', 'from', 'to', 'sentence', 'counts', 'rules', 'freezes', 'alerts', 'proposals', 'others'],
  {
    n: { ...whole, description: 'tried on the state after this transition' },
    at: time,
    from: named,
    to: named,
    sentence: { ...title, description: 'what would change, for people' },
    counts: shape(counts, Object.fromEntries(counts.map((name) => [name, whole]))),
    rules: shape(['added', 'removed', 'changed', 'set'], {
      added: list(text),
      removed: list(text),
      changed: list(shape(['id', 'parts'], { id: text, parts: list(text) })),
      set: { ...list(text), description: 'what differs outside the rules: escalation, sources, playbooks' },
    }),
    freezes: listed,
    alerts: listed,
    proposals: listed,
    others: { ...listed, description: 'escalations, ends of acknowledgements and silences' },
  },
)
