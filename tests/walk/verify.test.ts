/**
 * `quotawatch verify` beside a service that runs: whole, with a store that is behind, and with damage planted in the log,
 * in the record and so in what is served. (Damage in the store: store.test.ts.)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataPaths } from '../../src/node/data-directory.js'
import { school, send } from './reported.js'
import { type Service, startService, temporaryDirectory } from './service.js'
import { verified } from './verified.js'

let sent = 0

/** A unit that is over its quota at once: an alert and a freeze. */
async function sendUnit(service: Service): Promise<void> {
  const unit = `PJ-EDU-${++sent}`
  const { status } = await send(service.http, school(unit, { approved: 5, heads: { permanent: 6 } }))
  if (status !== 202) throw new Error(`answered ${status}`)
}

const newestFileIn = (directory: string): string =>
  join(
    directory,
    readdirSync(directory)
      .sort()
      .findLast((name) => /^\d{16}\./.test(name)) ?? '',
  )

t.test('verify beside a service that runs', async (t) => {
  const directory = await temporaryDirectory(t)
  const service = await startService({ directory, options: { store: 'clickhouse', storeInsertEveryMs: 10 } })
  t.teardown(() => service.stop())
  const { logPath, recordPath } = dataPaths(directory)
  for (let count = 0; count < 5; count++) await sendUnit(service)

  const whole = await verified(directory)
  t.match(whole, { code: 0, report: { verdict: 'same', store: { behindEntries: 0 }, mismatches: [], incomplete: [] } })
  t.match(whole.report.served, { transitions: whole.report.record?.n ?? 'some' })

  const [writer] = service.children().writer as [number]
  process.kill(writer, 'SIGSTOP')
  await sendUnit(service)
  const behind = await verified(directory, '--wait-seconds', '1')
  t.match(behind, {
    code: 2,
    report: {
      verdict: 'incomplete',
      mismatches: [],
      incomplete: [/^the store is 3 entries behind, after a wait of 1 s$/],
    },
  })
  process.kill(writer, 'SIGCONT')
  t.match(await verified(directory), { code: 0, report: { store: { behindEntries: 0 } } }, 'it is waited for')

  const spoilt = async (path: string, spoil: (bytes: Buffer) => void) => {
    const before = readFileSync(path)
    const bytes = Buffer.from(before)
    spoil(bytes)
    writeFileSync(path, bytes, { flag: 'r+' })
    // What the writer inserted last stays in doubt until it inserts more, which nothing here makes it do.
    const found = await verified(directory, '--wait-seconds', '1')
    writeFileSync(path, before, { flag: 'r+' })
    return found
  }
  const record = await spoilt(newestFileIn(recordPath), (bytes) =>
    bytes.write('U', bytes.indexOf('"subject":"PJ') + 11),
  )
  t.equal(record.code, 1)
  const places = new Set(record.report.mismatches.map(({ place }) => place))
  t.ok(places.has('record'), 'the record is not what follows from the log')
  t.ok(places.has('served'), 'what is served is not what the record says')
  const log = await spoilt(newestFileIn(logPath), (bytes) => bytes.write('X', bytes.indexOf('"id":"PJ') + 6))
  t.equal(log.code, 1)
  t.match(log.report.mismatches, [{ place: 'log' }])
  t.equal((await verified(directory)).code, 0, 'and with its bytes as they were all is the same')

  const [last] = service.children().writer as [number]
  process.kill(last, 'SIGSTOP')
  await sendUnit(service)
  await service.stop()
  t.match(
    await verified(directory),
    {
      code: 2,
      report: {
        verdict: 'incomplete',
        exercise: false,
        mismatches: [],
        store: { behindEntries: 3 },
        incomplete: [
          /^the store lacks the last 3 entries of the log, which were not compared; the next start brings them$/,
        ],
      },
    },
    'what a stopped service has not stored is no difference, and not passed over',
  )
})
