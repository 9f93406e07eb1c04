/**
 * Snapshots that the core has just made, for the next client that asks for the same.
 *
 * When 16,000 screens come back at once they ask for a handful of topics. A snapshot may be used again as long as the
 * ring holds everything after it, and for a moment only: facts move without a transition.
 */
import type { N } from '../core/names.js'
import type { EncodedSnapshot } from './wire.js'

export interface SnapshotCacheSettings {
  readonly snapshotReuseMs: number
  readonly snapshotCacheBytesMax: number
}

interface Kept {
  readonly snapshot: EncodedSnapshot
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

  put(snapshot: EncodedSnapshot, nowMs: number): void {
    this.#drop(snapshot.topic)
    const bytes = snapshot.parts.reduce((sum, part) => sum + part.length, 0)
    this.#kept.set(snapshot.topic, { snapshot, atMs: nowMs, bytes })
    this.#bytes += bytes
    for (const [topic, { atMs }] of this.#kept) {
      const old = nowMs - atMs >= this.#settings.snapshotReuseMs
      if (!old && this.#bytes <= this.#settings.snapshotCacheBytesMax) break
      this.#drop(topic)
    }
  }

  get(topic: string, floor: N, nowMs: number): EncodedSnapshot | undefined {
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
