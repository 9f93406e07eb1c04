/**
 * What is old in an answer, because a feed that told of it is silent (domain 4, `silent-source`). The fold says so, for it
 * knows when each feed was heard.
 */
import { formatTime } from '../core/day.js'
import type { Colour } from '../core/names.js'
import type { City } from './city.js'
import type { Source } from './city-things.js'
import { colourOfWorst, worstOf } from './judge.js'
import { hangsOn, membersOf, type ToldBits, type ToldJson } from './told.js'

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

/** Marks a unit's answer; `toldBy` is only the shard's word to the fold. */
export function withStale<A extends ShownAlert, U extends { readonly alerts: readonly A[]; readonly toldBy: ToldJson }>(
  city: City,
  { toldBy, ...unit }: U,
): object {
  const stale = toldBy.flatMap(([name, bits]): (Stale & { readonly bits: ToldBits })[] => {
    const source = city.sources.get(name)
    const colour = source && silenceOf(source)
    return source && colour
      ? [{ source: name, since: formatTime(source.heardMs), colour, facts: membersOf(bits), bits }]
      : []
  })
  if (stale.length === 0) return unit
  const old = stale.reduce((all, { bits }) => all | bits, 0)
  return {
    ...unit,
    alerts: unit.alerts.map((alert) => (isOld(city, alert, old) ? { ...alert, stale: true } : alert)),
    stale: stale.map(({ bits: _, ...shown }) => shown),
  }
}

/** The rule's scope may be one of several; each says what it hangs on. */
function isOld({ rules }: City, { rule }: ShownAlert, old: ToldBits): boolean {
  const found = (['unit', 'task', 'loan', 'request', 'case', 'report'] as const).flatMap((scope) =>
    rules.of[scope].filter((compiled) => compiled.rule.id === rule).map(({ touchedBy }) => ({ scope, touchedBy })),
  )
  return found.some(({ scope, touchedBy }) => hangsOn(old, scope, touchedBy))
}
