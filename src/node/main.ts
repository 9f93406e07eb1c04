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
import { pushCount } from './push-count.js'
import { writerSocket } from './writer-words.js'

export interface RunningService {
  /** Resolves when everything has ended; rejects with the reason when a process refused to start. */
  readonly ended: Promise<void>
  readonly stop: () => void
}

/** Starts the service. QW_DATA_IN_USE, QW_CLOCK_KIND and QW_PORT_IN_USE are thrown before anything is started. */
export async function startMain(config: Config, hooks: MainHooks): Promise<RunningService> {
  const directory = await openDataDirectory(config.dataDirectory, config.clock)
  try {
    const bus = await openBusDirectory(directory.path)
    const addresses = await chooseAddresses(config, join(bus.path, 'bus'))
    directory.announce(addresses)
    const count = pushCount(config)
    if (count.roomFor < config.clientsPlanned && config.pushProcesses === 0)
      hooks.say(
        'warn',
        `there is room for ${count.roomFor} clients when one push process has died, not for ${config.clientsPlanned}`,
      )
    const { pushProcesses, clientsPerProcessMax } = count
    const own = { ...config, pushProcesses, clientsPerProcessMax, dataDirectory: directory.path }
    const family = new Family(own, addresses, directory.epoch, hooks)
    const ended = family.ended.finally(async () => {
      directory.release()
      await bus.remove()
    })
    return { ended, stop: () => family.stop() }
  } catch (error) {
    directory.release()
    throw error
  }
}

// sun_path holds 108 bytes with its end (unix(7)).
const socketPathBytesMax = 107

/** Where the core's sockets lie: in the data directory, or, where that makes too long a path, in one that is removed. */
async function openBusDirectory(dataPath: string): Promise<{ path: string; remove: () => Promise<void> }> {
  if (Buffer.byteLength(writerSocket(join(dataPath, 'bus'))) <= socketPathBytesMax)
    return { path: dataPath, remove: () => Promise.resolve() }
  const path = await mkdtemp(join(tmpdir(), 'quotawatch-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function chooseAddresses(config: Config, busPath: string): Promise<Addresses> {
  const httpPort = await choosePort('httpPort', config.httpHost, config.httpPort)
  const streamPort = await choosePort('streamPort', config.streamHost, config.streamPort)
  const criticalPort = await choosePort('criticalPort', config.streamHost, config.criticalPort)
  const gatePort = await choosePort('gatePort', config.httpHost, config.gatePort)
  const storePort = await choosePort('storePort', '127.0.0.1', config.storePort)
  const { httpHost, streamHost } = config
  return { httpHost, httpPort, streamHost, streamPort, criticalPort, gatePort, busPath, storePort }
}
