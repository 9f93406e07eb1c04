/**
 * Runs one program in a process group of its own and ends that group when whoever asked for it is gone, even by
 * `kill -9`: a bench that was killed must leave no service behind that holds ports and cores.
 *
 * Forked by bench/guarded.ts with the program and its arguments.
 */
import { spawn } from 'node:child_process'

const [program = '', ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })

const endGroup = (): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // it is gone already
  }
}

// Ctrl-C reaches the whole terminal group, and so does the end of a time limit or of the terminal. The bench says what is
// to end, and when; if it dies of the same signal, its channel closes, and that ends the program.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

child.once('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
child.once('exit', (code, signal) => {
  // whatever the program started and left behind ends with it
  endGroup()
  process.exit(code ?? (signal === null ? 0 : 1))
})
process.on('message', (signal: NodeJS.Signals) => child.kill(signal))
process.on('disconnect', () => {
  endGroup()
  process.exit(1)
})
process.send?.(child.pid ?? 0)
