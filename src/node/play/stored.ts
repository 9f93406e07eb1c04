/**
 * A play that has ended waits for its store: nobody reads the history of a play that has no end. Whoever must leave before
 * has it with the next start.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CityClient } from './city-client.js'

export interface StoreWait {
  readonly waitMs: number
  /** In words, for a status line. */
  readonly onWait: (state: string) => void
}

const askEveryMs = 100

/** Resolves to what there is to say when the store does not hold everything after so long; undefined when it does. */
export async function waitForStore(
  client: Pick<CityClient, 'storeBehind'>,
  { waitMs, onWait }: StoreWait,
): Promise<string | undefined> {
  const endMs = performance.now() + waitMs
  for (;;) {
    const behind = await client.storeBehind()
    if (behind === 0) return undefined
    const lacks = behind === undefined ? 'it does not say how many entries' : `the last ${behind} entries`
    if (performance.now() >= endMs)
      return `the store lacks ${lacks} after a wait of ${waitMs / 1000} s; the next start brings them`
    onWait(`waiting for the store, which lacks ${lacks}`)
    await sleep(askEveryMs)
  }
}
