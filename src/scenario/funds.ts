/**
 * The reform's money [5.2]: four accounts that the census budgeted for five years, spent month by month, by the city and
 * its counties, with a small supplementary budget every summer.
 */
import { counties } from '../core/names.js'
import { isSlot, type Moment, type Player, type Scene } from './scene.js'

/** Spent in an average month, in CNY: a sixtieth of the budget, the contract account a little more. */
const monthlyCny = { platform: 318_000, placement: 236_000, contract: 505_000, special: 38_000 } as const
const accounts = ['platform', 'placement', 'contract', 'special'] as const
const supplement = { month: 7, workday: 3, amountCny: 200_000 } as const
/** The city pays 60 % of a month in three parts, eight counties 5 % each. */
const partsOfMonth = 3

export function openFunds({ draw: drawOf, post, postInTime }: Scene): Player {
  const draw = drawOf('funds')
  const spend = (subject: string, account: (typeof accounts)[number], share: number): void => {
    const amountCny = Math.round((monthlyCny[account] * share * draw(80, 120)) / 10_000)
    post('finance', 'fund.spent', subject, { account, amountCny })
  }
  const spendInCity = (): void => {
    for (const account of accounts) spend('city', account, 60 / partsOfMonth)
  }
  const spendInCounties = (): void => {
    for (const county of counties) for (const account of accounts) spend(county, account, 5)
  }
  return (moment: Moment) => {
    if (!isSlot(moment, 2)) return
    if ([5, 12, 18].includes(moment.workdayOfMonth)) spendInCity()
    if (moment.workdayOfMonth === 15) spendInCounties()
    if (moment.month === supplement.month && moment.workdayOfMonth === supplement.workday)
      postInTime('finance', 'fund.budgeted', 'city', { account: 'special', amountCny: supplement.amountCny })
  }
}
