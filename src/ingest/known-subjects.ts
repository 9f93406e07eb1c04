/**
 * All units and city-wide subjects that the sequencer knows, and their part of a snapshot.
 *
 * A million of them take longer to write down than a request may wait, so they are written a few at a time between
 * requests; whatever is about to change before its turn is written first. So the snapshot is true for one position.
 */
import { createKnown, type Known, type Stamp } from './known.js'

interface Held extends Known {
  /** The number of the snapshot that has it already. */
  savedIn: number
}

export type SavedKnown = readonly [
  subject: string,
  registered: Stamp | null,
  closed: Stamp | null,
  approved: number,
  approvedAt: Stamp | null,
  heads: readonly number[],
  contract: number,
  loans: readonly (readonly [string, number])[],
  tasks: readonly string[],
  requests: readonly string[],
  cases: readonly string[],
]

export class KnownSubjects {
  private readonly bySubject = new Map<string, Held>()
  private snapshotNumber = 0
  private isSaving = false
  private savedEarly: SavedKnown[] = []

  get size(): number {
    return this.bySubject.size
  }

  get(subject: string): Known | undefined {
    return this.bySubject.get(subject)
  }

  /** The subject, made when it is new, and about to change. */
  forChange(subject: string): Known {
    const held = this.bySubject.get(subject)
    if (held === undefined) {
      const made: Held = { ...createKnown(), savedIn: this.snapshotNumber }
      this.bySubject.set(subject, made)
      return made
    }
    if (this.isSaving && held.savedIn !== this.snapshotNumber) {
      held.savedIn = this.snapshotNumber
      this.savedEarly.push(savedOf(subject, held))
    }
    return held
  }

  /** Begins at once; what changes between two steps is given as it was. One at a time, ended by `endSave`. */
  save(): Generator<SavedKnown> {
    if (this.isSaving) throw new Error('a snapshot of the sequencer is under way already')
    this.snapshotNumber++
    this.isSaving = true
    this.savedEarly = []
    return this.steps()
  }

  restore(saved: SavedKnown): void {
    const [subject, registered, closed, approved, approvedAt, heads, contract, loans, tasks, requests, cases] = saved
    this.bySubject.set(subject, {
      ...(registered === null ? {} : { registered }),
      ...(closed === null ? {} : { closed }),
      approved,
      ...(approvedAt === null ? {} : { approvedAt }),
      heads: [...heads],
      contract,
      loans: new Map(loans),
      tasks: new Set(tasks),
      requests: new Set(requests),
      cases: new Set(cases),
      savedIn: this.snapshotNumber,
    })
  }

  /** To be called when all of `save` was taken or it is given up: nothing is kept aside any more. */
  endSave(): void {
    this.isSaving = false
    this.savedEarly = []
  }

  private *steps(): Generator<SavedKnown> {
    for (const [subject, held] of this.bySubject) {
      yield* this.savedEarly.splice(0)
      if (held.savedIn === this.snapshotNumber) continue
      held.savedIn = this.snapshotNumber
      yield savedOf(subject, held)
    }
    yield* this.savedEarly.splice(0)
  }
}

function savedOf(subject: string, known: Known): SavedKnown {
  return [
    subject,
    known.registered ?? null,
    known.closed ?? null,
    known.approved,
    known.approvedAt ?? null,
    [...known.heads],
    known.contract,
    [...known.loans],
    [...known.tasks],
    [...known.requests],
    [...known.cases],
  ]
}
