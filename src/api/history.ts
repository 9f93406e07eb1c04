/**
 * `/v1/history`: figures over time, from the store. The only reading that does not come from memory, and the only one
 * that can be away while the service serves.
 */
import type { FastifyInstance } from 'fastify'
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import { colours, type UnixMs } from '../core/names.js'
import { parseTime } from '../core/rfc3339.js'
import { problemResponses } from '../http/problem.js'
import type { ApiDeps, HistoryPoint } from './deps.js'
import { parameters } from './query.js'
import { flag, list, nullable, shape, text, time, whole } from './schema-words.js'

interface Query {
  readonly subject: string
  readonly from?: string
  readonly to?: string
  readonly step: string
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const querystring = {
  ...parameters({
    subject: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'a unit, also one that was closed, a county (its code or county/<code>), sector/<name>, or city',
    },
    from: { type: 'string', maxLength: 40, description: 'RFC 3339; 30 days before `to` when absent' },
    to: {
      type: 'string',
      maxLength: 40,
      description: 'RFC 3339; `storedTo` when absent. What is after that is not answered yet',
    },
    step: { type: 'string', pattern: '^[1-9][0-9]{0,5}[smhd]$', default: '1d', description: 'for example 15m, 1h, 1d' },
  }),
  required: ['subject'],
}

const policy = (type: object) => ({ ...type, description: 'counting policy, name@version' })

const unitPoint = {
  title: 'of a unit',
  description: 'what was true of it at the moment, with every batch up to it; null where it is missing',
  ...shape(['at', ...['approved', 'onLoan', 'usable', 'filled', 'overBy', 'contract', 'colour', 'freeze', 'policy']], {
    at: time,
    approved: nullable('integer'),
    onLoan: whole,
    usable: nullable('integer'),
    filled: whole,
    overBy: nullable('integer'),
    contract: whole,
    colour: { type: 'string', enum: colours },
    freeze: { type: 'string', enum: ['none', 'frozen', 'lifted'] },
    policy: policy(text),
    closed: {
      ...flag,
      description: 'the unit was closed by then: these are its last figures, and they stand in no sum',
    },
  }),
}

const sumNames = [
  ...['units', 'approved', 'onLoan', 'usable', 'filled', 'overPosts', 'institutionApproved', 'contract'],
  ...[...colours, 'frozen'],
]

const sumsPoint = {
  title: 'of a county, a sector or the city',
  description:
    'the sums as they stood when the last hour ended that was over by the moment; the hour that runs is in `latest`',
  ...shape(['at', 'sums', 'policy'], {
    at: time,
    sums: shape(sumNames, Object.fromEntries(sumNames.map((name) => [name, whole]))),
    policy: {
      ...policy(nullable('string')),
      description:
        'counting policy under which they were made, name@version; null where they were stored before that was noted and nothing tells it any more',
    },
  }),
}

const answer = {
  description:
    'figures at evenly spaced moments. Left out are those before the first figure, and those after `storedTo`, of which the store has not heard everything or which are still to come',
  ...shape(['subject', 'of', 'storedTo', 'items', 'next'], {
    subject: text,
    of: { type: 'string', enum: ['unit', 'sums'] },
    storedTo: {
      description:
        'how far the store had heard when it was asked: it held every entry of the log up to `position`, and with them all that was taken up to `at`, which is now while it is not behind',
      ...shape(['position', 'at'], { position: whole, at: time }),
    },
    items: list({ anyOf: [unitPoint, sumsPoint] }),
    closedAt: {
      ...time,
      description: 'of a unit that is closed at the last moment: when the service took that in',
    },
    latest: {
      ...sumsPoint,
      description:
        'of sums: as they stand since `at`, when a unit changed last up to `storedTo`; absent where `to` is before that',
    },
    next: { type: 'null' },
  }),
}

type Deps = Pick<ApiDeps, 'history' | 'read'>

export function registerHistory(scope: FastifyInstance, { history, read }: Deps): void {
  const schema = {
    summary: 'Figures of a unit, a county, a sector or the city over time',
    tags: ['reading'],
    querystring,
    response: {
      200: answer,
      ...problemResponses('QW_QUERY_INVALID', 'QW_NOT_FOUND', 'QW_STORE_AWAY', 'QW_OVERLOADED'),
    },
  }
  scope.get<{ Querystring: Query }>('/v1/history', { schema }, async ({ query }) => {
    const { subject, step } = query
    const stepMs = Number(step.slice(0, -1)) * (unitMs[step.slice(-1)] as number)
    const { of, isKnown, storedTo, points, closedAtMs, latest } = await history({
      subject,
      ...(query.from === undefined ? {} : { fromMs: timeOf('from', query.from) }),
      ...(query.to === undefined ? {} : { toMs: timeOf('to', query.to) }),
      stepMs,
    })
    // The store may be behind, and what it has never heard of the engine may know already.
    if (!isKnown && !(await read({ kind: 'unit', id: subject })).value)
      throw new QwError('QW_NOT_FOUND', { what: `subject ${subject}`, field: '/subject' })
    return {
      subject,
      of,
      storedTo: { position: storedTo.position, at: formatTime(storedTo.atMs) },
      items: points.map(shown),
      ...(closedAtMs === undefined ? {} : { closedAt: formatTime(closedAtMs) }),
      ...(latest ? { latest: shown(latest) } : {}),
      next: null,
    }
  })
}

function timeOf(name: string, text: string): UnixMs {
  const ms = parseTime(text)
  if (ms === undefined)
    throw new QwError('QW_QUERY_INVALID', { reason: `${name} must be a time with offset`, field: `/${name}` })
  return ms
}

const shown = ({ atMs, ...figures }: HistoryPoint) => ({ at: formatTime(atMs), ...figures })
