/**
 * What only the order of the log says of a subject: the oracle keeps it, and works out everything else anew.
 */
import type { EventEntry } from '../../../src/core/entry.js'
import { isCityWideSubject } from '../../../src/core/names.js'
import type { Facts } from './oracle-unit.js'

export type State = 'none' | 'frozen' | 'lifted'

export class Kept {
  readonly id: string
  readonly isWide: boolean
  readonly events: EventEntry[] = []
  readonly plannedMs = new Map<string, number>()
  readonly decided = new Set<string>()
  describedOn: number | undefined
  heardOn = 0
  overSince: number | undefined
  negativeSince: number | undefined
  enteredWhileFrozen = 0
  state: State = 'none'
  sequence = 0
  /** When it was frozen, from the freeze's beginning: [from, until[. Nothing while it is free. */
  frozenSpans: (readonly [fromMs: number, untilMs: number])[] = []
  isOrdered = false
  liftEndMs = 0
  worked: { readonly events: number; readonly counted: readonly string[]; readonly facts: Facts } | undefined

  constructor(id: string) {
    this.id = id
    this.isWide = isCityWideSubject(id)
  }
}

export interface Load {
  readonly untilMs: number
  readonly touched: Set<Kept>
}
