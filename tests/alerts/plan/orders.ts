/**
 * What people order: now and then about what is not (any more) so, for the log's order decides.
 */
import type { LogEntry } from '../../../src/core/entry.js'
import { decisions, type Order } from '../../../src/core/order.js'
import { by } from '../engine.js'
import { hourMs, midnightOf, textOfDay, timeText } from './days.js'
import { planRules } from './rules.js'
import type { PlanWorld } from './world.js'

const entry = (order: Order): LogEntry => ({ kind: 'order', order })

export function anyOrder(world: PlanWorld): LogEntry {
  const { pick, chance } = world.random
  const { id, requests } = pick(world.units)
  if (chance(0.2)) return load(world)
  if (chance(0.45)) {
    const order = pick(['freeze', 'lift', 'lift', 'release'] as const)
    return entry(order === 'lift' ? { order, subject: id, until: end(world), ...by } : { order, subject: id, ...by })
  }
  if (chance(0.15)) return decision(world)
  if (chance(0.3) && requests.size > 0) {
    const requestId = pick([...requests])
    return entry({ order: 'decide', subject: id, requestId, decision: pick(decisions), ...by })
  }
  if (chance(0.05)) return entry({ order: 'reserve.open', ...by })
  return aboutAlert(world)
}

/** Of a proposal that may be there, and open. */
function decision(world: PlanWorld): LogEntry {
  const { pick, whole } = world.random
  const { id, requests } = pick(world.units)
  const rules = ['annual-grade', 'efficiency-decile', 'refuses-release', 'pool-capacity', 'pool-eligibility']
  const rule = pick(requests.size > 0 ? rules : rules.slice(0, 3))
  const subject = rule.startsWith('pool') ? `${id}/request/${pick([...requests])}` : id
  const proposalId = `${rule}:${subject}:${whole(1, 2)}`
  return entry({ order: 'decide', subject, proposalId, decision: pick(decisions), ...by })
}

const unitRules = [
  'over-quota',
  'over-quota',
  'vacancy',
  'frozen-use',
  'frozen-use',
  'economic-contribution',
  'annual-grade',
]
const ofThings: readonly (readonly [rule: string, subject: (unit: string) => string])[] = [
  ['progress', (unit) => `${unit}/T1`],
  ['milestone', (unit) => `${unit}/T2`],
  ['pool-overdue', (unit) => `${unit}/loan/L1`],
  ['request-age', (unit) => `${unit}/request/R1`],
  ['case-age', (unit) => `${unit}/case/C1`],
  ['risk-report', (unit) => unit],
  ['contract-ratio', () => 'city'],
  ['insurance-coverage', () => 'XH'],
  ['mobility', () => 'city'],
  ['fund-use', () => 'account/special'],
  ['self', () => 'self/disk'],
  ['pool-capacity', () => 'pool'],
  ['rectification', (unit) => `${unit}/alert/over-quota`],
]

function aboutAlert(world: PlanWorld): LogEntry {
  const { pick, chance, whole } = world.random
  const unit = pick(world.units).id
  const [rule, subject] = chance(0.5) ? [pick(unitRules), unit] : named(pick(ofThings), unit)
  switch (pick(['acknowledge', 'silence', 'escalate', 'close', 'close', 'rectify', 'rectify'] as const)) {
    case 'acknowledge':
      return entry({ order: 'acknowledge', subject, rule, ...(chance(0.5) ? { until: end(world) } : {}), ...by })
    case 'silence':
      return entry({ order: 'silence', subject, rule, until: end(world), ...ahead(world), ...by })
    case 'escalate':
      return entry({ order: 'escalate', subject, rule, ...by })
    case 'close':
      return entry({ order: 'close', subject, rule: chance(0.5) ? pick(planRules[0].rules).id : rule, ...by })
    case 'rectify':
      return entry({
        order: 'rectify',
        subject,
        rule,
        owner: '李四',
        dueOn: textOfDay(world.today + whole(-2, 15)),
        ...by,
      })
  }
}

const named = ([rule, subject]: (typeof ofThings)[number], unit: string): readonly [string, string] => [
  rule,
  subject(unit),
]

/** Hours from now, now and then exactly at a midnight, or past already. */
function end({ random: { whole, chance }, nowMs, today }: PlanWorld): string {
  return timeText(chance(0.2) ? midnightOf(today + whole(1, 3)) : nowMs + whole(-1, 60) * hourMs)
}

const ahead = (world: PlanWorld): { readonly from?: string } => (world.random.chance(0.4) ? { from: end(world) } : {})

function load(world: PlanWorld): LogEntry {
  const open = world.openLoads.shift()
  return open ? entry({ order: 'load.close', load: open, ...by }) : { kind: 'tick' }
}

export function newLoad(world: PlanWorld): LogEntry {
  const name = world.name('load')
  world.openLoads.push(name)
  return entry({
    order: 'load.open',
    load: name,
    until: timeText(world.nowMs + world.random.whole(0, 72) * hourMs),
    ...by,
  })
}
