/**
 * For tests of the record: settings that fit, and transitions numbered without a gap, on topics whose chains are right.
 */
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import type { RecordSettings } from '../../src/log/record.js'

export const settingsFor = (directory: string, over: Partial<RecordSettings> = {}): RecordSettings => ({
  directory,
  recordSegmentBytesMax: 1 << 20,
  recordRingTransitionsMax: 1000,
  recordFlushEveryMs: 5,
  recordRetryMs: 5,
  recordPendingBytesMax: 1 << 20,
  onFatal: (error) => {
    throw error
  },
  ...over,
})

export const n = (number: number) => number as N

/** `names` in turn. */
export const unitsOf = (count: number, ...names: string[]): string[] =>
  Array.from({ length: count }, (_, index) => names[index % names.length] ?? '')

/** Number 1, 2, 3 …; the i-th is about `units[i]`, on the topics `all` and `unit/<id>`. */
export function transitionsOf(units: readonly string[]): Transition[] {
  const heads = new Map<string, N>()
  return units.map((unit, index) => {
    const topics = ['all', `unit/${unit}`].map((topic) => [topic, heads.get(topic) ?? n(0)] as const)
    for (const [topic] of topics) heads.set(topic, n(index + 1))
    return {
      n: n(index + 1),
      topics: Object.fromEntries(topics),
      kind: 'alert',
      rule: 'over-quota',
      subject: unit,
      unit,
      from: 'green',
      to: 'red',
      position: (index + 7) as LogPosition,
      at: 1_700_000_000_000 as UnixMs,
      why: { events: [], policy: 'home@1', assumed: false },
    }
  })
}

export const headOf = (transitions: readonly Transition[], unit: string): N =>
  transitions.findLast((transition) => transition.unit === unit)?.n ?? n(0)
