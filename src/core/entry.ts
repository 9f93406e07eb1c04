/**
 * What the log holds. Everything that can influence a verdict is an entry (design, "One log, one number, one judge").
 *
 * Entries are committed in batches; every batch carries `nowMs`, never smaller than the batch before, and the engine
 * knows no other time. An entry is JSON on one line, so that `quotawatch log export` is readable by any tool.
 */
import type { ErrorCode } from './errors.js'
import type { QuotaEvent } from './event.js'
import type { LogPosition, UnixMs } from './names.js'
import type { Order } from './order.js'
import type { CountingPolicy } from './policy.js'
import type { RuleSet } from './rule-set.js'

/** What a quarantined event waits for: the log entry that brings it lets the event in (sequencer). */
export interface WaitKey {
  readonly kind: 'unit' | 'loan' | 'posts-out' | 'task' | 'request' | 'case'
  /** `unit` for units, `unit/loanId` for the rest (ids of loans, tasks, requests and cases are their unit's own). */
  readonly key: string
}

/** An accepted event. `timeMs` is its `time`, parsed once at the border. */
export interface EventEntry {
  readonly kind: 'event'
  readonly timeMs: UnixMs
  readonly event: QuotaEvent
  /** The quarantine item that this event came from: it waited there, or was corrected by a person (`corrected`). */
  readonly released?: string
  readonly corrected?: Correction
}

/** A person's word on an item of the quarantine. */
export interface Correction {
  /** As the caller names the person. */
  readonly by: string
  /** In the person's words; never empty. */
  readonly reason: string
}

/** An event that was not accepted, as it came, and why. Kept in the log so that nothing that was answered is lost. */
export interface QuarantinedEntry {
  readonly kind: 'quarantined'
  /** The position of the item's first entry, as text. A later entry of the same item amends it. */
  readonly item: string
  readonly code: ErrorCode
  /** JSON pointer of the field at fault, for example `/data/count`. */
  readonly field?: string
  readonly reason: string
  readonly waitsFor?: WaitKey
  /**
   * The event as parsed JSON; where it was of no event's size or depth, the attribute at fault as the text of its JSON, or all
   * of it so; the line where that was no JSON, and a `data:` URL where it was no text (ingest/kept-event.ts).
   */
  readonly event: unknown
  /** Where another event of its pair had been taken already, when one had. */
  readonly taken?: LogPosition
  /** The service's clock at the decision; absent: that of the batch. */
  readonly atMs?: UnixMs
  /** A person has put this event in the place of the one before, and it waits. */
  readonly corrected?: Correction
}

/** An item of the quarantine that a person has set aside for good. */
export interface DismissedEntry extends Correction {
  readonly kind: 'dismissed'
  readonly item: string
}

export interface OrderEntry {
  readonly kind: 'order'
  readonly order: Order
}

/** Nothing but time: appended when the engine's next deadline passes. */
export interface TickEntry {
  readonly kind: 'tick'
}

export interface RulesEntry {
  readonly kind: 'rules'
  readonly rules: RuleSet
  /** Where it came from: the file that the configuration names, or an order. Absent: the file. */
  readonly origin?: 'order'
}

/** Working days of China: weekdays that are public holidays and weekend days that are worked. Days `YYYY-MM-DD`. */
export interface CalendarEntry {
  readonly kind: 'calendar'
  /** Years the two lists are complete for; other years are counted Monday to Friday and marked uncertain. */
  readonly years: { readonly first: number; readonly last: number }
  readonly holidays: readonly string[]
  readonly makeUpWorkdays: readonly string[]
}

/** Who counts as staff on quota (domain 1). */
export interface PolicyEntry {
  readonly kind: 'policy'
  readonly policy: CountingPolicy
  /** As with rules: the configuration, or an order. */
  readonly origin?: 'order'
}

/** What the service says of itself: a part of it is well (0), worse (1) or bad (2). */
export interface AlarmEntry {
  readonly kind: 'alarm'
  /** For example `disk`, `store`, `delay`. */
  readonly part: string
  readonly level: 0 | 1 | 2
  readonly reason: string
}

/**
 * An entry that made the engine throw, set aside: no engine judges it, neither now nor when the log is read back.
 *
 * It is durable before anything is said that was judged without `position`, so a reader that looks for these first comes
 * to the same transitions. The entry itself stays where it is.
 */
export interface SkippedEntry {
  readonly kind: 'skipped'
  /** Before this entry's own. */
  readonly position: LogPosition
  /** What the engine threw, and where; cut when long. */
  readonly error: string
  readonly stack: string
}

/** Which engine judges from here on. Replay under another version is refused (design 6). */
export interface EngineEntry {
  readonly kind: 'engine'
  readonly version: string
}

export type LogEntry =
  | EventEntry
  | QuarantinedEntry
  | DismissedEntry
  | OrderEntry
  | TickEntry
  | RulesEntry
  | CalendarEntry
  | PolicyEntry
  | EngineEntry
  | AlarmEntry
  | SkippedEntry

/** A committed batch. `entries[i]` stands at position `firstPosition + i`. Never empty. */
export interface Batch {
  readonly firstPosition: LogPosition
  readonly nowMs: UnixMs
  readonly entries: readonly LogEntry[]
}
