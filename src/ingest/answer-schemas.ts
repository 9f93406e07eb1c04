/**
 * The bodies and answers of ingest as JSON schemas, for the OpenAPI document.
 *
 * They describe; they do not check. A request of 500 events must not fail as a whole because one of them does not fit,
 * so each event is validated by itself (validate.ts).
 */
import { errorTable } from '../core/errors.js'
import { mediaTypes } from './candidates.js'
import { assessmentClosedSchemas, dataSchemas, indicatorSchemas, publishedSchemas } from './data-schemas.js'

const byType = Object.entries(dataSchemas).map(([type, schema]) => ({ title: type, ...schema }))
const byKind = (type: string, schemas: Readonly<Record<string, object>>): object[] =>
  Object.entries(schemas).map(([kind, schema]) => ({ title: `${type}, ${kind}`, ...schema }))
const data = {
  description: 'Closed for each type, named by its title.',
  anyOf: [
    ...byType,
    ...byKind('assessment.published', publishedSchemas),
    ...byKind('assessment.closed', assessmentClosedSchemas),
    ...byKind('indicator.reported', indicatorSchemas),
  ],
} as const

/** `$id`s, so that the document holds each once. */
export const dataSchema = { $id: 'EventData', ...data }
export const eventSchema = {
  $id: 'Event',
  type: 'object',
  description: 'A CloudEvents 1.0 event. Extension attributes are kept; `load` names an open load.',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
  properties: {
    specversion: { type: 'string', const: '1.0' },
    id: { type: 'string' },
    source: { type: 'string', format: 'uri-reference' },
    type: {
      type: 'string',
      enum: [...Object.keys(dataSchemas), 'assessment.published', 'assessment.closed', 'indicator.reported'],
    },
    subject: { type: 'string', description: 'A unit, or `city`, the code of a county, `pool`.' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { type: 'string', const: 'application/json' },
    load: { type: 'string' },
    data: { $ref: 'EventData#' },
  },
  additionalProperties: true,
  examples: [
    {
      specversion: '1.0',
      id: 'hr-2024-000871',
      source: '/departments/hr',
      type: 'staff.entered',
      subject: 'PJ-EDU-0012',
      time: '2024-07-03T09:15:00+08:00',
      datacontenttype: 'application/json',
      data: { count: 2, basis: 'permanent' },
    },
  ],
}

const event = { $ref: 'Event#' }

export const eventsBody = {
  content: {
    [mediaTypes.structured]: { schema: event },
    [mediaTypes.json]: {
      schema: {
        description: 'One event; with ce- headers (binary mode) only its data.',
        anyOf: [event, { $ref: 'EventData#' }],
      },
    },
    [mediaTypes.batch]: { schema: { type: 'array', minItems: 1, items: event } },
    [mediaTypes.lines]: { schema: { type: 'string', description: 'One event on each line.' } },
  },
}

const code = { type: 'string', enum: Object.keys(errorTable) }

const verdictItem = {
  type: 'object',
  required: ['source', 'id', 'status', 'position'],
  properties: {
    source: { type: ['string', 'null'] },
    id: { type: ['string', 'null'] },
    line: { type: 'integer', description: 'NDJSON only: the line, from 1.' },
    status: { type: 'string', enum: ['accepted', 'duplicate', 'quarantined'] },
    position: { type: 'integer', description: 'Its log entry; of a quarantined one also /v1/quarantine/:id.' },
    code,
    field: { type: 'string', description: 'JSON pointer' },
    reason: { type: 'string' },
    waiting: { type: 'boolean', const: true, description: 'It comes in by itself when what it waits for comes.' },
  },
}

export const eventsAnswer = {
  description: 'One item for each event, in order. Durable when this is read.',
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: verdictItem,
    },
  },
}

const signed = { by: { type: 'string' }, reason: { type: 'string' }, at: { type: 'string', format: 'date-time' } }

export const quarantineItem = {
  type: 'object',
  required: ['id', 'event', 'code', 'reason', 'at', 'waiting', 'impossible'],
  properties: {
    id: { type: 'string' },
    event: {
      description:
        'As it came. Where it is longer or deeper than any event, the attribute at fault is the text of its JSON. Text where it was no JSON, a data: URL where it was no text.',
    },
    code,
    field: { type: 'string', description: 'JSON pointer' },
    reason: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    waiting: { type: 'boolean' },
    waitsFor: {
      type: 'object',
      properties: { kind: { type: 'string' }, key: { type: 'string' } },
    },
    impossible: { type: 'boolean', description: 'It has waited for more than a working day.' },
    corrected: {
      type: 'object',
      description: 'Who put this event in the place of the one before, and when; it waits since.',
      properties: signed,
    },
    done: {
      type: 'object',
      description: 'What became of it; absent while it is there.',
      properties: {
        kind: { type: 'string', enum: ['corrected', 'resent', 'arrived', 'superseded', 'dismissed'] },
        position: { type: 'integer', description: 'The log entry that did it.' },
        ...signed,
      },
    },
  },
}

export const quarantineList = {
  description: 'Oldest first.',
  type: 'object',
  required: ['items', 'next'],
  properties: { items: { type: 'array', items: quarantineItem }, next: { type: ['string', 'null'] } },
}

export const quarantineQuery = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    cursor: { type: 'string' },
    source: { type: 'string' },
    code,
    waiting: { type: 'boolean' },
    done: { type: 'boolean', default: false, description: 'True: the newest that were done with.' },
  },
}

/** Of a correction that was taken. */
export const correctionAnswer = {
  description:
    'Durable when this is read. `quarantined` only as `waiting`: the item stays until what it waits for comes.',
  ...verdictItem,
}

export const orderAnswer = {
  description: 'Durable when this is read.',
  type: 'object',
  required: ['position'],
  properties: { position: { type: 'integer' } },
}
