/**
 * How the store is reached: the embedded one by a secret of the data directory, another as configured.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { openStore, type Store } from '../store/store.js'
import type { Addresses } from './messages.js'
import { openTokenKey } from './token-key.js'

export const embeddedUser = 'quotawatch'

// The writer's, and a few people who look at history.
const connectionsMax = 8

/** Made on the first start, by whoever comes first: the core or the store. */
export const storeSecret = (dataDirectory: string): Promise<string> => openTokenKey(join(dataDirectory, 'store.secret'))

/** Opening does not wait for the server. */
export async function reachStore(config: Config, { storePort }: Addresses): Promise<Store> {
  const common = { database: config.clickhouseDatabase, requestMsMax: config.storeRequestMsMax, connectionsMax }
  if (config.clickhouseUrl === '') {
    const password = await storeSecret(config.dataDirectory)
    return openStore({ ...common, url: `http://127.0.0.1:${storePort}`, username: embeddedUser, password })
  }
  const { clickhouseUrl: url, clickhouseUser: username, clickhousePasswordFile: file } = config
  const password = file === '' ? '' : (await readFile(file, 'utf8')).trim()
  return openStore({ ...common, url, username, password })
}
