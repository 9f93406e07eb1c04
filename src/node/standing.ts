/**
 * What the configuration brought along last: the engine's version, the calendar, the counting policy, the rule set.
 *
 * All four can change a verdict, so each change is an entry. A start compares what the log says with what this start
 * brings along and appends the difference, before the first event is taken. What a person ordered since (a policy, a
 * rule set) is not compared: it stands until the configuration itself changes.
 */
import type { CalendarEntry, EngineEntry, LogEntry, PolicyEntry, RulesEntry } from '../core/entry.js'

export interface Standing {
  readonly engine?: EngineEntry
  readonly calendar?: CalendarEntry
  readonly policy?: PolicyEntry
  readonly rules?: RulesEntry
}

/** Standing after one more entry of the log. */
export function standingAfter(standing: Standing, entry: LogEntry): Standing {
  switch (entry.kind) {
    case 'engine':
      return { ...standing, engine: entry }
    case 'calendar':
      return { ...standing, calendar: entry }
    case 'policy':
      return entry.origin === 'order' ? standing : { ...standing, policy: entry }
    case 'rules':
      return entry.origin === 'order' ? standing : { ...standing, rules: entry }
    default:
      return standing
  }
}

/** The entries that lead from what stands to what is wanted; the engine first, for it judges the rest. */
export function standingChanges(standing: Standing, wanted: Required<Standing>): LogEntry[] {
  const keys = ['engine', 'calendar', 'policy', 'rules'] as const
  return keys.flatMap((key) => (JSON.stringify(standing[key]) === JSON.stringify(wanted[key]) ? [] : [wanted[key]]))
}
