/** The embedded ClickHouse, in a process of its own at low priority. Started by main; nobody waits for it. */
import { dataPaths } from './data-directory.js'
import { runAsChild } from './role.js'
import { startEmbedded } from './store-access.js'

runAsChild(async ({ config, addresses }) => {
  const server = await startEmbedded(config, dataPaths(config.dataDirectory), addresses.storePort)
  return () => server.stop()
})
