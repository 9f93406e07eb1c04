import fc from 'fast-check'
import t from 'tap'
import { Deadlines, type Due } from '../../src/alerts/deadlines.js'
import type { UnixMs } from '../../src/core/names.js'

type Step = { readonly owner: number; readonly atMs: number } | { readonly takeMs: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ owner: fc.integer({ min: 0, max: 9 }), atMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })) }),
  fc.record({ takeMs: fc.integer({ min: 0, max: 50 }) }),
)

/** Ten owners in the heap, and beside it a plain map that says what must be due. */
class Pair {
  readonly #owners: Due[] = Array.from({ length: 10 }, () => ({ dueMs: 0 }))
  readonly #deadlines = new Deadlines<Due>()
  readonly #model = new Map<number, number>()

  agreesAfter(step: Step): boolean {
    const agreed = 'owner' in step ? this.#set(step.owner, step.atMs) : this.#take(step.takeMs)
    return agreed && (this.#deadlines.next ?? Number.POSITIVE_INFINITY) === Math.min(...this.#model.values())
  }

  #set(owner: number, atMs: number): boolean {
    this.#deadlines.set(this.#owners[owner] as Due, atMs as UnixMs)
    if (atMs === 0) this.#model.delete(owner)
    else this.#model.set(owner, atMs)
    return true
  }

  #take(nowMs: number): boolean {
    const due = [...this.#model].filter(([, atMs]) => atMs <= nowMs)
    const taken = this.#deadlines.take(nowMs as UnixMs).map((owner) => this.#owners.indexOf(owner))
    const moments = taken.map((owner) => this.#model.get(owner) ?? Number.NaN)
    for (const [owner] of due) this.#model.delete(owner)
    const expected = due.map(([owner]) => owner)
    return (
      moments.every((moment, i) => i === 0 || moment >= (moments[i - 1] as number)) &&
      taken.sort().join() === expected.sort().join() &&
      taken.every((owner) => this.#owners[owner]?.dueMs === 0)
    )
  }
}

t.test(
  'what is due is taken out earliest first and exactly once, whatever was set, moved and taken back',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
          const pair = new Pair()
          return steps.every((step) => pair.agreesAfter(step))
        }),
        { numRuns: 500 },
      ),
    )
  },
)
