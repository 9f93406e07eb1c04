/**
 * Door of the engine, second half: figures over units, the city's rules, and the numbers.
 *
 * Once per batch it takes what all shards said about that batch, adds the changes to its sums, judges the city at the
 * batch's last position, and numbers all verdicts: deadlines first, then by position, subject, alert before freeze,
 * rule. What it does is a function of the batches, whatever the count of shards.
 */
import { QwError } from '../core/errors.js'
import type { N, UnixMs } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Transition } from '../core/transition.js'
import { City } from './city.js'
import { cityHolderAt, PoolGuard } from './city-judge.js'
import { type CityJson, cityFromJson, cityToJson } from './city-snapshot.js'
import { addFed, type CitySaid, type FoldStep, stepCity } from './city-step.js'
import { type Draft, wholeOf } from './draft.js'
import type { GateCommon } from './gate.js'
import type { Feed } from './means.js'
import { Numbers, type NumbersJson } from './number.js'
import { compareVerdicts } from './order-of-verdicts.js'
import { type AlertStateQuery, alertStateIn } from './order-views.js'
import type { FedOutput, ShardOutput, ShardQuery } from './shard.js'
import { alertsWithStale, staleInSum, withStale } from './stale.js'
import { summaryOf } from './summary.js'
import type { ToldJson } from './told.js'
import {
  type AlertsQuery,
  type AlertView,
  listAlerts,
  listProposals,
  type ProposalsQuery,
  type ToldUnits,
} from './views.js'

export type { FoldStep } from './city-step.js'
export type { AlertView } from './views.js'

export type FoldQuery =
  /** `scope`: `city`, `county/XH`, `sector/education`, `level/township` or `kind/institution`. */
  | { readonly kind: 'summary'; readonly scope: string }
  /** The city's own alerts and proposals. */
  | AlertsQuery
  | ProposalsQuery
  | AlertStateQuery
  /** What judges now: `Standing`. */
  | { readonly kind: 'standing' }

export interface Standing {
  readonly rules: RuleSet
  readonly policy: CountingPolicy
}

export interface Fold {
  /** `outputs` of all shards for the same batch, in any order. @returns what all shards must be fed before `end`. */
  begin(step: FoldStep, outputs: readonly ShardOutput[]): readonly Feed[]
  /** The batch's transitions. `fed`: what the shards said to the feeds; empty when there were none. */
  end(fed: readonly FedOutput[]): { readonly transitions: Transition[]; readonly nextDeadlineMs?: UnixMs }
  /** What the gate must know of all units, as of the last step. */
  gateCommon(): GateCommon
  /** Time of the last step. */
  readonly nowMs: UnixMs
  /** The last transition's number. */
  readonly n: N
  /** Topic -> its last n. */
  heads(): Readonly<Record<string, N>>
  /** The last n of one topic; 0 when it has none. */
  head(topic: string): N
  /** Plain JSON, as of the last step. Undefined: there is no such thing. */
  read(query: FoldQuery): unknown
  /** A shard's answer with the `n` of each alert put in, and what of it is old: only the fold knows numbers and feeds. */
  withNumbers(query: ShardQuery, value: unknown): unknown
  /** The state as it is now, to be written while steps go on. One at a time. */
  freeze(): Draft
  /** The same in one piece. Lines of JSON; the same history gives the same text. */
  snapshot(): string
}

interface FoldJson {
  readonly format: number
  readonly numbers: NumbersJson
  readonly city: CityJson
}

const format = 4
/** Of engine 2; what it lacks is empty. */
const formatBefore = 3

export const createFold = (): Fold => foldOver(new City(), new Numbers())

/** @throws QwError QW_SNAPSHOT_DAMAGED */
export const restoreFold = (snapshot: string): Fold => restoreFoldFrom([snapshot])

/** From the pieces of its snapshot, each of whole lines. @throws QwError QW_SNAPSHOT_DAMAGED */
export function restoreFoldFrom(pieces: Iterable<string>): Fold {
  try {
    const [head = '', ...lines] = [...pieces].flatMap((piece) => piece.split('\n').filter((line) => line !== ''))
    const json = JSON.parse(head) as FoldJson
    if (json.format !== format && json.format !== formatBefore)
      throw new Error(`format ${json.format} is not ${format}`)
    const numbers = Numbers.from(
      json.numbers,
      lines.map((line) => JSON.parse(line)),
    )
    return foldOver(cityFromJson(json.city), numbers)
  } catch (error) {
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file: 'of the fold', reason: (error as Error).message })
  }
}

