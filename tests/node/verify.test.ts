/**
 * `quotawatch verify` on directories that are whole, and on such as are not: whatever is changed in one of them must be
 * found, by name, and nothing else.
 */
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { engineVersion } from '../../src/alerts/shard.js'
import { loadConfig } from '../../src/config/config.js'
import type { N } from '../../src/core/names.js'
import { shownTransition } from '../../src/core/shown.js'
import { magic } from '../../src/log/frame.js'
import { dataPaths, openDataDirectory } from '../../src/node/data-directory.js'
import { Findings } from '../../src/node/verify/report.js'
import { compareServed } from '../../src/node/verify/served.js'
import { verify } from '../../src/node/verify/verify.js'
import { at, entered, rules } from '../alerts/engine.js'
import { segmentFiles } from '../log/fixtures.js'
import { poison } from '../workers/fixtures.js'
import {
  appendTo,
  changeRecord,
  judgedBy,
  type Made,
  makeDirectory,
  recordFileAt,
  verified,
  world,
  writeRecord,
} from './judged-directory.js'
import { say } from './terminal.js'

const logFiles = ({ directory }: Made) => segmentFiles(dataPaths(directory).logPath)

t.test('a whole directory is the same, in figures', async (t) => {
  const made = await makeDirectory(t, world(1))
  t.ok(made.transitions.length > 50)
  t.ok(logFiles(made).length > 1)
  const { code, report } = await verified(made.directory)
  t.equal(code, 0)
  t.match(report, {
    verdict: 'same',
    log: { from: 1, to: made.head, entries: made.head, batches: 60, segments: logFiles(made).length, tornBytes: 0 },
    record: {
      n: made.transitions.length,
      held: made.transitions.length,
      judgedAgain: [{ from: 1, to: made.head }],
      notJudgedAgain: [],
    },
    served: { leftOut: 'nothing runs on the directory' },
    store: { leftOut: 'none is configured' },
    mismatchCount: 0,
  })
  const text = await say(['verify', '--set', `dataDirectory=${made.directory}`, '--set', 'store=none'], {
    directory: '/',
  })
  t.match(text, { code: 0, out: /^verdict +the same: no gap, no duplicate, nothing differs$/m })
})

t.test('a directory whose clock is a scenario is said to be an exercise', async (t) => {
  for (const clock of ['scenario', 'system'] as const) {
    const made = await makeDirectory(t, world(12))
    const born = await openDataDirectory(made.directory, clock)
    born.release()
    const { out } = await say(['verify', '--set', `dataDirectory=${made.directory}`, '--set', 'store=none'], {
      directory: '/',
    })
    t.equal(/^演练 {5}exercise: /.test(out), clock === 'scenario')
    t.match((await verified(made.directory)).report, { verdict: 'same', exercise: clock === 'scenario' })
  }
})

t.test('any byte that is changed in the record is found, and its number told', async (t) => {
  const made = await makeDirectory(t, world(2))
  const file = recordFileAt(made.directory, 1)
  const whole = readFileSync(file)
  const property = fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (byte, flip) => {
    const bytes = Buffer.from(whole)
    bytes[byte] = (bytes[byte] ?? 0) ^ flip
    writeFileSync(file, bytes)
    const { code, report } = await verified(made.directory)
    const n = 21 + whole.subarray(0, byte).toString('latin1').split('\n').length - 1
    t.equal(code, 1)
    t.ok(
      report.mismatches.some(({ place, at }) => place === 'record' && 'n' in at && at.n === n),
      `n ${n} is named`,
    )
  })
  await fc.assert(property, { numRuns: 12 })
  writeFileSync(file, whole)
  t.equal((await verified(made.directory)).code, 0)
})

t.test('a number that is missing inside the record, twice there, or in a file that is gone, is found', async (t) => {
  const made = await makeDirectory(t, world(3))
  const broken = async (n: number) => {
    const { code, report } = await verified(made.directory)
    t.match([code, report.mismatches[0]], [1, { place: 'record', at: { n } }])
    writeRecord(made.directory, made.transitions)
  }
  changeRecord(made.directory, 30, () => '')
  await broken(30)
  changeRecord(made.directory, 30, (line) => `${line}\n${line}`)
  await broken(31)
  rmSync(recordFileAt(made.directory, 1))
  await broken(21)
})

t.test('a record that ends early is no loss: the next start writes the rest', async (t) => {
  const made = await makeDirectory(t, world(4))
  const file = recordFileAt(made.directory, -1)
  truncateSync(file, readFileSync(file).length - 10)
  const { code, report } = await verified(made.directory)
  t.equal(code, 0)
  const n = made.transitions.length
  t.match(report.record, { n, held: n - 1 })
})

t.test('a log that lost its end is found by the record, which goes on', async (t) => {
  const made = await makeDirectory(t, world(5))
  const file = logFiles(made).at(-1) as string
  const bytes = readFileSync(file)
  truncateSync(file, bytes.lastIndexOf(magic, bytes.lastIndexOf(magic) - 1))
  const { code, report } = await verified(made.directory)
  t.equal(code, 1)
  t.match(report.mismatches, [
    { place: 'log', what: /is gone from \S+, byte \d+: nothing stands there, but transition \d+ of the record is of/ },
    { place: 'record', what: /is of position \d+, and the log ends at \d+/ },
  ])
})

t.test('damage inside the log is found, with its place', async (t) => {
  const made = await makeDirectory(t, world(6))
  const [file] = logFiles(made) as [string]
  const bytes = readFileSync(file)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const { code, report } = await verified(made.directory)
  t.equal(code, 1)
  t.match(report.mismatches, [{ place: 'log', what: /QW_LOG_DAMAGED .* byte 0 \(position 1\).*quotawatch log check/ }])
})

