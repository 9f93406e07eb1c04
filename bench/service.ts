/**
 * The real service, started as a person would start it, on a data directory and ports of its own.
 *
 * It lives in a process group of its own under a guard, so that nothing of it is left when the bench ends, however the
 * bench ends.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, host } from './free-ports.js'
import { startGuarded } from './guarded.js'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

/** For `ingestDelayMsMax` where nothing is to be refused, so that what is late counts as late: `overload` is about refusing. */
export const shedsNothingMs = 10_000

export interface ServiceSettings {
  /** Options of the service (`quotawatch config`) beside data directory and ports. */
  readonly options: Readonly<Record<string, string | number>>
}

// A bench may share its machine with others: twelve processes have taken half a minute to start.
const startWaitMs = 120_000
const stopWaitMs = 10_000

export interface Service {
  readonly host: string
  readonly httpPort: number
  readonly streamPort: number
  readonly criticalPort: number
  readonly gatePort: number
  /** As it was started, for the report. */
  readonly command: string
  /** Process id of its main. */
  readonly pid: number
  readonly stop: () => Promise<void>
}

export const isReady = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await answer.arrayBuffer()
    return answer.status === 200
  } catch {
    return false
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts the service and waits until /readyz says 200. Throws with the end of its output when it does not come. */
export const startService = async (settings: ServiceSettings): Promise<Service> => {
  const directory = await mkdtemp(join(tmpdir(), 'quotawatch-bench-'))
  const [httpPort = 0, streamPort = 0, criticalPort = 0, gatePort = 0] = await freePorts(4)
  const options = {
    ...settings.options,
    dataDirectory: join(directory, 'data'),
    httpPort,
    streamPort,
    criticalPort,
    gatePort,
  }
  const sets = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const words = ['dist/src/main.js', 'start', ...sets]
  const outputPath = join(directory, 'output')
  const main = await startGuarded(process.execPath, words, { directory: repositoryRoot, outputPath })
  const stop = async (): Promise<void> => {
    await main.stop(stopWaitMs)
    await rm(directory, { recursive: true, force: true })
  }
  const waitUntil = Date.now() + startWaitMs
  while (!(await isReady(`http://${host}:${httpPort}/readyz`))) {
    if (Date.now() < waitUntil && main.exitCode() === undefined) {
      await pause(50)
      continue
    }
    const said = await readFile(outputPath, 'utf8')
    await stop()
    throw new Error(`the service is not ready (exit code ${main.exitCode()}); it said:\n${said.slice(-4_000)}`)
  }
  return { host, httpPort, streamPort, criticalPort, gatePort, command: `node ${words.join(' ')}`, pid: main.pid, stop }
}
