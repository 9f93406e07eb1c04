/** `quotawatch verify` on a directory, in a process of its own. */
import { spawn } from 'node:child_process'
import type { Report } from '../../src/node/verify/report.js'
import { command } from './service.js'

export interface Verified {
  readonly code: number | null
  readonly report: Report
}

/** `quotawatch verify`, as a person runs it. */
export function verified(directory: string, ...words: string[]): Promise<Verified> {
  const options = { dataDirectory: directory }
  const child = spawn(process.execPath, command(['verify', '--json', ...words], options), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, report: JSON.parse(out) as Report }))
  })
}
