/**
 * The real service on a directory of its own, kept alive as a machine would keep it, so that any of its processes can be
 * killed, main among them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, host } from '../free-ports.js'
import { type Guarded, startGuarded } from '../guarded.js'
import { readGroup } from '../process-cpu.js'
import { isReady, repositoryRoot } from '../service.js'

/** By the script that each runs. */
export const members = {
  main: 'main.js',
  core: 'core-process.js',
  push: 'push-process.js',
  writer: 'writer-process.js',
  store: 'store-process.js',
} as const

export type Member = keyof typeof members

export interface KeptService {
  readonly httpPort: number
  readonly streamPort: number
  readonly criticalPort: number
  readonly dataDirectory: string
  /** Process ids of a kind of process that are there now. */
  readonly pids: (member: Member) => readonly number[]
  /** The end of what it said. */
  readonly output: () => Promise<string>
  readonly stop: () => Promise<void>
}

const keeperScript = fileURLToPath(new URL('./keeper-process.js', import.meta.url))
const outputCharacters = 8_000
// A clean stop writes a snapshot of everything that was filled in.
const stopWaitMs = 60_000

/** `directory` is the caller's to remove. */
export const keepService = async (
  directory: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<KeptService> => {
  const [httpPort = 0, streamPort = 0, criticalPort = 0, gatePort = 0] = await freePorts(4)
  const dataDirectory = join(directory, 'data')
  const options = { ...settings, dataDirectory, httpPort, streamPort, criticalPort, gatePort }
  const sets = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const outputPath = join(directory, 'output')
  const words = [keeperScript, 'dist/src/main.js', 'start', ...sets]
  const keeper: Guarded = await startGuarded(process.execPath, words, { directory: repositoryRoot, outputPath })
  return {
    httpPort,
    streamPort,
    criticalPort,
    dataDirectory,
    pids: (member) =>
      readGroup(keeper.pid).flatMap(({ pid, name }) => (name === members[member] && pid !== keeper.pid ? [pid] : [])),
    output: async () => (await readFile(outputPath, 'utf8')).slice(-outputCharacters),
    stop: () => keeper.stop(stopWaitMs),
  }
}

/** Throws with the end of its output when it is not ready by then. */
export const untilReady = async (service: KeptService, waitMs: number): Promise<void> => {
  const endMs = performance.now() + waitMs
  while (!(await isReady(`http://${host}:${service.httpPort}/readyz`))) {
    if (performance.now() > endMs) throw new Error(`the service is not ready; it said:\n${await service.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
