/**
 * Snapshots that were just made, for the next who asks for the same: encoded ones in the core, for all push processes,
 * and framed ones in a push process, for all its clients.
 *
 * When 16,000 screens come back at once they ask for a handful of topics. A snapshot may be used again as long as the
 * ring holds everything after it, and for a moment only: facts move without a transition.
 */
import type { N } from '../core/names.js'

export interface SnapshotCacheSettings {
  readonly snapshotReuseMs: number
  readonly snapshotCacheBytesMax: number
}

interface Made {
  readonly topic: string
  /** It is true after this transition. */
  readonly n: N
  readonly frames: readonly Buffer[]
}

interface Kept {
  readonly snapshot: Made
  readonly atMs: number
  readonly bytes: number
}

export class SnapshotCache {
  readonly #settings: SnapshotCacheSettings
  /** In the order of their making. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(settings: SnapshotCacheSettings) {
    this.#settings = settings
  }

  put(snapshot: Made, nowMs: number): void {
    this.#drop(snapshot.topic)
    const bytes = snapshot.frames.reduce((sum, frame) => sum + frame.length, 0)
    this.#kept.set(snapshot.topic, { snapshot, atMs: nowMs, bytes })
    this.#bytes += bytes
    for (const [topic, { atMs }] of this.#kept) {
      const old = nowMs - atMs >= this.#settings.snapshotReuseMs
      if (!old && this.#bytes <= this.#settings.snapshotCacheBytesMax) break
      this.#drop(topic)
    }
  }

  get(topic: string, floor: N, nowMs: number): Made | undefined {
    const kept = this.#kept.get(topic)
    if (!kept || nowMs - kept.atMs >= this.#settings.snapshotReuseMs || kept.snapshot.n < floor) return undefined
    return kept.snapshot
  }

  clear(): void {
    this.#kept.clear()
    this.#bytes = 0
  }

  #drop(topic: string): void {
    this.#bytes -= this.#kept.get(topic)?.bytes ?? 0
    this.#kept.delete(topic)
  }
}
