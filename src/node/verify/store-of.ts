/**
 * The store of a data directory: the one that runs with the service, somebody else's, or the embedded one, started here
 * for as long as it is asked, because nothing runs.
 */
import type { Config } from '../../config/config.js'
import type { Store } from '../../store/store.js'
import type { DataPaths, Holder } from '../data-directory.js'
import { reachStore, startEmbedded } from '../store-access.js'

export interface OpenedStore {
  readonly store: Store
  readonly close: () => Promise<void>
}

export async function openStoreOf(config: Config, paths: DataPaths, holder: Holder | undefined): Promise<OpenedStore> {
  if (config.clickhouseUrl !== '' || holder?.addresses) {
    const store = await reachStore(config, holder?.addresses?.storePort ?? 0)
    return { store, close: () => store.close() }
  }
  const server = await startEmbedded(config, paths, 0)
  const store = await reachStore(config, server.port)
  return {
    store,
    close: async () => {
      await store.close()
      await server.stop()
    },
  }
}
