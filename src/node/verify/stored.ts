/**
 * What the store holds, beside what follows from the log and the record.
 *
 * The store is behind the log by design. A running one is given time to come up to where the comparison ends; one that
 * is stopped may lack the end, which the next start brings it: that much has not been compared, and is said. What the writer has under way is in doubt until it has
 * begun something else, so a difference counts where it was done before that.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPosition } from '../../core/names.js'
import type { LogReader } from '../../log/reader.js'
import type { Comparison, Difference, Store } from '../../store/store.js'
import { followedSource, type Settled } from './followed-source.js'
import type { Findings, LeftOut, StoreReport } from './report.js'

export interface StoredInput {
  readonly store: Store
  readonly reader: LogReader
  /** Where the log ends now: it may have gone on since the reader was opened. */
  readonly headNow: () => Promise<LogPosition>
  readonly recordPath: string
  /** What the record does not hold yet, the store cannot either. */
  readonly settled: Settled
  /** Where the writer says how far it is. */
  readonly writerDirectory: string
  readonly isRunning: boolean
  /** Rows of the raw tables may be gone when they are older; 0: all are there. */
  readonly ttlDays: number
  /** How long a running store may take to come up. */
  readonly waitMs: number
  readonly findings: Findings
  readonly onProgress: (done: number, total: number) => void
}

const askEveryMs = 500

export async function compareStored(input: StoredInput): Promise<StoreReport | LeftOut> {
  try {
    const { first, settled: last } = await input.store.log()
    const begins = input.ttlDays > 0 ? input.reader.first : first
    return begins > 1 ? beginsLate(input, begins) : await compareFrom(input, last)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    input.findings.incomplete.push(`the store could not be compared: ${why}`)
    return { leftOut: why }
  }
}

function beginsLate({ findings, ttlDays }: StoredInput, first: LogPosition): LeftOut {
  const leftOut =
    ttlDays > 0
      ? `the log begins at position ${first}, and what was before goes from the store too (storeTtlDays ${ttlDays})`
      : `it begins at position ${first}, and what its tables show follows from all that was before`
  findings.incomplete.push(`the store: ${leftOut}`)
  return { leftOut }
}

async function compareFrom(input: StoredInput, last: LogPosition): Promise<StoreReport> {
  const { settled, isRunning, waitMs, findings } = input
  const end = settled.position
  // Asked after the store was: of a service that runs the log is always ahead of it.
  const head = await input.headNow()
  if (last > head) findings.differs('store', { position: last }, `is in the store, and the log ends at ${head}`)
  const endMs = performance.now() + waitMs
  for (;;) {
    const { sure, begun } = await writerAt(input)
    const isLast = !isRunning || performance.now() >= endMs
    if (begun >= end || isLast) {
      const compared = await compareUpTo(input, Math.min(begun, end) as LogPosition)
      if (compared.differences.length === 0 && compared.position >= end) return reported(input, compared)
      if (sure >= end || isLast) return behindOrNot(input, await withoutDoubt(input, compared, sure))
    }
    await sleep(askEveryMs)
  }
}

/** A store that did not come up in time is no difference; and what it lacks has not been compared. */
function behindOrNot(input: StoredInput, compared: Comparison): StoreReport {
  const { isRunning, settled, waitMs, findings } = input
  const missing = settled.position - compared.position
  if (missing > 0)
    findings.incomplete.push(
      isRunning
        ? `the store is ${missing} entries behind, after a wait of ${waitMs / 1000} s`
        : `the store lacks the last ${missing} entries of the log, which were not compared; the next start brings them`,
    )
  return reported(input, compared)
}

/** Everything up to `sure` is in the store; what comes behind it up to `begun` may be. */
async function writerAt({ store, writerDirectory }: StoredInput) {
  const range = await store.lastRange(writerDirectory)
  return { sure: ((range?.from ?? 1) - 1) as LogPosition, begun: range?.to ?? (0 as LogPosition) }
}

/** What is under way does not count as a difference. */
async function withoutDoubt(input: StoredInput, compared: Comparison, sure: LogPosition): Promise<Comparison> {
  return compared.differences.length === 0 || compared.position <= sure ? compared : compareUpTo(input, sure)
}

const dayMs = 86_400_000

function compareUpTo(input: StoredInput, to: LogPosition) {
  const { store, reader, recordPath, settled, ttlDays, onProgress } = input
  const source = followedSource(store, reader, recordPath, settled)
  // ClickHouse counts the days by the machine's clock, also in an exercise. The day less: it goes on counting meanwhile.
  const rawFromMs = ttlDays > 0 ? Date.now() - (ttlDays - 1) * dayMs : 0
  return store.compare(source, { to, isGrowing: true, rawFromMs, onProgress: (position) => onProgress(position, to) })
}

function reported({ reader, findings }: StoredInput, compared: Comparison): StoreReport {
  for (const difference of compared.differences) findings.differs('store', {}, wordsOf(difference))
  const { position, n, rows } = compared
  return { position, n, rows, behindEntries: Math.max(0, reader.head - position) }
}

function wordsOf({ table, month, expected, found, keys }: Difference): string {
  const digest = (side: Difference['found']) =>
    side ? `${side.rows} rows from ${side.least} to ${side.greatest}, checksum ${side.checksum}` : 'no rows'
  return `table ${table}, ${month}: ${digest(found)}; expected ${digest(expected)}; differing keys: ${keys.join(', ')}`
}
