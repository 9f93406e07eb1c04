/**
 * Whether an order about an alert applies to how the alert stands now.
 */
import { parseDay } from '../../core/day.js'
import { QwError } from '../../core/errors.js'
import type { Colour, DayNumber } from '../../core/names.js'
import type { AlertOrder, UnnamedAlertOrder } from '../../core/order.js'
import type { Rung } from '../../core/transition.js'
import type { ReadQuery } from '../../workers/judge.js'

/** As the engine answers (alerts/order-views.ts). */
interface AlertState {
  readonly colour: Colour
  readonly closable: boolean
  readonly rung?: Rung
}

/** A silence may be kept ready for an alert that is not raised yet. */
const colourWanted: Readonly<Record<AlertOrder['order'], readonly Colour[]>> = {
  acknowledge: ['yellow', 'red'],
  silence: ['green', 'yellow', 'red'],
  escalate: ['yellow', 'red'],
  close: ['yellow', 'red'],
  rectify: ['red'],
}

/** @throws QwError when it does not apply */
export async function checkAlert(
  order: AlertOrder,
  read: (query: ReadQuery) => Promise<unknown>,
  today: DayNumber,
): Promise<void> {
  const { subject, rule } = order
  const state = (await read({ kind: 'alertState', subject, rule })) as AlertState | undefined
  if (!state) throw new QwError('QW_RULE_NOT_THERE', { rule, subject, field: '/rule' })
  if (order.order === 'close' && !state.closable) throw new QwError('QW_ALERT_NOT_CLOSABLE', { rule, field: '/rule' })
  const wanted = colourWanted[order.order]
  if (!wanted.includes(state.colour))
    throw new QwError('QW_ALERT_NOT_RAISED', {
      rule,
      subject,
      colour: state.colour,
      order: order.order,
      wanted: wanted.join(' or '),
    })
  if (order.order === 'escalate' && state.rung === 'city') throw new QwError('QW_ALERT_AT_TOP', { rule, subject })
  if (order.order === 'rectify' && (parseDay(order.dueOn) ?? today) < today)
    throw new QwError('QW_BODY_INVALID', { reason: '/dueOn must be today or later', field: '/dueOn' })
}

/** As GET /v1/alerts shows it. */
interface Raised {
  readonly rule: string
  readonly colour: Colour
  readonly rung?: Rung
}

/** With the rule of the only alert that it fits, where none was named. @throws QwError when none fits, or several do */
export async function withRule(
  request: UnnamedAlertOrder,
  read: (query: ReadQuery) => Promise<unknown>,
): Promise<AlertOrder> {
  const { rule, ...order } = request
  if (rule !== undefined) return { ...order, rule }
  const { subject } = order
  const wanted = colourWanted[order.order]
  const alerts = ((await read({ kind: 'alerts', subject })) as Raised[]).filter(({ colour }) => wanted.includes(colour))
  // What stands with the city already climbs no further; where nothing else stands the check of that one alert says so.
  const climbing = alerts.filter(({ rung }) => order.order !== 'escalate' || rung !== 'city')
  const fitting = climbing.length > 0 ? climbing : alerts
  const [only, ...others] = fitting.map((alert) => alert.rule)
  if (only === undefined)
    throw new QwError('QW_NOTHING_RAISED', { subject, order: order.order, wanted: wanted.join(' or ') })
  if (others.length > 0)
    throw new QwError('QW_ALERT_AMBIGUOUS', { subject, rules: [only, ...others].join(', '), field: '/rule' })
  return { ...order, rule: only }
}
