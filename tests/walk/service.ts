/**
 * The real service for a walk: its processes, started as a person starts them, on a directory and ports of their own.
 *
 * Nothing sleeps: a walk waits for a line, an answer, or an exit. And nothing waits for ever: a walk that hangs would be
 * ended by the test runner without a word about what it waited for.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../bench/free-ports.js'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
const mainModule = fileURLToPath(new URL('../../src/main.js', import.meta.url))

export interface Service {
  readonly http: string
  readonly stream: string
  readonly critical: string
  /** `http://host:port` of the gate's own port. */
  readonly gate: string
  readonly directory: string
  readonly main: ChildProcess
  /** What its processes have written. */
  said(): string
  /** Process ids of main's children, by what they run. */
  children(): Readonly<Record<'core' | 'spare' | 'push' | 'store' | 'writer', readonly number[]>>
  /** Ends it cleanly; resolves with main's exit code. */
  stop(): Promise<number | null>
}

export interface ServiceInput {
  readonly directory: string
  readonly options?: Readonly<Record<string, string | number>>
  readonly environment?: Readonly<Record<string, string>>
  /** What the shell's `ulimit` is told before the service starts, for example `-n 256`. */
  readonly limits?: readonly string[]
}

/** A directory that is gone when the test is. */
export async function temporaryDirectory(t: { teardown: (end: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'quotawatch-walk-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export const command = (words: readonly string[], options: Readonly<Record<string, string | number>> = {}) => [
  mainModule,
  ...words,
  ...Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
]

/** For the option `dataSet`: a walk begins with an empty city. */
export const shippedCity = 'data/jiangmen/events.ndjson'

const walkOptions = {
  dataSet: '',
  store: 'none',
  pushProcesses: 2,
  coreSpareAfterMs: 0,
  criticalNiceness: 0,
  hotPathNiceness: 0,
  realtimePriority: 0,
  logLevel: 'warn',
  diskFreeBytesMin: 0,
  // A walk is about what happens, on whatever machine: nothing is refused for being late unless that is what it is about.
  ingestDelayMsMax: 600_000,
  rulesFile: 'tests/walk/few-rules.yaml',
}

/** Resolves when every process serves; rejects with what it said when it ended instead. */
export async function startService({ directory, options = {}, ...how }: ServiceInput): Promise<Service> {
  // Not 0: a process that comes back wants the port it had, and one of the kernel's choice may be somebody's by then.
  const [httpPort = 0, streamPort = 0, criticalPort = 0, gatePort = 0] = await freePorts(4)
  const ports = { httpPort, streamPort, criticalPort, gatePort }
  const words = command(['start'], { ...walkOptions, ...ports, dataDirectory: directory, ...options })
  const main = spawnLimited([process.execPath, ...words], how)
  let said = ''
  for (const stream of [main.stdout, main.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const lines = await servingLines(main, () => said)
  const address = (pattern: RegExp): string => {
    const found = pattern.exec(lines)?.[1]
    if (found === undefined) throw new Error(`no ${pattern} in: ${lines}`)
    return found
  }
  return {
    http: address(/events and questions\s+(\S+)\/v1/),
    stream: address(/stream\s+(ws:\S+)/),
    gate: address(/gate\s+(http\S+)\/v1\/gate/),
    critical: address(/walls, triggers\s+(ws:\S+)/),
    directory,
    main,
    said: () => said,
    children: () => childrenOf(main.pid as number),
    stop: () => stopped(main, 'SIGTERM'),
  }
}

/** Ends main by a signal; resolves with its exit code (null when a signal ended it: one that does not end is killed). */
export function stopped(main: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (main.exitCode !== null || main.signalCode !== null) return Promise.resolve(main.exitCode)
  return new Promise((resolve) => {
    const killer = setTimeout(() => main.kill('SIGKILL'), endMsMax)
    main.once('exit', (code) => {
      clearTimeout(killer)
      resolve(code)
    })
    main.kill(signal)
  })
}

/**
 * `exec`: the shell that sets the limits becomes the service, so that its process id is main's. NODE_OPTIONS are set there
 * because tap adds to those of every child what a service would neither have nor want.
 */
function spawnLimited(words: readonly string[], { environment, limits = [] }: Omit<ServiceInput, 'directory'>) {
  const ownOptions = 'export NODE_OPTIONS="$WALK_NODE_OPTIONS"'
  const script = [...limits.map((limit) => `ulimit ${limit}`), ownOptions, 'exec "$@"'].join(' && ')
  const env = { ...process.env, ...environment, WALK_NODE_OPTIONS: environment?.['NODE_OPTIONS'] ?? '' }
  return spawn('sh', ['-c', script, 'sh', ...words], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function servingLines(main: ChildProcess, said: () => string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    let out = ''
    const late = setTimeout(() => {
      main.kill('SIGKILL')
      reject(new Error(`it does not serve after ${waitMsMax / 1000} s: ${out}${said()}`))
    }, waitMsMax)
    main.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (!/walls, triggers\s+\S+\n/.test(out)) return
      clearTimeout(late)
      resolve(out)
    })
    main.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`main ended with ${code}: ${out}${said()}`))
    })
  })
}

interface Running {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process of this machine, from /proc. */
function running(): Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return []
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [{ pid: Number(name), parent: Number(parent), command: words }]
      } catch {
        return [] // it ended while we looked
      }
    })
}

/** Process ids of the children of a process that run this module. */
export const childrenThatRun = (parent: number, module: string): number[] =>
  running()
    .filter((each) => each.parent === parent && each.command.includes(module))
    .map(({ pid }) => pid)

export const isRunning = (pid: number): boolean => running().some((each) => each.pid === pid)

function childrenOf(main: number) {
  const own = running().filter(({ parent }) => parent === main)
  // A spare core has the command line of a core until it says that it waits.
  const serving = own.filter(({ command }) => !command.includes(' spare '))
  const of = (module: string) => serving.filter(({ command }) => command.includes(module)).map(({ pid }) => pid)
  return {
    core: of('core-process.js'),
    // It has the name when it waits.
    spare: own.filter(({ command }) => command.includes('quotawatch spare')).map(({ pid }) => pid),
    push: of('push-process.js'),
    store: of('store-process.js'),
    writer: of('writer-process.js'),
  }
}

// On two cores an asker that never rests would starve what it waits for.
const restMs = 10
// Two of them, one after the other, and an end must come before the test runner's 240 s: else nobody learns what failed.
const waitMsMax = 90_000
const endMsMax = 30_000
export const askMsMax = 60_000

/** Asks until `accept` says yes. */
export async function until<T>(ask: () => Promise<T> | T, accept: (value: T) => boolean): Promise<T> {
  const endMs = performance.now() + waitMsMax
  for (;;) {
    const value = await ask()
    if (accept(value)) return value
    if (performance.now() > endMs)
      throw new Error(`still not so after ${waitMsMax / 1000} s: ${String(JSON.stringify(value)).slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, restMs))
  }
}

/** GET or POST of JSON; throws when nobody answers within the time, or only the door of a core that is starting. */
export async function ask(
  url: string,
  body?: unknown,
  type = 'application/json',
): Promise<{ status: number; body: unknown }> {
  const init =
    body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': type },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(askMsMax) })
  const text = await answer.text()
  if (text.includes('"code":"QW_STARTING"')) throw new Error(text)
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}
