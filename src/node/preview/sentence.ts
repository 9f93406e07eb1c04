/**
 * What a person must know before activating a rule set, in one sentence.
 */
import type { Counts } from './counts.js'

type Part = readonly [count: number, zh: (count: number) => string, en: (count: number) => string]

const s = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const partsOf = (counts: Counts): readonly Part[] => [
  [counts.unitsFrozen, (n) => `冻结 ${n} 个单位`, (n) => `freeze ${s(n, 'unit')}`],
  [counts.unitsReleased, (n) => `解除 ${n} 个单位的冻结`, (n) => `end the freeze of ${s(n, 'unit')}`],
  [
    counts.alertsRaised,
    (n) => `新增 ${n} 条预警（其中红色 ${counts.alertsRed - counts.alertsWorse} 条）`,
    (n) => `raise ${s(n, 'alert')} (${counts.alertsRed - counts.alertsWorse} red)`,
  ],
  [counts.alertsWorse, (n) => `${n} 条预警由黄转红`, (n) => `turn ${s(n, 'alert')} from yellow to red`],
  [counts.alertsEased, (n) => `${n} 条预警由红转黄`, (n) => `turn ${s(n, 'alert')} from red to yellow`],
  [counts.alertsCleared, (n) => `消除 ${n} 条预警`, (n) => `clear ${s(n, 'alert')}`],
  [counts.proposalsOpened, (n) => `提出 ${n} 项建议`, (n) => `make ${s(n, 'proposal')}`],
  [counts.proposalsWithdrawn, (n) => `撤回 ${n} 项建议`, (n) => `withdraw ${s(n, 'proposal')}`],
  [counts.escalations, (n) => `${n} 条预警升级`, (n) => `send ${s(n, 'alert')} up`],
]

/** `transitions`: how many there are in all, those that no count tells of included. */
export function sentenceOf(counts: Counts, transitions: number): { readonly zh: string; readonly en: string } {
  const parts = partsOf(counts).filter(([count]) => count > 0)
  if (parts.length > 0)
    return {
      zh: `现在启用将${parts.map(([count, zh]) => zh(count)).join('，')}。`,
      en: `Activated now it would ${parts.map(([count, , en]) => en(count)).join(', ')}.`,
    }
  return transitions === 0
    ? { zh: '现在启用不会引起任何变化。', en: 'Activated now it would change nothing.' }
    : {
        zh: `现在启用将引起 ${transitions} 项其他变化。`,
        en: `Activated now it would change ${s(transitions, 'other thing')}.`,
      }
}
