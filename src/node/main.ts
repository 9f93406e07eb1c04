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
import { QwError } from '../core/errors.js'
import { Child } from './child.js'
import { openDataDirectory } from './data-directory.js'
import type { Addresses, ToChild } from './messages.js'
import { choosePort } from './ports.js'

type Say = (level: 'info' | 'warn', message: string) => void

export interface MainHooks {
  readonly say: Say
  /** Called once, when every process serves. */
  readonly onServing: (addresses: Addresses) => void
}

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
  const family = startFamily({ ...config, dataDirectory: directory.path }, addresses, hooks)
  const ended = family.ended.finally(async () => {
    directory.release()
    await rm(busDirectory, { recursive: true, force: true })
  })
  return { ended, stop: family.stop }
}

async function chooseAddresses(config: Config, busPath: string): Promise<Addresses> {
  const httpPort = await choosePort(config.httpHost, config.httpPort)
  const streamPort = await choosePort(config.streamHost, config.streamPort)
  const criticalPort = await choosePort(config.streamHost, config.criticalPort)
  return { httpHost: config.httpHost, httpPort, streamHost: config.streamHost, streamPort, criticalPort, busPath }
}

function startFamily(config: Config, addresses: Addresses, hooks: MainHooks): RunningService {
  let serving = 0
  let stopping: Promise<void> | undefined
  let settle: { resolve: () => void; reject: (error: Error) => void }
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  const stop = (because?: Error) => {
    stopping ??= stopInOrder(core, pushes, config.stopWaitMs).then(() =>
      because ? settle.reject(because) : settle.resolve(),
    )
  }
  const child = (name: string, module: string, index: number, niceness?: number) => {
    const ready = new Set<string>()
    const begin: ToChild = { kind: 'begin', config, addresses, index }
    return new Child({
      name,
      module: new URL(module, import.meta.url),
      begin,
      backoffMs: config.restartBackoffMs,
      backoffMsMax: config.restartBackoffMsMax,
      ...(niceness === undefined ? {} : { niceness }),
      say: hooks.say,
      onReady: () => {
        if (ready.has(name)) return hooks.say('info', `${name} is back`)
        ready.add(name)
        serving += 1
        if (serving === config.pushProcesses + 2) hooks.onServing(addresses)
      },
      onRefused: (message) => stop(new Error(message)),
    })
  }
  const core = child('core', './core-process.js', 0)
  const pushes = [
    child('push critical', './push-process.js', 0, config.criticalNiceness),
    ...Array.from({ length: config.pushProcesses }, (_, i) => child(`push ${i + 1}`, './push-process.js', i + 1)),
  ]
  return { ended, stop: () => stop() }
}

/** The core gets most of the time: it has the log to finish. */
async function stopInOrder(core: Child, pushes: readonly Child[], waitMs: number): Promise<void> {
  const startedAtMs = Date.now()
  await core.stop(waitMs * 0.7)
  const restMs = Math.max(waitMs - (Date.now() - startedAtMs), waitMs * 0.2)
  await Promise.all(pushes.map((push) => push.stop(restMs)))
}

/** An expected error, as one line for a person. */
export const asLine = (error: unknown): string =>
  error instanceof QwError ? error.message : error instanceof Error ? error.message : String(error)
