/**
 * Moments at which something must be judged although no event comes: midnights, ends of lifts and loads.
 *
 * A binary heap of distinct moments, each with the set of what is due then: at midnight that is every running task, one
 * moment for all of them. What is due is not kept in snapshots: it follows from the state.
 */
import type { UnixMs } from '../core/names.js'

/** Something that can be due. 0: it is not. */
export interface Due {
  dueMs: UnixMs | 0
}

export class Deadlines<T extends Due> {
  readonly #moments: UnixMs[] = []
  readonly #dueAt = new Map<UnixMs, Set<T>>()

  /** The next moment at which something is due. */
  get next(): UnixMs | undefined {
    for (;;) {
      const first = this.#moments[0]
      if (first === undefined || this.#dueAt.get(first)?.size) return first
      this.#dropFirst()
    }
  }

  /** Sets, moves or (0) takes back the moment of `owner`. */
  set(owner: T, atMs: UnixMs | 0): void {
    if (owner.dueMs === atMs) return
    if (owner.dueMs !== 0) this.#dueAt.get(owner.dueMs)?.delete(owner)
    owner.dueMs = atMs
    if (atMs === 0) return
    let due = this.#dueAt.get(atMs)
    if (due === undefined) {
      due = new Set()
      this.#dueAt.set(atMs, due)
      this.#push(atMs)
    }
    due.add(owner)
  }

  /** Takes out what is due at or before `nowMs`, earliest first. */
  take(nowMs: UnixMs): T[] {
    const due: T[] = []
    for (let first = this.next; first !== undefined && first <= nowMs; first = this.next) {
      for (const owner of this.#dueAt.get(first) ?? []) {
        owner.dueMs = 0
        due.push(owner)
      }
      this.#dropFirst()
    }
    return due
  }

  #push(moment: UnixMs): void {
    const heap = this.#moments
    let at = heap.push(moment) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as UnixMs) <= moment) break
      heap[at] = heap[parent] as UnixMs
      at = parent
    }
    heap[at] = moment
  }

  #dropFirst(): void {
    const heap = this.#moments
    const last = heap.pop()
    const first = heap[0]
    if (last === undefined) return
    this.#dueAt.delete(first ?? last)
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as UnixMs) < (heap[child] as UnixMs)) child += 1
      if ((heap[child] as UnixMs) >= last) break
      heap[at] = heap[child] as UnixMs
      at = child
    }
    heap[at] = last
  }
}
