/**
 * A program that the bench starts and that never outlives it: the service, and the servers it is compared with.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Guarded {
  /** Of the program, which leads a process group of its own. */
  readonly pid: number
  /** The exit code; undefined while it runs. */
  readonly exitCode: () => number | undefined
  /** Asks it to end; what is left after `waitMs` is killed, with everything it started. */
  readonly stop: (waitMs: number) => Promise<void>
}

const guardScript = fileURLToPath(new URL('./guard-process.js', import.meta.url))

/** `outputPath`: where the program's words go. */
export const startGuarded = async (
  program: string,
  args: readonly string[],
  { directory, outputPath }: { readonly directory: string; readonly outputPath: string },
): Promise<Guarded> => {
  const output = openSync(outputPath, 'w')
  const guard = fork(guardScript, [program, ...args], { cwd: directory, stdio: ['ignore', output, output, 'ipc'] })
  closeSync(output)
  let exitCode: number | undefined
  const gone = once(guard, 'exit').then(([code]) => {
    exitCode = Number(code ?? 1)
  })
  const [pid] = (await Promise.race([once(guard, 'message'), gone.then(() => [0])])) as [number]
  const stop = async (waitMs: number): Promise<void> => {
    if (exitCode !== undefined) return
    guard.send('SIGTERM')
    const limit = setTimeout(() => guard.disconnect(), waitMs)
    await gone
    clearTimeout(limit)
  }
  return { pid, exitCode: () => exitCode, stop }
}
