import { join } from 'node:path'
import t from 'tap'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { Derivation } from '../../src/store/derivation.js'
import { Follower } from '../../src/store/follower.js'
import type { HourRow } from '../../src/store/hourly.js'
import { type HistoryQuery, openStore } from '../../src/store/store.js'
import { makeCity } from './city.js'
import { credentials, startEngine } from './engine.js'
import { stored } from './waiting.js'
import { databaseName, quick } from './writing.js'

const hourMs = 3_600_000
// One call: a second one would empty the directory of the first.
const directory = t.testdir({ engine: {}, writer: {} })
const engine = await startEngine(join(directory, 'engine'))
const source = makeCity({ seed: 5, units: 6, batches: 150, entriesPerBatch: 6, stepMs: hourMs })
const store = openStore({
  url: engine.url,
  database: databaseName(),
  ...credentials,
  requestMsMax: 20_000,
  connectionsMax: 4,
})
const writer = await store.write(source, { ...quick, directory: join(directory, 'writer') })
await stored(writer, source.head)
t.teardown(async () => {
  await writer.stop(0)
  await store.close()
  await engine.stop()
})

const beginMs = source.batches[0]?.nowMs ?? 0
const endMs = source.batches.at(-1)?.nowMs ?? 0

const historyOf = (query: Omit<HistoryQuery, 'storedToMs'>, storedToMs = Number.MAX_SAFE_INTEGER as UnixMs) =>
  store.history({ ...query, storedToMs })

/** What the log says was true at a moment: every batch up to it is followed once more, with a tick behind the last. */
async function truthAt(atMs: number, tickMs = endMs) {
  const [follower, derivation] = [new Follower(source, 0 as LogPosition, 0 as N), new Derivation()]
  const units = new Map<string, readonly unknown[]>()
  const cells = new Map<string, readonly number[]>()
  let policy = ''
  const takeHours = (hours: readonly HourRow[]) => {
    for (const row of hours) {
      if (row.hourMs + hourMs > atMs) continue
      cells.set(`${row.county}/${row.sector}`, row.sums)
      policy = row.policy
    }
  }
  for (let judged = await follower.next(); judged; judged = await follower.next()) {
    const over = judged.batch.nowMs > atMs
    // The batch behind the moment still says which hours were over, if they were over by then.
    const { units: changed, hours } = derivation.step(judged.batch, judged.transitions)
    takeHours(hours)
    if (over) break
    for (const row of changed) units.set(row.unit, row.fields)
  }
  await follower.close()
  const tick = { firstPosition: (source.head + 1) as LogPosition, nowMs: tickMs as UnixMs, entries: [], lines: [] }
  if (atMs >= endMs) takeHours(derivation.step(tick, []).hours)
  return { units, cells, policy }
}

const [standsField, countyField] = [5, 0]

/** When a unit changed last; every time that one was closed, with the last moment at which it was. */
async function lastChanges() {
  const [follower, derivation] = [new Follower(source, 0 as LogPosition, 0 as N), new Derivation()]
  const closedMs = new Map<string, number>()
  const closings: { readonly unit: string; readonly atMs: number; readonly toMs: number }[] = []
  let changedMs = 0
  for (let judged = await follower.next(); judged; judged = await follower.next()) {
    const { nowMs } = judged.batch
    for (const { unit, fields } of derivation.step(judged.batch, judged.transitions).units) {
      changedMs = nowMs
      const atMs = closedMs.get(unit)
      if (!fields[standsField]) {
        if (fields[countyField] !== '') closedMs.set(unit, atMs ?? nowMs)
      } else if (atMs !== undefined) {
        closings.push({ unit, atMs, toMs: nowMs - 1 })
        closedMs.delete(unit)
      }
    }
  }
  await follower.close()
  for (const [unit, atMs] of closedMs) closings.push({ unit, atMs, toMs: endMs })
  return { changedMs, closings }
}

t.test('the writer says of which time the last batch is that it has stored', async (t) => {
  t.same([writer.position, writer.atMs], [source.head, endMs])
})

