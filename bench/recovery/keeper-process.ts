/**
 * What a machine does for a service: starts it, and starts it again when it has died (systemd's Restart=always,
 * RestartSec=100ms). Ends it when it is asked to.
 *
 * Started by bench/recovery/kept-service.ts under bench/guard-process.ts, which ends the whole group if the bench dies.
 */
import { type ChildProcess, spawn } from 'node:child_process'

const restartMs = 100

let isEnding = false
let child: ChildProcess

const start = (): void => {
  child = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] })
  child.once('exit', (code) => {
    if (isEnding) process.exit(code ?? 1)
    setTimeout(start, restartMs)
  })
}

process.on('SIGTERM', () => {
  isEnding = true
  child.kill('SIGTERM')
})

start()
