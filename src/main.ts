#!/usr/bin/env node
/**
 * The command line of quotawatch, joined to this process: its arguments, streams, signals and exit code.
 */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { runCommandLine } from './node/commands/command-line.js'

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort())

// `quotawatch log export | head` ends when head has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: async (line) => {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  },
  err: (line) => process.stderr.write(`${line}\n`),
  ...(process.stderr.isTTY ? { status: (line: string) => process.stderr.write(`\r\u001b[K${line}`) } : {}),
  ...(process.stdin.isTTY ? { onKey } : {}),
  stepBack: () => setPriority(10),
  environment: process.env,
  directory: process.cwd(),
  ended: ending.signal,
  colours: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
})

/** Keys one by one and without an echo. Ctrl-C is a key then and no signal. */
function onKey(listener: (key: string) => void): () => void {
  const { stdin } = process
  const listen = (keys: Buffer) => {
    for (const key of keys.toString()) listener(key)
  }
  stdin.setRawMode(true).resume().on('data', listen)
  return () => {
    stdin.off('data', listen).setRawMode(false).pause()
  }
}
