import t from 'tap'
import { type GateCommon, type GateRow, refusals } from '../../src/alerts/gate.js'
import type { GateBasis } from '../../src/core/gate.js'
import type { Posts } from '../../src/core/names.js'

const common: GateCommon = {
  counted: ['permanent', 'seconded_out', 'posted_out'],
  poolLeft: 5,
  poolRule: 'pool-capacity',
}

const row = (over: Partial<GateRow> = {}): GateRow => ({
  standing: 'registered',
  hasQuota: true,
  usable: 10,
  filled: 8,
  isFrozen: false,
  reasons: [],
  ...over,
})

const frozen = row({ isFrozen: true, reasons: ['order', 'over-quota'] })
const noQuota = row({ hasQuota: false, usable: 0, filled: 0 })
const overAndFrozen = row({ filled: 11, isFrozen: true, reasons: ['over-quota'] })

const cases: readonly (readonly [string, GateRow, GateBasis, number, readonly string[]])[] = [
  ['the last free post may be used', row(), 'permanent', 2, []],
  ['one more than is free may not', row(), 'permanent', 3, ['QW_GATE_OVER_QUOTA']],
  ['without any quota nothing is free', noQuota, 'permanent', 1, ['QW_GATE_NO_QUOTA']],
  ['a quota of zero is one', row({ usable: 0, filled: 0 }), 'permanent', 1, ['QW_GATE_OVER_QUOTA']],
  ['a frozen unit is told each reason', frozen, 'permanent', 1, ['QW_GATE_FROZEN', 'QW_GATE_FROZEN over-quota']],
  ['frozen and full are both said', overAndFrozen, 'permanent', 1, ['QW_GATE_FROZEN over-quota', 'QW_GATE_OVER_QUOTA']],
  ['who does not count under the policy uses no post', overAndFrozen, 'seconded_in', 9, []],
  ['a closed unit takes nobody', row({ standing: 'closed' }), 'seconded_in', 1, ['QW_UNIT_CLOSED']],
  ['the pool lends what it has left', frozen, 'pool', 5, []],
  ['and not one more', row(), 'pool', 6, ['QW_GATE_POOL pool-capacity']],
  ['nor to a closed unit', row({ standing: 'closed' }), 'pool', 1, ['QW_UNIT_CLOSED']],
]

for (const [claim, of, basis, count, expected] of cases)
  t.test(claim, async (t) => {
    const reasons = refusals({ unit: 'PJ-1', count: count as Posts, basis }, of, common)
    t.same(
      reasons.map(({ code, rule }) => (rule === undefined ? code : `${code} ${rule}`)),
      expected,
    )
    for (const { text } of reasons) t.notMatch(text, /[{}]/, 'every figure is filled in')
  })
