/**
 * What a comparison comes to: figures, what differs, and what could not be compared.
 */
import type { LogPosition, N } from '../../core/names.js'
import type { TableName } from '../../store/store.js'

export interface Range {
  readonly from: LogPosition
  readonly to: LogPosition
}

export type Place = 'log' | 'record' | 'served' | 'store'

export interface Mismatch {
  readonly place: Place
  /** A position of the log, or the number of a transition. */
  readonly at: { readonly position: number } | { readonly n: number } | Record<never, never>
  readonly what: string
}

export interface LogReport extends Range {
  readonly entries: number
  readonly batches: number
  readonly events: number
  readonly segments: number
  readonly bytes: number
  /** Behind the head: in flight, or left by a crash and never acknowledged. */
  readonly tornBytes: number
}

export interface RecordReport {
  /** Numbers 1 … n that follow from the log up to its head. */
  readonly n: N
  /** The last of them that the record holds: what is missing at its end is written by the next start. */
  readonly held: N
  readonly judgedAgain: readonly Range[]
  readonly notJudgedAgain: readonly (Range & { readonly why: string })[]
}

export interface ServedReport {
  readonly transitions: number
}

export interface StoreReport {
  /** Compared up to here. */
  readonly position: LogPosition
  readonly n: N
  /** Entries that are in the log and not in the store yet. */
  readonly behindEntries: number
  readonly rows: Readonly<Record<TableName, number>>
}

/** What was not compared, and why. */
export interface LeftOut {
  readonly leftOut: string
}

export interface Report {
  readonly verdict: 'same' | 'different' | 'incomplete'
  /** 演练: a play moves the clock of this directory. */
  readonly exercise: boolean
  /** The process that runs on the directory; absent when none does. */
  readonly running?: { readonly pid: number | undefined; readonly http: string | undefined }
  readonly log: LogReport | undefined
  readonly record: RecordReport | undefined
  readonly served: ServedReport | LeftOut
  readonly store: StoreReport | LeftOut
  /** The first of them. */
  readonly mismatches: readonly Mismatch[]
  readonly mismatchCount: number
  /** What should have been compared and could not be. */
  readonly incomplete: readonly string[]
}

const mismatchesKept = 100

export class Findings {
  readonly mismatches: Mismatch[] = []
  readonly incomplete: string[] = []
  mismatchCount = 0

  differs(place: Place, at: Mismatch['at'], what: string): void {
    this.mismatchCount += 1
    if (this.mismatches.length < mismatchesKept) this.mismatches.push({ place, at, what })
  }

  get verdict(): Report['verdict'] {
    if (this.mismatchCount > 0) return 'different'
    return this.incomplete.length > 0 ? 'incomplete' : 'same'
  }
}

/** 0 proven to be the same, 1 something differs, 2 not all could be compared. */
export const exitCodes = { same: 0, different: 1, incomplete: 2 } as const

/** The report for a person. */
export function linesOf(report: Report): string[] {
  const { log, record, mismatches, mismatchCount, incomplete } = report
  return [
    ...(report.exercise ? [row('演练', 'exercise: the clock is a scenario; nothing of this has happened')] : []),
    ...(log ? [row('log', logWords(log))] : []),
    ...(record ? recordRows(record) : []),
    row(
      'served',
      'leftOut' in report.served
        ? `not compared: ${report.served.leftOut}`
        : `${report.served.transitions} transitions, the same`,
    ),
    row('store', storeWords(report.store)),
    ...mismatches.map(({ place, at, what }) => row('DIFFERS', `${place}${whereOf(at)}: ${what}`)),
    ...(mismatchCount > mismatches.length ? [row('DIFFERS', `… and ${mismatchCount - mismatches.length} more`)] : []),
    ...incomplete.map((what) => row('MISSING', what)),
    row('verdict', verdictWords(report)),
  ]
}

/** A Chinese character is as wide as two others. */
const row = (name: string, words: string): string =>
  `${name}${' '.repeat(9 - [...name].reduce((cells, character) => cells + (character > '\u2e80' ? 2 : 1), 0))}${words}`

const logWords = ({ from, to, entries, batches, events, segments, bytes, tornBytes }: LogReport): string =>
  `positions ${from} to ${to}: ${entries} entries, ${events} events, ${batches} batches, ${segments} files, ${bytes} bytes` +
  (tornBytes > 0 ? `, ${tornBytes} bytes behind the end that nobody was told of` : '')

function recordRows({ n, held, judgedAgain, notJudgedAgain }: RecordReport): string[] {
  const behind = held < n ? `, of which the last ${n - held} are written by the next start` : ''
  return [
    row('record', `n 1 to ${n}${behind}`),
    ...judgedAgain.map(({ from, to }) => row('', `positions ${from} to ${to} judged again`)),
    ...notJudgedAgain.map(({ from, to, why }) => row('', `positions ${from} to ${to} not judged again: ${why}`)),
  ]
}

function storeWords(store: Report['store']): string {
  if ('leftOut' in store) return `not compared: ${store.leftOut}`
  const rows = Object.entries(store.rows).map(([table, count]) => `${table} ${count}`)
  const behind = store.behindEntries > 0 ? `, ${store.behindEntries} entries are still to come` : ''
  return `up to position ${store.position}, n ${store.n}${behind}; rows: ${rows.join(', ')}`
}

function whereOf(at: Mismatch['at']): string {
  if ('position' in at) return ` at position ${at.position}`
  return 'n' in at ? ` at n ${at.n}` : ''
}

function verdictWords({ verdict, mismatchCount }: Report): string {
  if (verdict === 'same') return 'the same: no gap, no duplicate, nothing differs'
  return verdict === 'different'
    ? `DIFFERENT: ${mismatchCount} differences`
    : 'INCOMPLETE: what was compared is the same'
}