t.test('a torn tail is a figure and no difference', async (t) => {
  const made = await makeDirectory(t, world(7))
  appendFileSync(logFiles(made).at(-1) as string, magic)
  t.match(await verified(made.directory), { code: 0, report: { log: { tornBytes: 4 } } })
})

t.test('an event that was taken twice is found', async (t) => {
  const hired = entered('PJ-EDU-0001', 1)
  const nowMs = at('2024-01-05T09:00:00+08:00')
  const batches = [
    { nowMs, entries: [judgedBy(engineVersion), rules(), hired] },
    { nowMs, entries: [entered('PJ-EDU-0001', 1), hired] },
  ]
  const { code, report } = await verified((await makeDirectory(t, batches)).directory)
  t.equal(code, 1)
  t.match(report.mismatches, [{ place: 'log', at: { position: 5 }, what: /was taken at position 3 already/ }])
})

t.test(
  'what another engine version judged is left to it, and what this one judged since is judged again',
  async (t) => {
    const batches = world(8, '0')
    const switchAt = 30
    const mine = batches[switchAt] as (typeof batches)[number]
    batches[switchAt] = { ...mine, entries: [judgedBy(engineVersion), ...mine.entries] }
    const before = batches.slice(0, switchAt).reduce((sum, { entries }) => sum + entries.length, 0)
    const without = await makeDirectory(t, batches)
    const why = { why: `engine 0 judged them, this is ${engineVersion}` }
    const left = await verified(without.directory)
    t.equal(left.code, 2, 'what was not judged again was not compared')
    t.match(left.report.record, {
      n: without.transitions.length,
      judgedAgain: [],
      notJudgedAgain: [
        { from: 1, to: before, ...why },
        { from: before + 1, to: without.head, why: 'there is no snapshot to begin from' },
      ],
    })
    const made = await makeDirectory(t, batches, switchAt)
    const again = await verified(made.directory)
    t.equal(again.code, 2)
    t.match(again.report.incomplete, [/^positions 1 to \d+ were not judged again: engine 0 judged them/])
    t.match(again.report.record, {
      judgedAgain: [{ from: before + 1, to: made.head }],
      notJudgedAgain: [{ from: 1, to: before, ...why }],
    })
    const n = made.transitions.length
    changeRecord(made.directory, n, (line) => line.replace('"policy":"', '"policy":"x'))
    t.match(await verified(made.directory), { code: 1, report: { mismatches: [{ place: 'record', at: { n } }] } })
  },
)

t.test('an entry that was set aside is not judged again either; one that was not is found', async (t) => {
  const nowMs = at('2024-01-05T09:00:00+08:00')
  const unit = 'PJ-EDU-0001'
  const batches = [
    { nowMs, entries: [judgedBy(engineVersion), rules(), entered(unit, 1)] },
    { nowMs, entries: [poison(unit), entered(unit, 1)] },
  ]
  const made = await makeDirectory(t, [batches[0] as (typeof batches)[number]])
  await appendTo(made.directory, batches[1] as (typeof batches)[number])
  t.match(await verified(made.directory), { code: 1, report: { mismatches: [{ place: 'log', at: { position: 4 } }] } })
  await appendTo(made.directory, { nowMs, entries: [{ kind: 'skipped', position: 4 as never, error: '', stack: '' }] })
  t.match(await verified(made.directory), { code: 0 })
})

t.test('a directory that somebody runs on is compared without the lock, and told so', async (t) => {
  const made = await makeDirectory(t, world(9))
  const held = await openDataDirectory(made.directory, 'system')
  const { code, report } = await verified(made.directory, '--wait-seconds', '0')
  held.release()
  t.match([code, report.running], [0, { pid: process.pid }])
})

t.test('while a stopped directory is compared no service can be started on it', async (t) => {
  const made = await makeDirectory(t, world(10))
  const { config } = loadConfig({
    directory: '/',
    environment: {},
    settings: [`dataDirectory=${made.directory}`, 'store=none'],
  })
  const starts: Promise<unknown>[] = []
  const onProgress = () => {
    if (starts.length === 0) starts.push(openDataDirectory(made.directory, 'system').catch((error) => error.code))
  }
  t.match(await verify({ config, waitMs: 0, withStore: true, onProgress }), { verdict: 'same' })
  t.same(await Promise.all(starts), ['QW_DATA_IN_USE'])
  const held = await openDataDirectory(made.directory, 'system')
  held.release()
})

t.test('what is served must be what the record holds, number by number and field by field', async (t) => {
  const made = await makeDirectory(t, world(11))
  const shown = made.transitions.map((transition) => JSON.parse(JSON.stringify(shownTransition(transition))))
  const compared = async (served: readonly unknown[]) => {
    const server = createServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams
      const since = Number(query.get('since'))
      response.end(
        JSON.stringify({ items: served.slice(since, since + Number(query.get('limit'))), next: null, head: 0 }),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const findings = new Findings()
    await compareServed({
      http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      recordDirectory: dataPaths(made.directory).recordPath,
      n: made.transitions.length as N,
      findings,
      onProgress: () => undefined,
    })
    server.close()
    return findings.mismatches
  }
  t.same(await compared(shown), [])
  const changed = shown.with(40, { ...shown[40], at: '2024-01-01T00:00:00.000+08:00' })
  t.match(await compared(changed), [{ place: 'served', at: { n: 41 } }])
  t.match(await compared(shown.slice(0, -1)), [{ place: 'served', at: { n: shown.length } }])
  t.match((await compared(shown.toSpliced(10, 1)))[0], { place: 'served', at: { n: 11 } })
})
