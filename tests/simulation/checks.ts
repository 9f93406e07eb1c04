/**
 * What must hold, whatever died: read off the disk, the store and the clients, by other means than the service's own.
 */
import { isDeepStrictEqual } from 'node:util'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, N } from '../../src/core/names.js'
import { shownTransition } from '../../src/core/shown.js'
import type { Transition } from '../../src/core/transition.js'
import { headerBytes, isWhole, readHeader } from '../../src/log/frame.js'
import { Derivation } from '../../src/store/derivation.js'
import { rowsOf } from '../../src/store/rows.js'
import type { StoredBatch } from '../../src/store/source.js'
import { tableNames } from '../../src/store/tables.js'
import { tsvRow } from '../../src/store/tsv.js'
import { Engine } from '../alerts/engine.js'
import type { ClickHouse } from './click-house.js'
import type { Answered, Departments } from './departments.js'
import type { Disk } from './disk.js'
import type { Viewer } from './viewers.js'

/** A promise was broken. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export function mustHold(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what)
}

/** All batches that the log holds, or held before it was trimmed; their positions are without a gap. */
export function batchesOf(disk: Disk, logPath: string): StoredBatch[] {
  const files = new Map([...disk.deleted].filter(([path]) => path.startsWith(logPath) && path.endsWith('.seg')))
  for (const name of disk.list(logPath)) files.set(`${logPath}/${name}`, disk.get(`${logPath}/${name}`).content)
  const batches: StoredBatch[] = []
  for (const path of [...files.keys()].sort())
    for (const batch of framesIn(files.get(path) as Buffer)) {
      const last = batches.at(-1)
      const next = last ? last.firstPosition + last.entries.length : 1
      mustHold(batch.firstPosition === next, `${path} goes on at ${batch.firstPosition} and not at ${next}`)
      batches.push(batch)
    }
  return batches
}

function* framesIn(bytes: Buffer): Generator<StoredBatch> {
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const header = readHeader(bytes.subarray(at))
    if (typeof header === 'string') return
    const end = at + headerBytes + header.payloadBytes
    if (end > bytes.length || !isWhole(bytes.subarray(at, end))) return
    const lines = bytes.toString('utf8', at + headerBytes, end - 1).split('\n')
    const { firstPosition, nowMs } = header
    yield { firstPosition, nowMs, lines, entries: lines.map((line) => JSON.parse(line) as LogEntry) }
    at = end
  }
}

/** Every answer that anybody was given is true of the log, and no event stands in it twice, or uncalled. */
export function answersHold(batches: readonly StoredBatch[], { answered, sent }: Departments): void {
  const entries = batches.flatMap(({ entries }) => entries)
  for (const one of answered) answerHolds(entries, one)
  const taken = new Map<string, number>()
  const aside = entries.flatMap((entry) => (entry.kind === 'skipped' ? [entry.position] : []))
  mustHold(new Set(aside).size === aside.length, `an entry was set aside twice: ${aside.join(' ')}`)
  entries.forEach((entry, index) => {
    if (entry.kind !== 'event') return
    const { source, id } = entry.event
    const pair = `${source} ${id}`
    mustHold(!taken.has(pair), `${pair} stands in the log at ${taken.get(pair)} and at ${index + 1}`)
    mustHold(isDeepStrictEqual({ ...entry.event }, { ...sent.get(pair) }), `${pair} is not as it was sent`)
    taken.set(pair, index + 1)
  })
}

function answerHolds(entries: readonly LogEntry[], { event, answer }: Answered): void {
  if (answer.status === 'refused') return
  const { position, status } = answer
  const entry = entries[position - 1]
  const what = `${event['source']} ${event['id']} was answered ${status} at ${position}`
  mustHold(entry !== undefined, `${what}, and the log ends at ${entries.length}`)
  const expected = status === 'quarantined' ? 'quarantined' : 'event'
  const isThere = entry.kind === expected && isDeepStrictEqual({ ...(entry.event as object) }, { ...event })
  mustHold(isThere, `${what}, and there stands ${JSON.stringify(entry)}`)
}

/** What an engine says that judges the log in one piece, without what was set aside. */
export function judgedInOnePiece(batches: readonly StoredBatch[], shards: number): readonly Transition[] {
  const entries = batches.flatMap((batch) => batch.entries)
  const skipped = new Set(entries.flatMap((entry) => (entry.kind === 'skipped' ? [entry.position] : [])))
  const engine = new Engine(shards)
  for (const { firstPosition, nowMs, entries } of batches) {
    const judged = entries.map(
      (entry, at): LogEntry => (skipped.has((firstPosition + at) as LogPosition) ? { kind: 'tick' } : entry),
    )
    engine.step({ nowMs, entries: judged })
  }
  return engine.transitions
}

/** `record`: from n 1 on. */
export function recordHolds(record: readonly Transition[], judged: readonly Transition[], upTo: number): void {
  mustHold(record.length >= upTo, `the record ends at ${record.length}, before n ${upTo}`)
  record.forEach((transition, index) => {
    const expected = JSON.stringify(judged[index])
    const found = JSON.stringify(transition)
    mustHold(found === expected, `n ${index + 1} of the record is ${found}, and the log in one piece gives ${expected}`)
  })
}

/** Each was shown every number of its topic once, in order, and nothing that was not so. */
export function viewerHolds(
  { topic, shown, ever, begins }: Viewer,
  judged: readonly Transition[],
  isAtRest: boolean,
): void {
  for (const transition of ever) {
    const { type: _type, topic: _topic, p: _p, stamps: _stamps, ...fields } = transition
    const expected = judged[transition.n - 1]
    const isSo =
      expected !== undefined && isDeepStrictEqual(fields, JSON.parse(JSON.stringify(shownTransition(expected))))
    mustHold(isSo, `a client was shown ${JSON.stringify(fields)}, and n ${transition.n} is ${JSON.stringify(expected)}`)
  }
  const expected = judged.filter(({ n, topics }) => n > begins && topic in topics).map(({ n }) => n)
  const numbers = shown.map(({ n }) => n as N)
  const wanted = isAtRest ? expected : expected.slice(0, numbers.length)
  mustHold(
    isDeepStrictEqual(numbers, wanted),
    `a client of ${topic} was shown ${numbers.join(' ')} after ${begins}, and should have been ${wanted.join(' ')}`,
  )
}

/** The tables hold each row that follows from log and record, once, and no other. */
export function storeHolds(store: ClickHouse, batches: readonly StoredBatch[], judged: readonly Transition[]): void {
  const derivation = new Derivation()
  const expected = new Map<string, string[]>(tableNames.map((name) => [name, []]))
  for (const batch of batches) {
    const last = batch.firstPosition + batch.entries.length - 1
    const own = judged.filter(({ position }) => position >= batch.firstPosition && position <= last)
    for (const { table, fields } of rowsOf(derivation, batch, own)) expected.get(table)?.push(tsvRow(fields).trimEnd())
  }
  for (const [table, rows] of expected) {
    const found = [...(store.rows.get(table) ?? [])].map((row) => row.trimEnd()).sort()
    rows.sort()
    const at = rows.findIndex((row, index) => row !== found[index])
    const isSame = at < 0 && found.length === rows.length
    mustHold(
      isSame,
      `table ${table} holds ${found.length} rows of ${rows.length}; the first that differs is ${found[at]} and not ${rows[at]}`,
    )
  }
}
