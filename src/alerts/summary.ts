/**
 * The sums of one scope as they are read: `GET /v1/summary`.
 */
import { bases, counties, levels, sectors, unitKinds } from '../core/names.js'
import type { Cells } from './cells.js'

const dimensions = Object.entries({ county: counties, sector: sectors, level: levels, kind: unitKinds })
const scopes = new Set(['city', ...dimensions.flatMap(([name, values]) => values.map((value) => `${name}/${value}`))])

/** Undefined when there is no such scope. */
export function summaryOf(cells: Cells, policy: string, scope: string): unknown {
  if (!scopes.has(scope)) return undefined
  const sums = cells.sums(scope)
  const { approved, onLoan, usable, filled, contract } = sums
  return {
    scope,
    units: sums.units,
    facts: {
      approved,
      onLoan,
      usable,
      filled,
      overBy: filled - usable,
      vacancyRatio: usable > 0 ? (usable - filled) / usable : null,
      contract,
      movedByState: sums.movedByState,
      heads: Object.fromEntries(bases.map((basis) => [basis, sums[basis]])),
    },
    policy,
    colours: { green: sums.green, yellow: sums.yellow, red: sums.red },
    frozen: sums.frozen,
  }
}
