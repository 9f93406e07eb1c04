/**
 * What a unit or a city-wide subject has besides itself and what is judged on its own: tasks, loans, requests, cases,
 * risk reports. Each is a subject of alerts, and most move with the days. `judge-matter.ts` judges them.
 */
import type { UnixMs } from '../core/names.js'
import type { Today } from './days.js'
import type { Alert, Where } from './holder.js'
import { Timed } from './timed.js'

/** Whose it is, as far as a matter needs to know; a `Unit` is one. */
export interface Owner {
  readonly id: string
  readonly where: Where
  /** One of its matters has its first alert. */
  noteAlerted(matter: Matter): void
}

export const matterKinds = ['task', 'loan', 'request', 'case', 'report'] as const

export abstract class Matter extends Timed {
  abstract readonly kind: (typeof matterKinds)[number]
  readonly owner: Owner
  /** The owner's own. */
  readonly id: string
  /** The next one of its kind that its owner has (matter-list.ts). */
  next: Matter | undefined

  constructor(owner: Owner, id: string) {
    super()
    this.owner = owner
    this.id = id
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

  /** Done with: its alerts end. */
  abstract readonly isSettled: boolean

  /** When the passing of time can next change a verdict; 0 when it cannot. */
  abstract nextDue(now: Today): UnixMs | 0
}
