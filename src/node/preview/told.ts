/**
 * What a rule set would change, told: counts, a sentence in both languages, and the lists.
 */
import { formatTime } from '../../core/day.js'
import type { N, UnixMs } from '../../core/names.js'
import type { Rule, RuleSet } from '../../core/rule-set.js'
import { shownFields } from '../../core/shown.js'
import type { Transition } from '../../core/transition.js'
import { type Counts, countsOf } from './counts.js'
import { sentenceOf } from './sentence.js'

interface ChangedRule {
  readonly id: string
  /** The parts of the rule that differ, by their names in the file. */
  readonly parts: readonly string[]
}

/** The first so many, in the order in which they would be numbered, and how many there are. */
interface Listed {
  readonly total: number
  readonly items: readonly object[]
}

export interface Told {
  /** The state that it was tried on: after this transition. */
  readonly n: N
  /** RFC 3339. */
  readonly at: string
  readonly from: { readonly name: string; readonly version: string }
  readonly to: { readonly name: string; readonly version: string }
  readonly sentence: { readonly zh: string; readonly en: string }
  readonly counts: Counts
  readonly rules: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changed: readonly ChangedRule[]
    /** Parts of the set outside its rules that differ: `escalation`, `sources`, `playbooks`. */
    readonly set: readonly string[]
  }
  readonly freezes: Listed
  readonly alerts: Listed
  readonly proposals: Listed
  /** Escalations, and whatever else. */
  readonly others: Listed
}

export interface Tried {
  readonly from: RuleSet
  readonly to: RuleSet
  readonly transitions: readonly Transition[]
  readonly n: N
  readonly nowMs: UnixMs
  readonly limit: number
}

export function tell({ from, to, transitions, n, nowMs, limit }: Tried): Told {
  const counts = countsOf(transitions)
  const listed = (accepts: (kind: string) => boolean): Listed => {
    const all = transitions.filter(({ kind }) => accepts(kind))
    return { total: all.length, items: all.slice(0, limit).map(unnumbered) }
  }
  return {
    n,
    at: formatTime(nowMs),
    from: { name: from.name, version: from.version },
    to: { name: to.name, version: to.version },
    sentence: sentenceOf(counts, transitions.length),
    counts,
    rules: differenceOf(from, to),
    freezes: listed((kind) => kind === 'freeze'),
    alerts: listed((kind) => kind === 'alert'),
    proposals: listed((kind) => kind === 'proposal'),
    others: listed((kind) => !['freeze', 'alert', 'proposal'].includes(kind)),
  }
}

/** What has not happened has no number, and stands nowhere in the log. */
function unnumbered(transition: Transition): object {
  const { position: _, ...fields } = shownFields(transition)
  return fields
}

function differenceOf(from: RuleSet, to: RuleSet): Told['rules'] {
  const before = new Map(from.rules.map((rule) => [rule.id, rule]))
  const after = new Set(to.rules.map(({ id }) => id))
  return {
    added: to.rules.filter(({ id }) => !before.has(id)).map(({ id }) => id),
    removed: from.rules.filter(({ id }) => !after.has(id)).map(({ id }) => id),
    changed: to.rules.flatMap((rule) => {
      const was = before.get(rule.id)
      return was && was.version !== rule.version ? [{ id: rule.id, parts: partsThatDiffer(was, rule) }] : []
    }),
    set: (['escalation', 'sources', 'playbooks'] as const).filter((part) => differs(from[part], to[part])),
  }
}

function partsThatDiffer(was: Rule, is: Rule): string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]) as Set<keyof Rule>
  return [...names].filter((name) => name !== 'version' && differs(was[name], is[name])).sort()
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)
