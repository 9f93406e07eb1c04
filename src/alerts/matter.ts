/**
 * What a unit or a city-wide subject has besides itself and what is judged on its own: tasks, loans, requests, cases,
 * risk reports. Each is a subject of alerts, and most move with the days. `judge-matter.ts` judges them.
 */
import type { UnixMs } from '../core/names.js'
import type { Today } from './days.js'
import type { Due } from './deadlines.js'
import { type Alert, Holder, type Where } from './holder.js'

/** Whose it is, as far as a matter needs to know; a `Unit` is one. */
export interface Owner {
  readonly id: string
  readonly where: Where
  /** One of its matters has its first alert. */
  noteAlerted(matter: Matter): void
}

export const matterKinds = ['task', 'loan', 'request', 'case', 'report'] as const

export abstract class Matter extends Holder implements Due {
  abstract readonly kind: (typeof matterKinds)[number]
  readonly owner: Owner
  /** The owner's own. */
  readonly id: string
  /** Greatest `time` of an event that changed it, or of a verdict that time alone gave; 0 before the first. */
  latestMs = 0 as UnixMs
  dueMs = 0 as UnixMs

  constructor(owner: Owner, id: string) {
    super()
    this.owner = owner
    this.id = id
  }

  /** Whether it happened before what was counted already, or before a verdict of time alone; notes its time. */
  comesLate(timeMs: UnixMs): boolean {
    if (timeMs < this.latestMs) return true
    this.latestMs = timeMs
    return false
  }

  get subject(): string {
    return `${this.owner.id}/${this.kind}/${this.id}`
  }

  get where(): Where {
    return this.owner.where
  }

  override addAlert(alert: Alert): void {
    if (!this.alerts) this.owner.noteAlerted(this)
    super.addAlert(alert)
  }

  override noteJudged(nowMs: UnixMs): void {
    if (nowMs > this.latestMs) this.latestMs = nowMs
  }

  /** Done with: its alerts end. */
  abstract readonly isSettled: boolean

  /** When the passing of time can next change a verdict; 0 when it cannot. */
  abstract nextDue(now: Today): UnixMs | 0
}
