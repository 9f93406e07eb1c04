/**
 * The store's writer, in a process of its own at low priority: what it costs, and what goes wrong in it, is not the
 * core's. Started by main; nobody waits for it.
 */
import { pino } from 'pino'
import { dataPaths } from './data-directory.js'
import { runAsChild } from './role.js'
import { reachStore } from './store-access.js'
import { startWriter } from './writer.js'
import { writerSocket } from './writer-words.js'

runAsChild(async ({ config, addresses }) => {
  const logger = pino({ level: config.logLevel, base: { process: 'writer' } })
  return startWriter({
    config,
    paths: dataPaths(config.dataDirectory),
    socket: writerSocket(addresses.busPath),
    openStore: () => reachStore(config, addresses.storePort),
    say: (level, message) => logger[level](message),
  })
})
