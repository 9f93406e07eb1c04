/** What the benches of the log append: an entry of about 300 bytes, as the ingest makes it. */
import type { EventEntry } from '../src/core/entry.js'
import type { UnixMs } from '../src/core/names.js'

export const entryOf = (number: number): EventEntry => ({
  kind: 'event',
  timeMs: 1_720_000_000_000 as UnixMs,
  event: {
    specversion: '1.0',
    id: `e-${number}`,
    source: 'urn:jiangmen:hr',
    type: 'staff.entered',
    subject: 'PJ-EDU-0012',
    time: '2024-07-03T09:15:00.000+08:00',
    data: { count: 1, basis: 'permanent' },
  },
})