function foldOver(city: City, numbers: Numbers): Fold {
  const pool = new PoolGuard()
  let begun: { readonly said: CitySaid; readonly outputs: readonly ShardOutput[] } | undefined
  return {
    begin(step, outputs) {
      const said = stepCity(city, step, outputs)
      begun = { said, outputs }
      return said.feeds
    },
    end(fed) {
      if (!begun) throw new Error('a batch was ended that was not begun')
      const { said, outputs } = begun
      begun = undefined
      addFed(city, fed)
      const passed = [...outputs.flatMap((output) => output.passed), ...said.passed]
      const verdicts = [...outputs.flatMap((output) => output.verdicts), ...fed.flatMap((output) => output.verdicts)]
      const transitions = [
        ...passed.sort(compareVerdicts),
        ...[...verdicts, ...said.verdicts].sort(compareVerdicts),
      ].map((verdict) => numbers.next(verdict))
      const latest = fed.length > 0 ? fed : outputs
      const deadlines = [...latest.map(({ nextDeadlineMs }) => nextDeadlineMs), city.deadlines.next]
      const next = Math.min(...deadlines.map((deadline) => deadline ?? Number.POSITIVE_INFINITY))
      return { transitions, ...(Number.isFinite(next) ? { nextDeadlineMs: next as UnixMs } : {}) }
    },
    gateCommon: () => ({ counted: city.policy.bases, ...pool.room(city) }),
    get nowMs() {
      return city.nowMs
    },
    get n() {
      return numbers.n
    },
    heads: () => numbers.heads(),
    head: (topic) => numbers.head(topic),
    read: (query) => readCity(city, numbers, query),
    withNumbers: (query, value) => numbered(city, numbers, query, value),
    freeze: () => freezeFold(city, numbers),
    snapshot: () => wholeOf(freezeFold(city, numbers)),
  }
}

/** A line about the city, which is small, then one for each topic and each alert. */
function freezeFold(city: City, numbers: Numbers): Draft {
  const json: FoldJson = { format, numbers: numbers.toJson(), city: cityToJson(city) }
  const frozen = numbers.freeze()
  let lines = [`${JSON.stringify(json)}\n`]
  return {
    next(entriesMax) {
      frozen.write(lines, entriesMax)
      const text = lines.join('')
      lines = []
      return text
    },
  }
}

function readCity(city: City, numbers: Numbers, query: FoldQuery): unknown {
  switch (query.kind) {
    case 'summary':
      return summaryOf(city, query.scope)
    case 'proposals':
      return listProposals([...city.holders()], query)
    case 'alerts':
      return withNumbers(numbers, listAlerts([...city.holders()], query))
    case 'alertState':
      return alertStateIn(city, cityHolderAt(city, query.subject), query.rule)
    case 'standing':
      return { rules: city.rules.set, policy: city.policy } satisfies Standing
  }
}

function numbered(city: City, numbers: Numbers, query: ShardQuery, value: unknown): unknown {
  if (value === undefined) return undefined
  switch (query.kind) {
    case 'alerts':
      return alertsWithStale(city, withNumbers(numbers, value as ToldAlert[]))
    case 'told':
      return staleInSum(city, value as ToldUnits[])
    case 'unit':
      return unitWithNumbers(city, numbers, value as UnitWithAlerts)
    case 'units':
      return (value as UnitWithAlerts[]).map((unit) => unitWithNumbers(city, numbers, unit))
    case 'freezes':
    case 'figures':
    case 'proposals':
    case 'alertState':
    case 'request':
      return value
  }
}

type ToldAlert = AlertView & { readonly toldBy: ToldJson }

interface UnitWithAlerts {
  readonly alerts: readonly AlertView[]
  readonly toldBy: ToldJson
}

const unitWithNumbers = (city: City, numbers: Numbers, unit: UnitWithAlerts): object =>
  withStale(city, { ...unit, alerts: withNumbers(numbers, unit.alerts) })

const withNumbers = <A extends AlertView>(
  numbers: Numbers,
  alerts: readonly A[],
): (A & { readonly n: N | undefined })[] =>
  alerts.map((alert) => ({ ...alert, n: numbers.ofAlert(alert.subject, alert.rule) }))
