/**
 * The sequencer's rules once more, as plainly as they can be said: every question is answered by going through the list
 * of all accepted events. Slow, and nothing of it is shared with the sequencer.
 */
import type { QuotaEvent } from '../../src/core/event.js'

export interface Accepted {
  readonly event: QuotaEvent
  readonly timeMs: number
}

interface Waiting extends Accepted {
  readonly item: number
  waitsFor: string
}

export interface OracleLimits {
  readonly horizonMs: number
  readonly aheadMs: number
  readonly waitingMax: number
}

const hourMs = 3_600_000

export class Oracle {
  readonly accepted: Accepted[] = []
  waiting: Waiting[] = []
  readonly loads = new Map<string, number>()
  nowMs = 0
  private readonly limits: OracleLimits
  private items = 0

  constructor(limits: OracleLimits) {
    this.limits = limits
  }

  /** `accepted`, `duplicate`, `again` (waits already), or a code. */
  admit(event: QuotaEvent, timeMs: number): string {
    const come = { event, timeMs }
    const taken = this.accepted.find((it) => pair(it) === pair(come) && !this.isForgotten(it))
    if (taken !== undefined) return content(taken) === content(come) ? 'duplicate' : 'QW_ID_CONFLICT'
    const before = this.waiting.find((it) => pair(it) === pair(come))
    if (before !== undefined && content(before) === content(come)) return 'again'
    const [code, waitsFor] = this.hindrance(come)
    if (code === undefined) {
      this.waiting = this.waiting.filter((it) => it !== before)
      this.accept(come)
      return 'accepted'
    }
    if (waitsFor === undefined) return code
    if (before === undefined && this.waiting.length >= this.limits.waitingMax) return 'QW_WAITING_FULL'
    this.waiting = this.waiting.filter((it) => it !== before)
    this.waiting.push({ ...come, item: this.items++, waitsFor })
    return code
  }

  private accept(come: Accepted): void {
    this.accepted.push(come)
    for (let brought = [...brings(come.event)]; brought.length > 0; ) {
      const round = this.waiting.filter((it) => brought.includes(it.waitsFor)).sort((a, b) => a.item - b.item)
      brought = []
      for (const item of round) brought.push(...this.retry(item))
    }
  }

  private retry(item: Waiting): string[] {
    const [code, waitsFor] = this.hindranceOfFacts(item)
    if (code !== undefined && waitsFor !== undefined) {
      item.waitsFor = waitsFor
      return []
    }
    this.waiting = this.waiting.filter((it) => it !== item)
    if (code !== undefined) return []
    this.accepted.push({ event: item.event, timeMs: item.timeMs })
    return brings(item.event)
  }

  private isForgotten(it: Accepted): boolean {
    if (it.event.load !== undefined) return false
    return Math.floor(it.timeMs / hourMs) < Math.floor((this.nowMs - this.limits.horizonMs) / hourMs)
  }

  private hindrance(come: Accepted): [code?: string, waitsFor?: string] {
    const { load } = come.event
    if (come.timeMs > this.nowMs + this.limits.aheadMs) return ['QW_TIME_AHEAD']
    if (load !== undefined && (this.loads.get(load) ?? 0) <= this.nowMs) return ['QW_LOAD_NOT_OPEN']
    if (load === undefined && come.timeMs < this.nowMs - this.limits.horizonMs) return ['QW_TIME_TOO_OLD']
    return this.hindranceOfFacts(come)
  }

  private hindranceOfFacts({ event }: Accepted): [code?: string, waitsFor?: string] {
    const about = event.subject
    if (event.type === 'unit.registered') return []
    if (about !== 'city' && !this.isRegistered(about)) return ['QW_UNIT_UNKNOWN', `unit ${about}`]
    if (this.isClosed(about)) return ['QW_UNIT_CLOSED']
    if (event.type === 'unit.closed') {
      const { successor } = event.data
      if (successor !== undefined && !this.isRegistered(successor)) return ['QW_UNIT_UNKNOWN', `unit ${successor}`]
      return this.isEmpty(about) ? [] : ['QW_UNIT_NOT_EMPTY']
    }
    if (event.type === 'pool.returned') return this.hindranceOfReturn(about, event.data.loanId, event.data.count)
    if (event.type === 'task.progressed') {
      const { taskId } = event.data
      const isPlanned = this.of(about, 'task.planned').some((task) => task.data.taskId === taskId)
      return isPlanned ? [] : ['QW_TASK_UNKNOWN', `task ${about} ${taskId}`]
    }
    return []
  }

  private hindranceOfReturn(unit: string, loanId: string, count: number): [code?: string, waitsFor?: string] {
    const loans = this.of(unit, 'pool.lent').filter((lent) => lent.data.loanId === loanId)
    if (loans.length === 0) return ['QW_LOAN_UNKNOWN', `loan ${unit} ${loanId}`]
    return count > this.out(unit, loanId) ? ['QW_RETURN_EXCEEDS_LOAN', `loan ${unit} ${loanId}`] : []
  }

  private of<T extends QuotaEvent['type']>(subject: string, type: T): Extract<QuotaEvent, { type: T }>[] {
    return this.accepted
      .map((it) => it.event)
      .filter((it): it is Extract<QuotaEvent, { type: T }> => it.subject === subject && it.type === type)
  }

  private isRegistered(unit: string): boolean {
    return this.of(unit, 'unit.registered').length > 0
  }

  private isClosed(unit: string): boolean {
    return this.latest(unit, ['unit.registered', 'unit.closed'])?.event.type === 'unit.closed'
  }

  private latest(unit: string, types: readonly string[]): Accepted | undefined {
    return this.accepted
      .filter((it) => it.event.subject === unit && types.includes(it.event.type))
      .sort((a, b) => a.timeMs - b.timeMs || order(a.event.source, b.event.source) || order(a.event.id, b.event.id))
      .at(-1)
  }

  private out(unit: string, loanId?: string): number {
    const sum = (type: 'pool.lent' | 'pool.returned') =>
      this.of(unit, type)
        .filter((it) => loanId === undefined || it.data.loanId === loanId)
        .reduce((total, it) => total + it.data.count, 0)
    return sum('pool.lent') - sum('pool.returned')
  }

  private isEmpty(unit: string): boolean {
    const approved = this.latest(unit, ['quota.approved'])?.event
    if (approved?.type === 'quota.approved' && approved.data.approved !== 0) return false
    const staff = (basis: string) =>
      this.of(unit, 'staff.entered').reduce((sum, it) => sum + (it.data.basis === basis ? it.data.count : 0), 0) -
      this.of(unit, 'staff.left').reduce((sum, it) => sum + (it.data.basis === basis ? it.data.count : 0), 0)
    return staff('permanent') === 0 && staff('seconded_in') === 0 && this.out(unit) === 0
  }
}

function brings(event: QuotaEvent): string[] {
  if (event.type === 'unit.registered') return [`unit ${event.subject}`]
  if (event.type === 'pool.lent') return [`loan ${event.subject} ${event.data.loanId}`]
  if (event.type === 'task.planned') return [`task ${event.subject} ${event.data.taskId}`]
  return []
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const pair = (it: Accepted): string => JSON.stringify([it.event.source, it.event.id])

function content({ event, timeMs }: Accepted): string {
  const { specversion: _, id: __, source: ___, time: ____, datacontenttype: _____, data, ...rest } = event
  const sorted = (value: object) => Object.entries(value).sort(([a], [b]) => order(a, b))
  return JSON.stringify([timeMs, sorted(rest), sorted(data)])
}
