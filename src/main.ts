#!/usr/bin/env node
/**
 * The command line of quotawatch, joined to this process: its arguments, streams, signals and exit code.
 */
import { once } from 'node:events'
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
  environment: process.env,
  directory: process.cwd(),
  ended: ending.signal,
  colours: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
})
