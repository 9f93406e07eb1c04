/**
 * The lists and items that are read: units, alerts, freezes, sums, transitions.
 *
 * Every answer is true at one `n`, which it names in a header, so a client that goes on with the stream knows from
 * where: read, then subscribe with `since`.
 */
import type { FastifyInstance } from 'fastify'
import { QwError } from '../core/errors.js'
import { type Colour, type County, counties, levels, type N, type Sector, sectors, unitKinds } from '../core/names.js'
import { shownTransition } from '../core/shown.js'
import type { FreezeState } from '../core/transition.js'
import { problemResponses } from '../http/problem.js'
import { type Item, itemsOf, listResponses, type Paging, stamped, textAt } from './answers.js'
import { listIdentity, pageOf, readCursor } from './cursor.js'
import type { ApiDeps } from './deps.js'
import { paging, parameters } from './query.js'
import { titled } from './rules.js'
import { colour, county, freezeState, pageSchema, sector, unitId } from './schemas.js'

type Deps = Pick<ApiDeps, 'read' | 'transitions' | 'head'>

export function registerReading(scope: FastifyInstance, deps: Deps): void {
  registerUnits(scope, deps)
  registerAlerts(scope, deps)
  registerFreezes(scope, deps)
  registerSummary(scope, deps)
  registerTransitions(scope, deps)
}

function registerUnits(scope: FastifyInstance, { read }: Deps): void {
  const querystring = parameters({ county, sector, colour, ...paging })
  type Query = Paging & { county?: County; sector?: Sector; colour?: Colour }
  scope.get<{ Querystring: Query }>(
    '/v1/units',
    { schema: { summary: 'Units, by id', tags: ['reading'], querystring, response: listResponses('Unit') } },
    async ({ query: { limit, cursor, ...filter } }, reply) => {
      const identity = listIdentity('units', filter)
      const after = readCursor(identity, cursor)
      // One more than is shown tells whether there is a next page.
      const query = { kind: 'units', ...filter, ...(after && { after }), limit: limit + 1 } as const
      const { n, value } = await titled(read, query, (units, title) =>
        itemsOf(units).map((unit) => unitWith(unit, title)),
      )
      return stamped(reply, n).send(pageOf(itemsOf(value), textAt('id'), identity, after, limit))
    },
  )
  scope.get<{ Params: { id: string } }>(
    '/v1/units/:id',
    {
      schema: {
        summary: 'One unit',
        tags: ['reading'],
        params: { type: 'object', properties: { id: unitId } },
        response: {
          200: { description: 'the unit', $ref: 'Unit#' },
          ...problemResponses('QW_NOT_FOUND', 'QW_QUERY_INVALID'),
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const { n, value } = await titled(read, { kind: 'unit', id }, (unit, title) => unitWith(unit as Item, title))
      if (value === undefined || value === null) throw new QwError('QW_NOT_FOUND', { what: `unit ${id}` })
      return stamped(reply, n).send(value)
    },
  )
}

function registerAlerts(scope: FastifyInstance, { read }: Deps): void {
  const name = { type: 'string', minLength: 1, maxLength: 200 } as const
  const querystring = parameters({ subject: name, rule: name, colour, ...paging })
  type Query = Paging & { subject?: string; rule?: string; colour?: Colour }
  scope.get<{ Querystring: Query }>(
    '/v1/alerts',
    {
      schema: {
        summary: 'Alerts, by subject and rule; green ones only when asked for',
        tags: ['reading'],
        querystring,
        response: listResponses('Alert'),
      },
    },
    async ({ query: { limit, cursor, ...filter } }, reply) => {
      const identity = listIdentity('alerts', filter)
      const after = readCursor(identity, cursor)
      const { n, value } = await titled(read, { kind: 'alerts', ...filter }, (alerts, title) => {
        const page = pageOf(itemsOf(alerts), textAt('subject', 'rule'), identity, after, limit)
        return { ...page, items: page.items.map(title) }
      })
      return stamped(reply, n).send(value)
    },
  )
}

function registerFreezes(scope: FastifyInstance, { read }: Deps): void {
  const querystring = parameters({ unit: unitId, state: freezeState, ...paging })
  scope.get<{ Querystring: Paging & { unit?: string; state?: FreezeState } }>(
    '/v1/freezes',
    {
      schema: {
        summary: 'Freezes, by unit; those that are none only when asked for',
        tags: ['reading'],
        querystring,
        response: listResponses('Freeze'),
      },
    },
    async ({ query: { limit, cursor, ...filter } }, reply) => {
      const identity = listIdentity('freezes', filter)
      const after = readCursor(identity, cursor)
      const { n, value } = await read({ kind: 'freezes', ...filter })
      return stamped(reply, n).send(pageOf(itemsOf(value), textAt('unit'), identity, after, limit))
    },
  )
}

const unitWith = (unit: Item, title: (alert: Item) => Item): Item => ({
  ...unit,
  alerts: itemsOf(unit['alerts']).map(title),
})

const scopes = Object.entries({ county: counties, sector: sectors, level: levels, kind: unitKinds })
const scopePattern = `^(city|${scopes.map(([name, values]) => `${name}/(${values.join('|')})`).join('|')})$`

function registerSummary(scope: FastifyInstance, { read }: Deps): void {
  const querystring = parameters({ scope: { type: 'string', pattern: scopePattern, default: 'city' } })
  scope.get<{ Querystring: { scope: string } }>(
    '/v1/summary',
    {
      schema: {
        summary: 'The folded facts and counts by colour of the city, a county, a sector, a level or a kind',
        tags: ['reading'],
        querystring,
        response: { 200: { description: 'the sums', $ref: 'Summary#' }, ...problemResponses('QW_QUERY_INVALID') },
      },
    },
    async ({ query }, reply) => {
      const { n, value } = await read({ kind: 'summary', scope: query.scope, withStale: true })
      if (value === undefined || value === null) throw new QwError('QW_NOT_FOUND', { what: `scope ${query.scope}` })
      return stamped(reply, n).send(value)
    },
  )
}

function registerTransitions(scope: FastifyInstance, { transitions, head }: Deps): void {
  const querystring = parameters({
    since: { type: 'integer', minimum: 0, default: 0, description: 'transitions with a greater n' },
    limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 100 },
  })
  const page = pageSchema('Transition')
  const answer = {
    ...page,
    required: [...page.required, 'head'],
    properties: { ...page.properties, head: { type: 'integer' } },
  }
  scope.get<{ Querystring: { since: N; limit: number } }>(
    '/v1/transitions',
    {
      schema: {
        summary: 'Transitions in order of n; `next` is the `since` of the next page, null at the head',
        description:
          'All of them up to `head`, also those of years ago, however far the store of history has heard (`storedTo` of /v1/history): they are read from the files of the record.',
        tags: ['reading'],
        querystring,
        response: { 200: { description: 'a page', ...answer }, ...problemResponses('QW_QUERY_INVALID') },
      },
    },
    async ({ query: { since, limit } }, reply) => {
      const found = await transitions(since, limit)
      // Asked after the record, so that it is never behind what is shown.
      const newest = head()
      const last = found.at(-1)?.n
      const next = last !== undefined && last < newest ? String(last) : null
      return stamped(reply, newest).send({ items: found.map(shownTransition), next, head: newest })
    },
  )
}
