/**
 * What the gate must know of a unit, and what speaks against using posts. Pure: workers/gate-board.ts keeps the rows
 * where another thread can read them while this one judges.
 */
import { explain } from '../core/errors.js'
import type { GateQuestion, GateReason } from '../core/gate.js'
import { type Basis, bases, type UnitId } from '../core/names.js'
import { orderReason, reasonsOf } from './freeze.js'
import type { ShardState } from './shard-state.js'
import type { Unit } from './unit.js'

/** Of one unit. */
export interface GateRow {
  readonly standing: 'registered' | 'closed' | 'none'
  /** Anything was approved yet. */
  readonly hasQuota: boolean
  readonly usable: number
  readonly filled: number
  /** Frozen, and not lifted. */
  readonly isFrozen: boolean
  /** Why it is frozen: rule ids and `order`. */
  readonly reasons: readonly string[]
}

/** Of all units. */
export interface GateCommon {
  /** Bases that count into `filled` under the policy. */
  readonly counted: readonly Basis[]
  /** Posts that the pool lends before a rule refuses. */
  readonly poolLeft: number
  /** The rule that then refuses. */
  readonly poolRule: string | undefined
}

const none: readonly string[] = []

export function gateRowOf(state: ShardState, unit: Unit): GateRow {
  const isFrozen = unit.freeze?.state === 'frozen'
  return {
    standing: unit.isWide || !unit.profile ? 'none' : unit.stands ? 'registered' : 'closed',
    hasQuota: unit.hasQuota,
    usable: unit.usable,
    filled: unit.filled,
    isFrozen,
    reasons: isFrozen ? reasonsOf(unit, state.rules.freezing) : none,
  }
}

/** Slot: the how many-th unit of the shard it is, from 0; the same in everything that was restored from one snapshot. */
export type TakeRow = (slot: number, id: UnitId, row: GateRow) => void

export const eachGateRow = (state: ShardState, units: Iterable<Unit>, take: TakeRow): void => {
  for (const unit of units) take(unit.slot, unit.id, gateRowOf(state, unit))
}

/** Everything that speaks against it; empty when nothing does. `row`: of a unit that is registered or closed. */
export function refusals({ unit, count, basis }: GateQuestion, row: GateRow, common: GateCommon): GateReason[] {
  if (row.standing === 'closed') return [reason('QW_UNIT_CLOSED', { unit })]
  if (basis === 'pool') {
    const { poolLeft, poolRule } = common
    return count <= poolLeft ? [] : [reason('QW_GATE_POOL', { left: poolLeft, count }, poolRule)]
  }
  // Who does not count under the policy uses no post of this unit.
  if (!common.counted.includes(basis)) return []
  return [...frozen(unit, row), ...overQuota(unit, count, row)]
}

const frozen = (unit: string, { isFrozen, reasons }: GateRow): GateReason[] =>
  isFrozen ? reasons.map((by) => reason('QW_GATE_FROZEN', { unit, by }, by === orderReason ? undefined : by)) : []

function overQuota(unit: string, count: number, { hasQuota, usable, filled }: GateRow): GateReason[] {
  if (!hasQuota) return [reason('QW_GATE_NO_QUOTA', { unit })]
  return filled + count <= usable ? [] : [reason('QW_GATE_OVER_QUOTA', { unit, usable, filled, count })]
}

const reason = (
  code: GateReason['code'],
  detail: Readonly<Record<string, unknown>>,
  rule?: string | undefined,
): GateReason => ({ code, ...(rule === undefined ? {} : { rule }), text: explain(code, detail) })

/** In the order of `bases`: one bit each. */
export const maskOf = (counted: readonly Basis[]): number =>
  bases.reduce((mask, basis, bit) => (counted.includes(basis) ? mask | (1 << bit) : mask), 0)

export const basesOf = (mask: number): Basis[] => bases.filter((_, bit) => (mask & (1 << bit)) !== 0)
