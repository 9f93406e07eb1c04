import fc from 'fast-check'
import t from 'tap'
import type { EventEntry } from '../../src/core/entry.js'
import type { UnixMs } from '../../src/core/names.js'
import { shanghaiSeconds, takeApart } from '../../src/store/entry-text.js'
import { holes } from '../../src/store/tables.js'

/** What ClickHouse's alias does, in its order. */
function putTogether({ timeMs, event }: EventEntry, data: string, rest: string): string {
  const values = [
    [holes.timeMs, String(timeMs)],
    [holes.id, event.id],
    [holes.source, event.source],
    [holes.type, event.type],
    [holes.subject, event.subject],
    [holes.time, shanghaiSeconds(timeMs)],
    [holes.data, data],
  ] as const
  return values.reduce((text, [hole, value]) => {
    const at = text.indexOf(hole)
    return at < 0 ? text : text.slice(0, at) + value + text.slice(at + 1)
  }, rest)
}

/** Texts that look like parts of an entry, that hold quotes and holes, and that repeat each other. */
const nasty = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u0001',
    '\u0007',
    '"id":"a"',
    '","source":"',
    'staff.entered',
    '{"count":1}',
    '编制',
    '$&',
    '$1',
  ),
)

t.test('an entry that was taken apart is put together again, byte for byte', (t) => {
  const event = fc.record(
    {
      specversion: fc.constant('1.0'),
      id: nasty,
      source: nasty,
      type: fc.oneof(fc.constant('staff.entered'), nasty),
      subject: nasty,
      time: fc.oneof(nasty, fc.constantFrom('2024-07-03T09:15:00+08:00', '2024-07-03T01:15:00Z')),
      data: fc.oneof(fc.constant({}), fc.object({ maxDepth: 2 }), fc.record({ count: fc.nat(), basis: nasty })),
      extension: nasty,
    },
    { requiredKeys: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'] },
  )
  const entries = fc.tuple(event, fc.integer({ min: -1, max: 4e12 })).map(([event, timeMs]) => {
    return { kind: 'event', timeMs: timeMs as UnixMs, event } as unknown as EventEntry
  })
  const property = fc.property(entries, (entry) => {
    const line = JSON.stringify(entry)
    const { data, rest } = takeApart(entry, line)
    return putTogether(entry, data, rest) === line
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))
  t.end()
})

t.test('of an ordinary event nothing is left that a column says', (t) => {
  const timeMs = Date.parse('2024-07-03T09:15:00+08:00') as UnixMs
  const of = (id: string, count: number): EventEntry => ({
    kind: 'event',
    timeMs,
    event: {
      specversion: '1.0',
      id,
      source: '/departments/hr',
      type: 'staff.entered',
      subject: 'PJ-EDU-0012',
      time: '2024-07-03T09:15:00+08:00',
      datacontenttype: 'application/json',
      data: { count, basis: 'permanent' },
    },
  })
  const [one, two] = [of('hr-1', 1), of('hr-2', 2)].map((entry) => takeApart(entry, JSON.stringify(entry)))
  t.equal(one?.rest, two?.rest)
  t.notMatch(one?.rest, /hr|09:15|2024|staff|PJ|permanent/)
  t.equal(one?.data, '{"count":1,"basis":"permanent"}')
  t.end()
})
