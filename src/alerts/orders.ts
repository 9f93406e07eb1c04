/**
 * What a person ordered -> what a shard does. Orders about something that is not there (any more) change nothing: the
 * door has answered for what it saw, and the log's order decides.
 */
import type { LogPosition } from '../core/names.js'
import type { AlertOrder, DecideOrder, FreezeOrder, Order } from '../core/order.js'
import { orderAlert } from './alert-orders.js'
import { tellOfRequest } from './apply-request.js'
import type { Trigger } from './bench.js'
import { freezeOf, orderedBy, releaseOrders } from './freeze.js'
import type { Holder } from './holder.js'
import { dropLift, judgeOneMatter, judgeOwnRules, noteWorst, settle } from './judge-unit.js'
import { endOf, openLoad } from './load.js'
import { endLoad } from './pass-deadlines.js'
import { decideProposal } from './proposals.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'
import { compiledOf } from './watch.js'

export function applyOrder(state: ShardState, position: LogPosition, order: Order): void {
  const trigger: Trigger = { position, late: false, order }
  switch (order.order) {
    case 'load.open': {
      const load = openLoad<Unit>(order, state.nowMs)
      if (!load || state.loads.has(load.name)) return
      state.loads.set(load.name, load)
      state.deadlines.set(load, load.untilMs)
      return
    }
    case 'load.close': {
      const load = state.loads.get(order.load)
      if (load) endLoad(state, load, { position, late: false, cause: 'load' })
      return
    }
    case 'freeze':
    case 'lift':
    case 'release':
      orderFreeze(state, order, trigger)
      return
    case 'decide':
      decide(state, order, trigger)
      return
    case 'acknowledge':
    case 'silence':
    case 'escalate':
    case 'close':
    case 'rectify':
      orderOfAlert(state, order, trigger)
      return
    case 'policy':
    case 'rules.activate':
    case 'reserve.open':
      return
  }
}

/** Orders about a unit that does not stand change nothing: there is nothing to freeze. */
function orderFreeze(state: ShardState, order: FreezeOrder, trigger: Trigger): void {
  const unit = state.units.get(order.subject)
  if (!unit?.stands || unit.isWide) return
  state.touch(unit)
  state.flagged.add(unit)
  const freeze = freezeOf(unit)
  if (order.order === 'lift') {
    const untilMs = endOf(order.until)
    // Its end may have passed while the order was on its way into the log.
    if (untilMs <= state.nowMs) return
    dropLift(state, unit)
    freeze.lift = { kind: 'lift', unit, untilMs, by: order.by, because: order.reason, dueMs: 0 }
    state.deadlines.set(freeze.lift, untilMs)
    settle(state, unit, trigger, true)
    return
  }
  if (order.order === 'freeze') {
    orderedBy(freeze, { by: order.by, because: order.reason, sinceMs: state.nowMs })
    dropLift(state, unit)
  } else releaseOrders(freeze)
  settle(state, unit, trigger)
}

function orderOfAlert(state: ShardState, order: AlertOrder, trigger: Trigger): void {
  for (const { unit, holder } of holdersAt(state, order.subject)) {
    if (!compiledOf(state, holder, order.rule)) continue
    state.touch(unit)
    state.flagged.add(unit)
    const isClosed = orderAlert(state, holder, order, trigger)
    noteWorst(state, unit)
    if (!isClosed) continue
    // What was counted while frozen is what a person closes; nothing else that may be closed is counted.
    unit.enteredWhileFrozen = 0
    judgeOwnRules(state, unit, touch.frozenUse, trigger)
    settle(state, unit, trigger)
  }
}

function decide(state: ShardState, order: DecideOrder, trigger: Trigger): void {
  if ('proposalId' in order) {
    for (const { unit, holder } of holdersAt(state, order.subject)) {
      state.touch(unit)
      if (decideProposal(state, holder, order.proposalId, order.decision, trigger)) return
    }
    return
  }
  const unit = state.units.get(order.subject)
  const request = unit?.matter('request', order.requestId)
  if (!unit || !(request instanceof Request) || request.isSettled) return
  state.touch(unit)
  request.decided = { decision: order.decision, by: order.by, atMs: state.nowMs }
  state.verdicts.push({
    kind: 'request',
    position: trigger.position,
    subject: request.subject,
    ...request.where,
    requestId: request.id,
    from: 'pending',
    to: order.decision,
    at: state.nowMs,
    why: {
      events: [],
      policy: state.policyName,
      assumed: false,
      order: { order: order.order, by: order.by, reason: order.reason },
    },
  })
  judgeOneMatter(state, unit, request, trigger)
  tellOfRequest(state, unit, request, trigger.position)
}

interface Found {
  readonly unit: Unit
  readonly holder: Holder
}

const rectificationPath = /^(.+)\/alert\/([^/]+)$/

/** All that has this subject: a unit and its reports share one. */
export function holdersAt(state: ShardState, subject: string): Found[] {
  const path = rectificationPath.exec(subject)
  if (path)
    return holdersAt(state, path[1] as string).flatMap(({ unit, holder }) => {
      const rectification = holder.care?.rectifications.get(path[2] as string)
      return rectification ? [{ unit, holder: rectification }] : []
    })
  const unit = state.units.get(subject.split('/')[0] as string)
  if (!unit) return []
  const holders: Holder[] = [unit, ...unit.matters]
  return holders.filter((holder) => holder.subject === subject).map((holder) => ({ unit, holder }))
}
