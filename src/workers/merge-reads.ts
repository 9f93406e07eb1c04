/**
 * What several shards and the fold answer to one query, as one value: the same for any count of shards.
 */
import type { Fold, FoldQuery } from '../alerts/fold.js'
import type { ShardQuery } from '../alerts/shard.js'

export type ReadQuery =
  | Exclude<ShardQuery, { kind: 'told' }>
  | SummaryQuery
  | Extract<FoldQuery, { kind: 'standing' }>
  | HeadQuery

/** `withStale`: also how much of the sum is old, for which every unit is looked at. */
type SummaryQuery = Extract<FoldQuery, { kind: 'summary' }> & { readonly withStale?: true }

/** The last n on a topic; 0 when there is none. */
interface HeadQuery {
  readonly kind: 'head'
  readonly topic: string
}

/** Undefined when the shards have nothing to say to it. */
export function shardQueryOf(query: ReadQuery): ShardQuery | undefined {
  if (query.kind === 'summary') return query.withStale && { kind: 'told', scope: query.scope }
  return query.kind === 'standing' || query.kind === 'head' ? undefined : query
}

/** `ofShards`: one value per shard, in shard order; empty for a query of the fold. */
export function mergeReads(query: ReadQuery, ofShards: readonly unknown[], fold: Fold): unknown {
  switch (query.kind) {
    case 'summary':
      return summaryOf(query, ofShards, fold)
    case 'standing':
      return fold.read(query)
    case 'head':
      return fold.head(query.topic)
    case 'unit':
      return fold.withNumbers(
        query,
        ofShards.find((value) => value !== undefined),
      )
    case 'units':
      return fold.withNumbers(query, sortedBy(ofShards, ({ id }) => id).slice(0, query.limit))
    case 'alerts': {
      const own = fold.read(query) as Item[]
      const ofUnits = fold.withNumbers(query, sortedBy(ofShards, keyOfAlert)) as Item[]
      return sortedBy([own, ofUnits], keyOfAlert)
    }
    case 'alertState':
      return fold.read(query) ?? ofShards.find((value) => value !== undefined)
    case 'request':
      return ofShards.find((value) => value !== undefined)
    case 'proposals':
      return sortedBy([fold.read(query), ...ofShards], ({ proposalId }) => proposalId)
    case 'freezes':
    case 'figures':
      return sortedBy(ofShards, ({ unit }) => unit)
  }
}

function summaryOf({ scope, withStale }: SummaryQuery, ofShards: readonly unknown[], fold: Fold): unknown {
  const sums = fold.read({ kind: 'summary', scope })
  if (!withStale || sums === undefined) return sums
  return { ...(sums as Item), ...(fold.withNumbers({ kind: 'told', scope }, ofShards.flat()) as Item) }
}

type Item = Readonly<Record<string, unknown>>

const keyOfAlert = ({ subject, rule }: Item): string => `${String(subject)}\0${String(rule)}`

/** By code unit, as everything that is numbered is ordered. */
function sortedBy(lists: readonly unknown[], keyOf: (item: Item) => unknown): Item[] {
  const keyed = (lists as Item[][]).flat().map((item) => ({ key: String(keyOf(item)), item }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return keyed.map(({ item }) => item)
}
