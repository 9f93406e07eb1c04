/**
 * What over-quota, vacancy and the freeze must say, worked out the slow and obvious way: after each entry everything of
 * the unit is computed anew from all its events. Independent of the engine: no sums, no deadlines heap, no rules.
 *
 * Knows no loads and no reloads; worlds for it have none. Policies it knows.
 */
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import type { Order } from '../../src/core/order.js'
import type { WorldBatch } from './engine.js'

interface OracleUnit {
  readonly id: string
  readonly events: EventEntry[]
  over: boolean
  vacant: boolean
  state: string
  sequence: number
  ordered: boolean
  liftEndMs: number
}

export class Oracle {
  readonly said: string[] = []
  readonly #units = new Map<string, OracleUnit>()
  #policy: readonly string[] = ['permanent', 'seconded_out', 'posted_out']

  run(batches: readonly WorldBatch[]): string[] {
    for (const { nowMs, entries } of batches) {
      for (const unit of this.#sorted()) this.#endLift(unit, nowMs)
      for (const entry of entries) this.#take(entry, nowMs)
    }
    return this.said
  }

  #sorted(): OracleUnit[] {
    return [...this.#units.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #unit(id: string): OracleUnit {
    const known = this.#units.get(id)
    if (known) return known
    const unit = {
      id,
      events: [],
      over: false,
      vacant: false,
      state: 'none',
      sequence: 0,
      ordered: false,
      liftEndMs: 0,
    }
    this.#units.set(id, unit)
    return unit
  }

  #endLift(unit: OracleUnit, nowMs: number): void {
    if (unit.liftEndMs === 0 || unit.liftEndMs > nowMs) return
    unit.liftEndMs = 0
    this.#settle(unit)
  }

  #take(entry: LogEntry, nowMs: number): void {
    if (entry.kind === 'event' && entry.event.subject.includes('-')) {
      const unit = this.#unit(entry.event.subject)
      unit.events.push(entry)
      this.#judge(unit)
    } else if (entry.kind === 'order') this.#order(entry.order, nowMs)
    else if (entry.kind === 'policy') {
      const guests = entry.policy.name === 'desk'
      this.#policy = guests ? ['permanent', 'seconded_in', 'posted_in'] : ['permanent', 'seconded_out', 'posted_out']
      for (const unit of this.#sorted()) this.#judge(unit)
    }
  }

  #order(order: Order, nowMs: number): void {
    if (!('subject' in order)) return
    const unit = this.#unit(order.subject)
    if (!stands(unit)) return
    let newLift = false
    if (order.order === 'lift') {
      const endMs = Date.parse(order.until)
      if (endMs <= nowMs) return
      unit.liftEndMs = endMs
      newLift = true
    } else unit.ordered = order.order === 'freeze'
    if (order.order === 'freeze') unit.liftEndMs = 0
    this.#settle(unit, newLift)
  }

  #judge(unit: OracleUnit): void {
    const { usable, filled } = this.#facts(unit)
    const was = { ...unit }
    if (!stands(unit)) {
      Object.assign(unit, { over: false, vacant: false, ordered: false, liftEndMs: 0 })
    } else if (usable !== undefined) {
      unit.over = filled > usable
      const empty = usable === 0 ? 0 : usable - filled
      // Above 20 %; left at 19 % or less.
      unit.vacant = empty * 5 > usable || (unit.vacant && empty * 100 > usable * 19)
    }
    if (was.over !== unit.over) this.said.push(`over-quota ${unit.id} ${unit.over ? 'green>red' : 'red>green'}`)
    if (was.vacant !== unit.vacant)
      this.said.push(`vacancy ${unit.id} ${unit.vacant ? 'green>yellow' : 'yellow>green'}`)
    this.#settle(unit)
  }

  #facts({ events }: OracleUnit): { usable: number | undefined; filled: number } {
    let [approved, onLoan, filled] = [undefined as number | undefined, 0, 0]
    for (const { event } of [...events].sort(byStamp)) {
      if (event.type === 'quota.approved') approved = event.data.approved
      if (event.type === 'pool.lent') onLoan += event.data.count
      if (event.type === 'pool.returned') onLoan -= event.data.count
      if (event.type === 'staff.entered' && this.#policy.includes(event.data.basis)) filled += event.data.count
      if (event.type === 'staff.left' && this.#policy.includes(event.data.basis)) filled -= event.data.count
    }
    return { usable: approved === undefined ? undefined : approved + onLoan, filled }
  }

  #settle(unit: OracleUnit, newLift = false): void {
    const reasons = [...(unit.ordered ? ['order'] : []), ...(unit.over ? ['over-quota'] : [])]
    const to = unit.liftEndMs > 0 ? 'lifted' : reasons.length > 0 ? 'frozen' : 'none'
    if (to === unit.state && !newLift) return
    unit.sequence += 1
    this.said.push(`freeze ${unit.id} ${unit.state}>${to} ${unit.sequence} [${reasons.join(' ')}]`)
    unit.state = to
  }
}

/** The latest of registrations and closings is a registration. */
function stands({ events }: OracleUnit): boolean {
  const lives = events.filter(({ event }) => event.type === 'unit.registered' || event.type === 'unit.closed')
  return lives.sort(byStamp).at(-1)?.event.type === 'unit.registered'
}

const byStamp = (a: EventEntry, b: EventEntry): number =>
  a.timeMs - b.timeMs ||
  (a.event.source < b.event.source ? -1 : a.event.source > b.event.source ? 1 : 0) ||
  (a.event.id < b.event.id ? -1 : 1)
