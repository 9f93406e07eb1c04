/**
 * What is old in an answer, because a feed that told of it is silent (domain 4, `silent-source`). The fold says so, for it
 * knows when each feed was heard.
 */
import { formatTime } from '../core/day.js'
import type { Colour } from '../core/names.js'
import type { City } from './city.js'
import type { Source } from './city-things.js'
import { colourOfWorst, worstOf } from './judge.js'
import { sorted } from './sorted.js'
import { hangsOn, membersOf, type ToldBits, type ToldJson } from './told.js'
import type { ToldUnits } from './views.js'

export interface Stale {
  readonly source: string
  /** When it was heard last. */
  readonly since: string
  /** Of the alert about it. */
  readonly colour: Colour
  /** The members of the answer that hang on it. */
  readonly facts: readonly string[]
}

/** Undefined while it speaks as it is expected to. */
export function silenceOf(source: Source): Colour | undefined {
  const worst = worstOf(source)
  return worst === 0 ? undefined : colourOfWorst(worst)
}

interface ShownAlert {
  readonly rule: string
}

/** Of what was told by these; empty while they speak. */
const silentAmong = (city: City, toldBy: ToldJson): (Stale & { readonly bits: ToldBits })[] =>
  toldBy.flatMap(([name, bits]) => {
    const source = city.sources.get(name)
    const colour = source && silenceOf(source)
    return source && colour
      ? [{ source: name, since: formatTime(source.heardMs), colour, facts: membersOf(bits), bits }]
      : []
  })

const bitsOf = (stale: readonly { readonly bits: ToldBits }[]): ToldBits =>
  stale.reduce((all, { bits }) => all | bits, 0)

/** Marks alerts of units; `toldBy` is only the shard's word to the fold. */
export const alertsWithStale = <A extends ShownAlert & { readonly toldBy: ToldJson }>(
  city: City,
  alerts: readonly A[],
): Omit<A, 'toldBy'>[] =>
  alerts.map(({ toldBy, ...alert }) =>
    isOld(city, alert, bitsOf(silentAmong(city, toldBy))) ? { ...alert, stale: true } : alert,
  )

/** How much of a sum is old: the units of the scope of which a silent feed told. Absent while every feed speaks. */
export function staleInSum(city: City, told: readonly ToldUnits[]): { readonly stale?: StaleInSum } {
  const feeds = new Map<string, Stale & { units: number; bits: ToldBits }>()
  let all = 0
  for (const { toldBy, units } of told) {
    const silent = silentAmong(city, toldBy)
    if (silent.length > 0) all += units
    for (const { bits, ...feed } of silent) {
      const known = feeds.get(feed.source) ?? { ...feed, units: 0, bits: 0 }
      feeds.set(feed.source, { ...known, units: known.units + units, bits: known.bits | bits })
    }
  }
  if (feeds.size === 0) return {}
  const shown = sorted(feeds).map(([, { bits, ...feed }]) => ({
    ...feed,
    facts: membersOf(bits).filter((name) => summed.has(name)),
  }))
  return { stale: { units: all, feeds: shown } }
}

export interface StaleInSum {
  /** Of the scope, each counted once. */
  readonly units: number
  readonly feeds: readonly (Stale & { readonly units: number })[]
}

/** What of a unit's answer a sum has too. */
const summed = new Set(['approved', 'onLoan', 'usable', 'filled', 'overBy', 'vacancyRatio', 'contract', 'heads'])

/** Marks a unit's answer; `toldBy` is only the shard's word to the fold. */
export function withStale<A extends ShownAlert, U extends { readonly alerts: readonly A[]; readonly toldBy: ToldJson }>(
  city: City,
  { toldBy, ...unit }: U,
): object {
  const stale = silentAmong(city, toldBy)
  if (stale.length === 0) return unit
  const old = bitsOf(stale)
  return {
    ...unit,
    alerts: unit.alerts.map((alert) => (isOld(city, alert, old) ? { ...alert, stale: true } : alert)),
    stale: stale.map(({ bits: _, ...shown }) => shown),
  }
}

/** The rule's scope may be one of several; each says what it hangs on. */
function isOld({ rules }: City, { rule }: ShownAlert, old: ToldBits): boolean {
  if (old === 0) return false
  const found = (['unit', 'task', 'loan', 'request', 'case', 'report'] as const).flatMap((scope) =>
    rules.of[scope].filter((compiled) => compiled.rule.id === rule).map(({ touchedBy }) => ({ scope, touchedBy })),
  )
  return found.some(({ scope, touchedBy }) => hangsOn(old, scope, touchedBy))
}