t.test('a unit shows at each moment what was true then', async (t) => {
  const [fromMs, stepMs] = [beginMs + 7 * hourMs + 123, 5 * hourMs + 7]
  for (const subject of ['PJ-U-0', 'TS-U-3']) {
    const history = await historyOf({
      subject,
      fromMs: fromMs as UnixMs,
      toMs: endMs as UnixMs,
      stepMs,
      pointsMax: 1000,
    })
    const expected = []
    for (let atMs = fromMs; atMs <= endMs; atMs += stepMs) {
      const fields = (await truthAt(atMs)).units.get(subject)
      if (!fields) continue
      const [approved, onLoan, usable, filled, overBy] = fields.slice(6, 11)
      const [contract, colour, freeze, policy] = fields.slice(16)
      const isClosed = !fields[standsField] && fields[countyField] !== ''
      const closed = isClosed ? { closed: true } : {}
      expected.push({ atMs, approved, onLoan, usable, filled, overBy, contract, colour, freeze, policy, ...closed })
    }
    t.equal(history.of, 'unit')
    t.ok(expected.length > 10)
    t.same(history.points, expected)
  }
})

// In the order of the columns, by the names of `GET /v1/units` and `/v1/summary`.
const shownNames = [
  ...['units', 'approved', 'onLoan', 'usable', 'filled', 'overPosts', 'institutionApproved', 'contract'],
  ...['green', 'yellow', 'red', 'frozen'],
]

const scopes = [
  ['PJ', (cell: string) => cell.startsWith('PJ/')],
  ['county/PJ', (cell: string) => cell.startsWith('PJ/')],
  ['sector/health', (cell: string) => cell.endsWith('/health')],
  ['city', () => true],
] as const

function sumsOf(cells: ReadonlyMap<string, readonly number[]>, includes: (cell: string) => boolean) {
  const rows = [...cells].flatMap(([cell, sums]) => (includes(cell) ? [sums] : []))
  const total = (at: number) => rows.reduce((sum, sums) => sum + (sums[at] ?? 0), 0)
  return rows.length > 0 ? Object.fromEntries(shownNames.map((name, at) => [name, total(at)])) : undefined
}

t.test('a county, a sector and the city show the sums of the last hour that was over', async (t) => {
  const [fromMs, stepMs] = [beginMs + 9 * hourMs + 5, 7 * hourMs + 11]
  for (const [subject, includes] of scopes) {
    const history = await historyOf({
      subject,
      fromMs: fromMs as UnixMs,
      toMs: endMs as UnixMs,
      stepMs,
      pointsMax: 1000,
    })
    const expected = []
    for (let atMs = fromMs; atMs <= endMs; atMs += stepMs) {
      const { cells, policy } = await truthAt(atMs)
      const sums = sumsOf(cells, includes)
      if (sums) expected.push({ atMs, sums, policy })
    }
    t.equal(history.of, 'sums')
    t.ok(expected.length > 5, `${expected.length} moments of ${subject}`)
    t.same(history.points, expected)
    t.ok(new Set(expected.map(({ policy }) => policy)).size > 1, 'the policy was changed meanwhile')
  }
})

t.test(
  'an hour that no later entry has told yet shows what that will tell; the hour that runs stands beside',
  async (t) => {
    const { changedMs } = await lastChanges()
    const running = hourMs * Math.floor(changedMs / hourMs)
    const [fromMs, toMs, stepMs] = [running - 3 * hourMs, running + 5 * hourMs + 77, hourMs / 2]
    const range = { fromMs: fromMs as UnixMs, stepMs, pointsMax: 100 }
    for (const [subject, includes] of scopes) {
      const history = await historyOf({ ...range, subject, toMs: toMs as UnixMs })
      const expected = []
      for (let atMs = fromMs; atMs <= toMs; atMs += stepMs) {
        const { cells, policy } = await truthAt(atMs, toMs + hourMs)
        expected.push({ atMs, sums: sumsOf(cells, includes), policy })
      }
      t.same(history.points, expected, subject)
      if (subject === 'city')
        t.not(
          JSON.stringify(expected[0]?.sums),
          JSON.stringify(expected.at(-1)?.sums),
          'something has changed meanwhile',
        )
      t.same(history.of === 'sums' && history.latest, { ...expected.at(-1), atMs: changedMs })
      t.notOk('latest' in (await historyOf({ ...range, subject, toMs: (changedMs - 1) as UnixMs })))
    }
  },
)

