/**
 * What people order, and what it changes: the oracle's word. What does not apply (any more) changes nothing.
 */

import { fundAccounts } from '../../../src/core/event.js'
import { counties } from '../../../src/core/names.js'
import type { AlertOrder, DecideOrder, FreezeOrder, Order } from '../../../src/core/order.js'
import type { RuleScope } from '../../../src/core/rule-set.js'
import { dayOfText } from './days.js'
import type { Judging } from './oracle-judging.js'
import { thingsOf } from './oracle-things.js'

export function takeOrder(oracle: Judging, order: Order): void {
  switch (order.order) {
    case 'load.open': {
      const untilMs = Date.parse(order.until)
      if (untilMs > oracle.now.nowMs && !oracle.loads.has(order.load))
        oracle.loads.set(order.load, { untilMs, touched: new Set() })
      return
    }
    case 'load.close': {
      const touched = oracle.loads.get(order.load)?.touched ?? []
      oracle.loads.delete(order.load)
      for (const unit of touched) oracle.judgeWhole(unit)
      return
    }
    case 'reserve.open':
      oracle.reserveOpened = true
      return
    case 'decide':
      decide(oracle, order)
      return
    case 'freeze':
    case 'lift':
    case 'release':
      orderFreeze(oracle, order)
      return
    case 'policy':
    case 'rules.activate':
      return
    default:
      orderOfAlert(oracle, order)
  }
}

function decide(oracle: Judging, order: DecideOrder): void {
  if ('proposalId' in order) {
    oracle.proposals.decide(order.proposalId, order.subject, order.decision)
    return
  }
  const unit = oracle.kept.get(order.subject)
  if (!unit) return
  unit.decided.add(order.requestId)
  oracle.judgeWhole(unit, false)
}

function orderFreeze(oracle: Judging, order: FreezeOrder): void {
  const unit = oracle.kept.get(order.subject)
  if (!unit || !oracle.stands(unit)) return
  if (order.order === 'lift') {
    const endMs = Date.parse(order.until)
    if (endMs <= oracle.now.nowMs) return
    unit.liftEndMs = endMs
    oracle.settle(unit, true)
    return
  }
  unit.isOrdered = order.order === 'freeze'
  if (unit.isOrdered) unit.liftEndMs = 0
  oracle.settle(unit)
}

function orderOfAlert(oracle: Judging, order: AlertOrder): void {
  const { board, now } = oracle
  const { subject, rule: id } = order
  const rule = oracle.rules.rules.find((each) => each.id === id)
  if (!rule || !scopesAt(oracle, subject).some((scope) => rule.scopes.includes(scope))) return
  const colour = board.colour(id, subject)
  switch (order.order) {
    case 'acknowledge': {
      const untilMs = order.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(order.until)
      if (untilMs > now.nowMs) board.takeInHand(id, subject, untilMs)
      return
    }
    case 'silence': {
      const fromMs = order.from === undefined ? now.nowMs : Date.parse(order.from)
      board.silences.order(`${id} ${subject}`, { fromMs, untilMs: Date.parse(order.until) }, now.nowMs)
      return
    }
    case 'escalate':
      board.sendUp(id, subject)
      return
    case 'rectify':
      if (colour === 'red') board.rectify(id, subject, dayOfText(order.dueOn))
      oracle.judgeRectifications()
      return
    case 'close':
      if (rule.closable && colour !== 'green') close(oracle, id, subject)
  }
}

function close(oracle: Judging, rule: string, subject: string): void {
  oracle.board.end(rule, subject)
  if (rule === 'self') oracle.alarms.set(subject.slice('self/'.length), 0)
  const unit = oracle.kept.get(subject)
  if (unit) unit.enteredWhileFrozen = 0
}

/** What is there under this name: what does not exist cannot be silenced. */
function scopesAt(oracle: Judging, subject: string): RuleScope[] {
  const mended = /^(.+)\/alert\/([^/]+)$/.exec(subject)
  if (mended) return oracle.board.has(mended[2] as string, mended[1] as string) ? ['rectification'] : []
  const own = oracle.kept.get(subject.split('/')[0] as string)
  const things = own ? thingsOf(own, oracle.now).filter((thing) => thing.subject === subject) : []
  const isThere: readonly (readonly [RuleScope, boolean])[] = [
    ['unit', own?.id === subject],
    ['city', subject === 'city'],
    ['pool', subject === 'pool'],
    ['county', (counties as readonly string[]).includes(subject)],
    ['sector', ['sector/education', 'sector/health'].includes(subject)],
    ['account', fundAccounts.some((name) => subject === `account/${name}`)],
    ['source', oracle.heardMs.has(subject)],
    ['self', oracle.alarms.has(subject.replace('self/', ''))],
  ]
  return [...things.map(({ scope }) => scope), ...isThere.filter(([, is]) => is).map(([scope]) => scope)]
}
