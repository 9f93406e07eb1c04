/**
 * An event that was sent as we would write it goes into the log as it came, and no other does.
 */
import fc from 'fast-check'
import { test } from 'tap'
import type { QuotaEvent } from '../../src/core/event.js'
import type { UnixMs } from '../../src/core/names.js'
import { entryText } from '../../src/ingest/canonical.js'

const timeMs = 1_790_000_000_000 as UnixMs
const read = (text: string) => JSON.parse(text) as QuotaEvent
const known = (text: string) => entryText(timeMs, read(text), text)
const written = (text: string) => JSON.stringify({ kind: 'event', timeMs, event: read(text) })

const event = {
  specversion: '1.0',
  id: 'a-1',
  source: 'urn:人事:440703',
  type: 'staff.entered',
  subject: 'u1',
  time: '2026-11-29T10:00:00+08:00',
  urgent: true,
  weight: 7,
  data: { basis: 'career', count: 12 },
}
const text = JSON.stringify(event)

test('an event as JSON.stringify writes it is known', async (t) => {
  for (const data of [
    event.data,
    {},
    { count: 0 },
    { count: -1 },
    { count: 999 },
    { count: 123_456 },
    { note: '编制' },
  ]) {
    const sent = JSON.stringify({ ...event, data })
    t.equal(known(sent), written(sent), sent)
  }
})

test('any other spelling of the same event is written anew', async (t) => {
  const others = {
    'a blank': text.replace(':true', ': true'),
    'the line end of another system': `${text}\r`,
    'an escape': text.replace('career', '\\u0063areer'),
    'an escape that JSON allows': text.replace('urn:', 'urn:\\/'),
    'a quotation mark': JSON.stringify({ ...event, note: 'a"b' }),
    'a name sent twice': text.replace('"id"', '"id":"b","id"'),
    'a name sent twice, and a number so short that the length is right': JSON.stringify({ ...event, u: 1, v: 10 ** 8 })
      .replace('100000000', '1e8')
      .replace('"u":1', '"u":1,"u":1'),
    'a number with an exponent': text.replace(':7,', ':7e0,'),
    'a number that is none of digits alone': text.replace(':7,', ':0.5,'),
    'a zero with a sign': text.replace(':7,', ':-0,'),
    'a number beyond the whole ones that a double tells apart': text.replace(':7,', ':9007199254740993,'),
    'a list in its data': JSON.stringify({ ...event, data: { list: [1] } }),
    'a very long one': JSON.stringify({ ...event, note: 'n'.repeat(5000) }),
  }
  for (const [what, other] of Object.entries(others)) t.equal(known(other), undefined, what)
})

test('what is known is what JSON.stringify says, whatever was sent', async (t) => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
  // Names of digits alone are sorted by whoever parses them; an object holds them in that order, and a text need not.
  const name = fc.string().filter((each) => !/^\d+$/.test(each) && each !== 'data' && each !== '__proto__')
  const members = fc.dictionary(name, value)
  const spaces = fc.constantFrom(undefined, 1)
  let times = 0
  fc.assert(
    fc.property(members, members, spaces, (envelope, data, space) => {
      const sent = JSON.stringify({ ...envelope, data }, undefined, space)
      const line = known(sent)
      if (line !== undefined) times++
      return line === undefined || line === written(sent)
    }),
    { numRuns: 2000 },
  )
  t.ok(times > 20, 'some of them were known')
})
