/**
 * The rows that a batch of the log puts into the tables. The one place that says so: the writer inserts them, and the
 * full compare asks whether they are there.
 */
import type { LogEntry } from '../core/entry.js'
import { counties } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { Derivation, Place } from './derivation.js'
import { takeApart } from './entry-text.js'
import type { StoredBatch } from './source.js'
import type { TableName } from './tables.js'
import type { Field } from './tsv.js'

export interface Row {
  readonly table: TableName
  /** Value of the table's key column. */
  readonly key: number
  /** Value of the table's time column. */
  readonly ms: number
  /** In the order of the table's columns. */
  readonly fields: readonly Field[]
  /** What the table's `whole` alias says. */
  readonly whole?: string
}

/**
 * `transitions`: those of the batch's positions, in order of n. One row after another, so that whoever takes them may
 * rest in between; all are to be taken before the next batch.
 */
export function* rowsOf(
  derivation: Derivation,
  batch: StoredBatch,
  transitions: readonly Transition[],
): Generator<Row> {
  const { firstPosition: first, nowMs, entries } = batch
  const { units, hours } = derivation.step(batch, transitions)
  const last = first + entries.length - 1
  for (let at = 0; at < entries.length; at++) {
    yield logRow(batch, at, derivation)
    const audited = auditRow(batch, at, derivation)
    if (audited) yield audited
  }
  for (const transition of transitions) yield transitionRow(transition)
  for (const { unit, fields } of units)
    yield { table: 'unit_state', key: last, ms: nowMs, fields: [unit, last, nowMs, ...fields] }
  for (const { county, sector, hourMs, sums, policy } of hours)
    yield { table: 'hourly', key: first, ms: hourMs, fields: [county, sector, hourMs, first, ...sums, policy] }
}

function logRow(batch: StoredBatch, at: number, derivation: Derivation): Row {
  const { firstPosition, nowMs, entries, lines } = batch
  const position = firstPosition + at
  const [entry, line] = [entries[at], lines[at]]
  if (!entry || line === undefined) throw new Error(`the batch at ${firstPosition} has no line for entry ${position}`)
  const { source, id, type, subject, timeMs } = namesOf(entry)
  const { county, sector } = placeOf(subject, derivation)
  const { data, rest } = entry.kind === 'event' ? takeApart(entry, line) : { data: '', rest: line }
  return {
    table: 'log',
    key: position,
    ms: nowMs,
    fields: [position, firstPosition, nowMs, entry.kind, source, id, type, subject, county, sector, timeMs, data, rest],
    whole: line,
  }
}

interface Act {
  readonly who: string
  readonly what: string
  readonly why: string
}

/** What a person did with this entry. Migration 2 says the same in SQL. */
function actOf(entry: LogEntry): Act | undefined {
  switch (entry.kind) {
    case 'order':
      return { who: entry.order.by, what: entry.order.order, why: entry.order.reason }
    case 'dismissed':
      return { who: entry.by, what: 'dismiss', why: entry.reason }
    case 'event':
    case 'quarantined':
      return entry.corrected && { who: entry.corrected.by, what: 'correct', why: entry.corrected.reason }
    default:
      return undefined
  }
}

function auditRow({ firstPosition, nowMs, entries, lines }: StoredBatch, at: number, derivation: Derivation) {
  const entry = entries[at]
  const act = entry && actOf(entry)
  if (!act) return undefined
  const position = firstPosition + at
  const { subject } = namesOf(entry)
  const { county, sector } = placeOf(subject, derivation)
  const fields = [position, nowMs, act.who, act.what, subject, county, sector, act.why, lines[at]]
  return { table: 'audit', key: position, ms: nowMs, fields } as const
}

function placeOf(subject: string, derivation: Derivation): Place {
  const county = counties.find((county) => county === subject)
  return county ? { county, sector: '' } : derivation.placeOf(subject)
}

interface Names {
  readonly source: string
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly timeMs: number
}

const nobody: Names = { source: '', id: '', type: '', subject: '', timeMs: 0 }

function namesOf(entry: LogEntry): Names {
  switch (entry.kind) {
    case 'event': {
      const { source, id, type, subject } = entry.event
      return { source, id, type, subject, timeMs: entry.timeMs }
    }
    case 'quarantined': {
      const { source, id, subject } = (entry.event ?? {}) as Readonly<Record<string, unknown>>
      return { ...nobody, source: textOf(source), id: textOf(id), type: entry.code, subject: textOf(subject) }
    }
    case 'order':
      return { ...nobody, type: entry.order.order, subject: entry.order.subject ?? '' }
    default:
      return nobody
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function transitionRow(transition: Transition): Row {
  const { n, position, at, kind, subject, unit, county, sector, from, to } = transition
  const whole = JSON.stringify(transition)
  return {
    table: 'transitions',
    key: n,
    ms: at,
    fields: [
      n,
      position,
      at,
      kind,
      subject,
      unit ?? '',
      county ?? '',
      sector ?? '',
      'rule' in transition ? transition.rule : '',
      from,
      to,
      transition.kind === 'freeze' ? transition.sequence : 0,
      transition.correction ?? false,
      whole,
    ],
  }
}
