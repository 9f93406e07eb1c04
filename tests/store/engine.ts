/** Starts the embedded server in a process of its own for a test, and ends or kills it. Not a test. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { within } from './waiting.js'

export const credentials = { username: 'quotawatch', password: 'secret of the tests' }

export interface RunningEngine {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** Clean stop; resolves to the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

const module = fileURLToPath(new URL('./store-process.js', import.meta.url))

export async function startEngine(directory: string, port = 0): Promise<RunningEngine> {
  const child = fork(module, [directory, String(port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exit = once(child, 'exit')
  const first = await within('the store serves', Promise.race([once(child, 'message'), exit.then(() => undefined)]))
  const said = first?.[0] as { port: number } | undefined
  if (!said) throw new Error(`the store ended before it served: ${child.exitCode}`)
  return {
    url: `http://127.0.0.1:${said.port}`,
    port: said.port,
    process: child,
    stop: async () => {
      if (child.connected) child.disconnect()
      await within('the store has ended', exit).finally(() => child.kill('SIGKILL'))
      return child.exitCode
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}