t.test('of a unit that is closed it is said since when', async (t) => {
  const { closings } = await lastChanges()
  const ask = (subject: string, toMs: number) =>
    historyOf({ subject, fromMs: toMs as UnixMs, toMs: toMs as UnixMs, stepMs: hourMs, pointsMax: 1 })
  t.ok(closings.length > 1)
  for (const { unit, atMs, toMs } of closings) {
    for (const ms of [atMs, toMs]) t.match(await ask(unit, ms), { points: [{ closed: true }], closedAtMs: atMs }, unit)
    t.notOk('closedAtMs' in (await ask(unit, toMs + 1)) && toMs < endMs, 'it was registered again')
    t.notOk('closedAtMs' in (await ask(unit, atMs - 1)))
  }
})

t.test(
  'what the store has heard half of, and what is still to come, is not told as though it were known',
  async (t) => {
    const [fromMs, stepMs] = [endMs - 40 * hourMs, hourMs]
    const storedToMs = (endMs - 10 * hourMs - 1) as UnixMs
    const query = { fromMs: fromMs as UnixMs, toMs: (endMs + 20 * hourMs) as UnixMs, stepMs, pointsMax: 100 }
    for (const [subject, includes] of scopes) {
      const history = await historyOf({ ...query, subject }, storedToMs)
      const expected = []
      for (let atMs = fromMs; atMs <= storedToMs; atMs += stepMs) {
        const { cells, policy } = await truthAt(atMs)
        expected.push({ atMs, sums: sumsOf(cells, includes), policy })
      }
      t.ok(expected.length > 20)
      t.same(history.points, expected, subject)
      t.ok(history.of === 'sums' && history.latest && history.latest.atMs <= storedToMs, subject)
    }
    const unit = await historyOf({ ...query, subject: 'PJ-U-0' }, storedToMs)
    t.same(unit, await historyOf({ ...query, subject: 'PJ-U-0', toMs: storedToMs }))
    t.equal(unit.points.at(-1)?.atMs, fromMs + 29 * stepMs)
    t.match(await historyOf({ ...query, subject: 'PJ-U-0' }, (fromMs - 1) as UnixMs), { isKnown: true, points: [] })
  },
)

t.test('nothing before the first row, and nobody who is not there', async (t) => {
  const before = {
    fromMs: (beginMs - 10 * hourMs) as UnixMs,
    toMs: (beginMs - 1) as UnixMs,
    stepMs: hourMs,
    pointsMax: 100,
  }
  for (const subject of ['PJ', 'county/PJ', 'PJ-U-0'])
    t.match(await historyOf({ ...before, subject }), { isKnown: true, points: [] }, subject)
  for (const subject of ["x' OR 1 = 1 --", 'PJ-U-99', 'ZZ', 'county/ZZ', 'sector/fishery'])
    t.match(await historyOf({ ...before, subject }), { isKnown: false, points: [] }, subject)
})

t.test('more moments than may be, or none, are refused', async (t) => {
  const query = { subject: 'PJ', fromMs: 0 as UnixMs, toMs: 1000 as UnixMs, stepMs: 10, pointsMax: 100 }
  const refused = (field: string) => ({ code: 'QW_QUERY_INVALID', detail: { field } })
  await t.rejects(historyOf(query), refused('/step'))
  await t.rejects(historyOf({ ...query, stepMs: 0 }), refused('/step'))
  await t.rejects(historyOf({ ...query, fromMs: 2000 as UnixMs }), refused('/from'))
  await t.resolves(historyOf({ ...query, pointsMax: 101 }))
})
