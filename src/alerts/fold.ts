/**
 * Door of the engine, second half: figures over units, the city's rules, and the numbers.
 *
 * Once per batch it takes what all shards said about that batch, adds the changes to its sums, judges the city at the
 * batch's last position, and numbers all verdicts: deadlines first, then by position, subject, alert before freeze,
 * rule. What it does is a function of the batches, whatever the count of shards.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { City, type CityJson } from './city.js'
import { Numbers, type NumbersJson } from './number.js'
import { compareVerdicts } from './order-of-verdicts.js'
import type { ShardOutput, ShardQuery, Step } from './shard.js'
import { summaryOf } from './summary.js'
import { type AlertsQuery, type AlertView, listAlerts } from './views.js'

export type FoldQuery =
  /** `scope`: `city`, `county/XH`, `sector/education`, `level/township` or `kind/institution`. */
  | { readonly kind: 'summary'; readonly scope: string }
  /** The city's own alerts. */
  | AlertsQuery

export interface FoldStep extends Step {
  readonly lastPosition: LogPosition
}

export interface Fold {
  /** `outputs` of all shards for the same batch, in any order. */
  step(
    step: FoldStep,
    outputs: readonly ShardOutput[],
  ): { readonly transitions: Transition[]; readonly nextDeadlineMs?: UnixMs }
  /** The last transition's number. */
  readonly n: N
  /** Topic -> its last n. */
  heads(): Readonly<Record<string, N>>
  /** The last n of one topic; 0 when it has none. */
  head(topic: string): N
  /** Plain JSON, as of the last step. Undefined: there is no such thing. */
  read(query: FoldQuery): unknown
  /** A shard's answer with the `n` of each alert put in: only the fold knows numbers. */
  withNumbers(query: ShardQuery, value: unknown): unknown
  /** JSON; the same history gives the same text. */
  snapshot(): string
}

interface FoldJson {
  readonly format: number
  readonly numbers: NumbersJson
  readonly city: CityJson
}

const format = 1

export const createFold = (): Fold => foldOver(new City(), new Numbers())

/** @throws QwError QW_SNAPSHOT_DAMAGED */
export function restoreFold(snapshot: string): Fold {
  try {
    const json = JSON.parse(snapshot) as FoldJson
    if (json.format !== format) throw new Error(`format ${json.format} is not ${format}`)
    return foldOver(City.from(json.city), Numbers.from(json.numbers))
  } catch (error) {
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file: 'of the fold', reason: (error as Error).message })
  }
}

function foldOver(city: City, numbers: Numbers): Fold {
  return {
    step(step, outputs) {
      const own = city.step(step, outputs)
      const transitions = [
        ...outputs.flatMap(({ passed }) => passed).sort(compareVerdicts),
        ...[...outputs.flatMap(({ verdicts }) => verdicts), ...own].sort(compareVerdicts),
      ].map((verdict) => numbers.next(verdict))
      const deadlines = [...outputs.map(({ nextDeadlineMs }) => nextDeadlineMs), city.nextDeadlineMs]
      const next = Math.min(...deadlines.map((deadline) => deadline ?? Number.POSITIVE_INFINITY))
      return { transitions, ...(Number.isFinite(next) ? { nextDeadlineMs: next as UnixMs } : {}) }
    },
    get n() {
      return numbers.n
    },
    heads: () => numbers.heads(),
    head: (topic) => numbers.head(topic),
    read: (query) =>
      query.kind === 'summary'
        ? summaryOf(city.cells, city.policyName, query.scope)
        : withNumbers(numbers, listAlerts([city], query)),
    withNumbers: (query, value) => numbered(numbers, query, value),
    snapshot: () => JSON.stringify({ format, numbers: numbers.toJson(), city: city.toJson() } satisfies FoldJson),
  }
}

function numbered(numbers: Numbers, query: ShardQuery, value: unknown): unknown {
  if (value === undefined) return undefined
  switch (query.kind) {
    case 'alerts':
      return withNumbers(numbers, value as AlertView[])
    case 'unit':
      return unitWithNumbers(numbers, value as UnitWithAlerts)
    case 'units':
      return (value as UnitWithAlerts[]).map((unit) => unitWithNumbers(numbers, unit))
    case 'freezes':
    case 'figures':
      return value
  }
}

interface UnitWithAlerts {
  readonly alerts: readonly AlertView[]
}

const unitWithNumbers = (numbers: Numbers, unit: UnitWithAlerts): UnitWithAlerts => ({
  ...unit,
  alerts: withNumbers(numbers, unit.alerts),
})

const withNumbers = (numbers: Numbers, alerts: readonly AlertView[]): (AlertView & { readonly n: N | undefined })[] =>
  alerts.map((alert) => ({ ...alert, n: numbers.ofAlert(alert.subject, alert.rule) }))
