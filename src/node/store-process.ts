/** The embedded ClickHouse, in a process of its own at low priority. Started by main; nobody waits for it. */
import { startEmbeddedServer } from '../store/embedded-server.js'
import { dataPaths } from './data-directory.js'
import { runAsChild } from './role.js'
import { embeddedUser, storeSecret } from './store-access.js'

// A request of the writer is a range; a query's answer is a page of history.
const bodyBytesMax = 64 * 1024 * 1024
const queriesRunningMax = 4
const queriesWaitingMax = 64

runAsChild(async ({ config, addresses }) => {
  const server = await startEmbeddedServer({
    directory: dataPaths(config.dataDirectory).clickhousePath,
    port: addresses.storePort,
    username: embeddedUser,
    password: await storeSecret(config.dataDirectory),
    bodyBytesMax,
    resultBytesMax: bodyBytesMax,
    queriesRunningMax,
    queriesWaitingMax,
    queryMsMax: config.storeRequestMsMax,
    requestMsMax: config.storeRequestMsMax,
    engineBytesMax: config.storeMemoryBytesMax,
    queryThreadsMax: 1,
  })
  return () => server.stop()
})
