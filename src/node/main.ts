/**
 * main: starts, watches and restarts the others, and does nothing else, so that nothing can go wrong in it.
 *
 * It holds the lock on the data directory. A stop goes in walking order: the core first (it takes nothing more, finishes
 * what it took, and hands the last transitions on), then the push processes. Who does not come to an end is killed, and
 * a child that loses main ends by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { openDataDirectory } from './data-directory.js'
import { Family, type MainHooks } from './family.js'
import type { Addresses } from './messages.js'
import { choosePort } from './ports.js'

export interface RunningService {
  /** Resolves when everything has ended; rejects with the reason when a process refused to start. */
  readonly ended: Promise<void>
  readonly stop: () => void
}

/** Starts the service. QW_DATA_IN_USE and QW_CLOCK_KIND are thrown before anything is started. */
export async function startMain(config: Config, hooks: MainHooks): Promise<RunningService> {
  const directory = await openDataDirectory(config.dataDirectory, config.clock)
  // Unix socket paths are limited to 107 bytes, so the socket does not live in the data directory.
  const busDirectory = await mkdtemp(join(tmpdir(), 'quotawatch-'))
  const addresses = await chooseAddresses(config, join(busDirectory, 'bus'))
  const family = new Family({ ...config, dataDirectory: directory.path }, addresses, hooks)
  const ended = family.ended.finally(async () => {
    directory.release()
    await rm(busDirectory, { recursive: true, force: true })
  })
  return { ended, stop: () => family.stop() }
}

async function chooseAddresses(config: Config, busPath: string): Promise<Addresses> {
  const httpPort = await choosePort(config.httpHost, config.httpPort)
  const streamPort = await choosePort(config.streamHost, config.streamPort)
  const criticalPort = await choosePort(config.streamHost, config.criticalPort)
  return { httpHost: config.httpHost, httpPort, streamHost: config.streamHost, streamPort, criticalPort, busPath }
}
