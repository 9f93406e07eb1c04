/**
 * How the store is reached: the embedded one by a secret of the data directory, another as configured.
 */
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { type EmbeddedServer, startEmbeddedServer } from '../store/embedded-server.js'
import { openStore, type Store } from '../store/store.js'
import { readConfigured } from './configured-file.js'
import type { DataPaths } from './data-directory.js'
import { openTokenKey } from './token-key.js'

const embeddedUser = 'quotawatch'

// The writer's, and a few people who look at history.
const connectionsMax = 8

/** Made on the first start, by whoever comes first: the core or the store. */
const storeSecret = (dataDirectory: string): Promise<string> => openTokenKey(join(dataDirectory, 'store.secret'))

/** Opening does not wait for the server. QW_OPTION_INVALID for a password file that cannot be read. `storePort`: of the embedded one. */
export async function reachStore(config: Config, storePort: number): Promise<Store> {
  const common = { database: config.clickhouseDatabase, requestMsMax: config.storeRequestMsMax, connectionsMax }
  if (config.clickhouseUrl === '') {
    const password = await storeSecret(config.dataDirectory)
    return openStore({ ...common, url: `http://127.0.0.1:${storePort}`, username: embeddedUser, password })
  }
  const { clickhouseUrl: url, clickhouseUser: username, clickhousePasswordFile: file } = config
  const password = file === '' ? '' : (await readConfigured('clickhousePasswordFile', file)).trim()
  return openStore({ ...common, url, username, password })
}

// A request of the writer is a range, which its last row may pass; a query's answer is a page of history.
const bodyBytesMin = 64 * 1024 * 1024

/** The embedded ClickHouse, in this process. */
export async function startEmbedded(config: Config, paths: DataPaths, port: number): Promise<EmbeddedServer> {
  const bodyBytesMax = Math.max(bodyBytesMin, 2 * config.storeRangeBytesMax)
  return startEmbeddedServer({
    directory: paths.clickhousePath,
    port,
    username: embeddedUser,
    password: await storeSecret(config.dataDirectory),
    bodyBytesMax,
    resultBytesMax: bodyBytesMax,
    queriesRunningMax: config.storeQueriesRunningMax,
    queriesWaitingMax: config.storeQueriesWaitingMax,
    queryMsMax: config.storeRequestMsMax,
    requestMsMax: config.storeRequestMsMax,
    engineBytesMax: config.storeMemoryBytesMax,
    queryThreadsMax: 1,
  })
}
