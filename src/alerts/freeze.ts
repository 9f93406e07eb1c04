/**
 * The freeze of a unit: no post may be filled while one reason holds.
 *
 * Reasons add up: every rule of action `freeze` whose alert is red, and an order. A lift puts the unit into `lifted`
 * until its end, whatever reasons come or go meanwhile, also when there is none yet: an exception may be granted before
 * it is needed. At its end the unit is frozen if a reason holds, else free. So the state follows from three facts:
 * lift in force -> lifted; else a reason -> frozen; else none. Only a change of state, or a new lift, is a step of the
 * unit's sequence; gaining or losing a reason while frozen is not (domain 4).
 */
import type { UnixMs } from '../core/names.js'
import type { FreezeState, FreezeTransition, Why } from '../core/transition.js'
import { type Bench, comparedIn, type Trigger, type Writable, whyBase } from './bench.js'
import { inRed } from './colour.js'
import type { Alert } from './holder.js'
import { compareText } from './stamp.js'
import type { FreezeOrdered, LiftSpan, Unit, UnitFreeze } from './unit.js'

export const orderReason = 'order'

export const noOrders: readonly FreezeOrdered[] = []
export const noLifts: readonly LiftSpan[] = []

export function freezeOf(unit: Unit): UnitFreeze {
  unit.freeze ??= {
    state: 'none',
    sequence: 0,
    sinceMs: 0 as UnixMs,
    ordered: false,
    orders: noOrders,
    lift: undefined,
    beganMs: 0,
    lifts: noLifts,
  }
  return unit.freeze
}

/** A person orders it frozen: beside what others ordered, in place of what this one did. */
export function orderedBy(freeze: UnitFreeze, order: FreezeOrdered): void {
  freeze.ordered = true
  freeze.orders = [...freeze.orders.filter(({ by }) => by !== order.by), order]
}

export function releaseOrders(freeze: UnitFreeze): void {
  freeze.ordered = false
  freeze.orders = noOrders
}

/** Whether the unit was frozen, and not lifted, at this time of the freeze that stands. */
export function wasFrozen({ state, beganMs, lifts }: UnitFreeze, timeMs: UnixMs): boolean {
  if (state !== 'frozen' || timeMs < beganMs) return false
  for (const { fromMs, untilMs } of lifts) if (timeMs >= fromMs && timeMs < (untilMs ?? Infinity)) return false
  return true
}

/** When the freeze began, and when it rested, as its state turns to `to`. */
function noteSpans(freeze: UnitFreeze, to: FreezeState, nowMs: UnixMs): void {
  if (to === 'none') {
    freeze.beganMs = 0
    freeze.lifts = noLifts
  } else if (freeze.beganMs === 0) {
    if (to === 'frozen') freeze.beganMs = nowMs
  } else if (to !== freeze.state) {
    const { lifts } = freeze
    freeze.lifts =
      to === 'lifted'
        ? [...lifts, { fromMs: nowMs }]
        : lifts.map((span) => (span.untilMs === undefined ? { ...span, untilMs: nowMs } : span))
  }
}

/** Rule ids and `order`, sorted. A unit that does not stand has none. */
export function reasonsOf(unit: Unit, freezing: ReadonlySet<string>): string[] {
  if (!unit.stands) return []
  const reasons = unit.freeze?.ordered ? [orderReason] : []
  for (let alert = unit.alerts?.first; alert !== undefined; alert = alert.next)
    if ((alert.levels & inRed) !== 0 && freezing.has(alert.rule)) reasons.push(alert.rule)
  return reasons.length > 1 ? reasons.sort(compareText) : reasons
}

/** Brings the state in line with reasons and lift; `newLift`: a lift was given, which is a step of its own. */
export function settleFreeze(
  bench: Bench,
  unit: Unit,
  freezing: ReadonlySet<string>,
  trigger: Trigger,
  newLift = false,
): boolean {
  const reasons = reasonsOf(unit, freezing)
  if (!unit.freeze && reasons.length === 0) return false
  const freeze = freezeOf(unit)
  const from = freeze.state
  const to: FreezeState = freeze.lift ? 'lifted' : reasons.length > 0 ? 'frozen' : 'none'
  if (to === from && !newLift) return false
  noteSpans(freeze, to, bench.nowMs)
  freeze.state = to
  freeze.sequence += 1
  freeze.sinceMs = bench.nowMs
  const transition = transitionOf(
    bench,
    unit,
    { from, to, reasons },
    whyFrozen(bench, unit, freezing, trigger),
    trigger,
  )
  if (trigger.late) transition.correction = true
  bench.verdicts.push(transition)
  return true
}

type Change = Pick<FreezeTransition, 'from' | 'to' | 'reasons'>

function transitionOf(
  { nowMs: at }: Bench,
  { id, where, freeze }: Unit,
  { from, to, reasons }: Change,
  why: Why,
  { position }: Trigger,
): Writable<FreezeTransition> {
  const { sequence = 0, lift } = freeze ?? {}
  const { county, sector } = where
  // Nearly all: written out, because spreading costs more than all the rest of it.
  if (county !== undefined && sector !== undefined && !lift)
    return { kind: 'freeze', position, subject: id, unit: id, county, sector, from, to, sequence, reasons, at, why }
  return {
    kind: 'freeze',
    position,
    subject: id,
    unit: id,
    ...where,
    from,
    to,
    sequence,
    reasons,
    ...(lift ? { until: lift.untilMs, by: lift.by } : {}),
    at,
    why,
  }
}

/**
 * The figure of the alert whose change in this same step decided, when one did; else that of the first rule whose reason
 * holds, as when a lift ends. An order needs no figure.
 */
function whyFrozen(bench: Bench, unit: Unit, freezing: ReadonlySet<string>, trigger: Trigger): Why {
  if (trigger.order) return whyBase(bench, trigger, false)
  let deciding: Alert | undefined
  let holding: Alert | undefined
  for (let alert = unit.alerts?.first; alert !== undefined; alert = alert.next) {
    if (!freezing.has(alert.rule)) continue
    if (alert.position === trigger.position && !(deciding && deciding.rule < alert.rule)) deciding = alert
    if ((alert.levels & inRed) !== 0 && !(holding && holding.rule < alert.rule)) holding = alert
  }
  if (deciding) return deciding.why
  if (!holding || unit.freeze?.state !== 'frozen') return whyBase(bench, trigger, false)
  return { ...comparedIn(holding.why), ...whyBase(bench, trigger, holding.why.assumed) }
}
