/**
 * Appends until it is killed, and says after each sync which position is acknowledged. Forked by kill.test.ts.
 */
import type { UnixMs } from '../../src/core/names.js'
import { openLog } from '../../src/log/log.js'
import { put, settingsFor } from './fixtures.js'

const [, , directory = '', name = ''] = process.argv
const log = await openLog(
  settingsFor(directory, {
    segmentBytesMax: 20_000,
    spareFreeBytesMin: 0,
    clock: () => Date.now() as UnixMs,
    onBatch: (batch) => process.send?.(batch.firstPosition + batch.entries.length - 1),
  }),
)
const appender = async (who: number) => {
  for (let index = 0; ; index++) await put(log, `${name} ${who} ${index}`)
}
await Promise.all(Array.from({ length: 16 }, (_, who) => appender(who)))
