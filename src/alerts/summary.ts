/**
 * The sums of one scope as they are read: `GET /v1/summary`.
 */
import { bases, counties, levels, sectors, unitKinds } from '../core/names.js'
import type { Cells } from './cells.js'
import type { Cell } from './profile.js'

const dimensions: Readonly<
  Record<string, { readonly of: (cell: Cell) => string; readonly values: readonly string[] }>
> = {
  county: { of: ({ county }) => county, values: counties },
  sector: { of: ({ sector }) => sector, values: sectors },
  level: { of: ({ level }) => level, values: levels },
  kind: { of: ({ kind }) => kind, values: unitKinds },
}

/** Undefined when there is no such scope. */
export function summaryOf(cells: Cells, policy: string, scope: string): unknown {
  const includes = filterOf(scope)
  if (!includes) return undefined
  const sums = cells.sum(includes)
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

function filterOf(scope: string): ((cell: Cell) => boolean) | undefined {
  if (scope === 'city') return () => true
  const [name = '', value = '', ...rest] = scope.split('/')
  const dimension = Object.hasOwn(dimensions, name) ? dimensions[name] : undefined
  if (!dimension?.values.includes(value) || rest.length > 0) return undefined
  return (cell) => dimension.of(cell) === value
}
