/** What a unit's figures show: the fields of its row in `unit_state`, and its share in the sums of its county and sector. */
import { type CountingPolicy, policyNameOf } from '../core/policy.js'
import type { Share } from './hourly.js'
import type { Field } from './tsv.js'
import { filledUnder, stands, type UnitFigures, worstColour } from './unit-figures.js'

export interface Shown {
  /** In the order of the table, from `county` on. Missing is null. */
  readonly fields: readonly Field[]
  /** Absent for a unit that is not registered or is closed: it stands in no sum. */
  readonly share: Share | undefined
}

interface Computed {
  readonly approved: number | null
  readonly usable: number | null
  readonly filled: number
  readonly overBy: number | null
}

export function showUnit(unit: UnitFigures, policy: CountingPolicy): Shown {
  const filled = filledUnder(unit, policy)
  const approved = unit.approved?.posts ?? null
  const usable = approved === null ? null : approved + unit.onLoan
  const computed = { approved, usable, filled, overBy: usable === null ? null : filled - usable }
  return { fields: fieldsOf(unit, computed, policy), share: shareOf(unit, computed) }
}

const fieldsOf = (unit: UnitFigures, computed: Computed, policy: CountingPolicy): Field[] => [
  unit.profile?.county ?? '',
  unit.profile?.sector ?? '',
  unit.profile?.level ?? '',
  unit.profile?.kind ?? '',
  unit.profile?.frontline ?? false,
  stands(unit),
  computed.approved,
  unit.onLoan,
  computed.usable,
  computed.filled,
  computed.overBy,
  ...unit.heads,
  unit.contract,
  worstColour(unit),
  unit.freeze,
  policyNameOf(policy),
]

function shareOf(unit: UnitFigures, { approved, usable, filled, overBy }: Computed): Share | undefined {
  const { profile, onLoan, contract, freeze } = unit
  if (!profile || !stands(unit)) return undefined
  const colour = worstColour(unit)
  const posts = approved ?? 0
  return {
    county: profile.county,
    sector: profile.sector,
    // In the order of `sumNames`.
    sums: [
      1,
      posts,
      onLoan,
      usable ?? 0,
      filled,
      Math.max(0, overBy ?? 0),
      profile.kind === 'institution' ? posts : 0,
      contract,
      Number(colour === 'green'),
      Number(colour === 'yellow'),
      Number(colour === 'red'),
      Number(freeze === 'frozen'),
    ],
  }
}
