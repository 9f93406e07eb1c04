/**
 * The facts of a unit that a rule may name, as whole posts and heads.
 *
 * Before the first `quota.approved` what is computed from it is missing; zero is a value.
 */
import { bases } from '../core/names.js'
import type { FactTable } from './figure.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'

const withoutQuota = (unit: Unit): boolean => !unit.hasQuota

const heads: FactTable<Unit> = Object.fromEntries(
  bases.map((basis, i) => [
    basis,
    { type: 'int' as const, read: (unit: Unit) => unit.heads[i] as number, touchedBy: touch.heads },
  ]),
)

export const unitFacts: FactTable<Unit> = {
  approved: {
    type: 'int',
    read: (unit) => unit.approvals.approved,
    missing: withoutQuota,
    touchedBy: touch.quota,
  },
  onLoan: { type: 'int', read: (unit) => unit.onLoan, touchedBy: touch.loans },
  usable: {
    type: 'int',
    read: (unit) => unit.usable,
    missing: withoutQuota,
    touchedBy: touch.quota | touch.loans,
  },
  filled: { type: 'int', read: (unit) => unit.filled, touchedBy: touch.heads },
  overBy: {
    type: 'int',
    read: (unit) => unit.filled - unit.usable,
    missing: withoutQuota,
    touchedBy: touch.quota | touch.loans | touch.heads,
  },
  contract: { type: 'int', read: (unit) => unit.contract, touchedBy: touch.contract },
  movedByState: {
    type: 'int',
    read: (unit) => unit.approvals.movedByState,
    missing: withoutQuota,
    touchedBy: touch.quota,
  },
  enteredWhileFrozen: { type: 'int', read: (unit) => unit.enteredWhileFrozen, touchedBy: touch.frozenUse },
  ...heads,
}
