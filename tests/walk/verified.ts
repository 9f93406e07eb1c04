/** `quotawatch verify` on a directory, in a process of its own. */
import { spawn } from 'node:child_process'
import type { Report } from '../../src/node/verify/report.js'
import { command } from './service.js'

const verifyMsMax = 90_000

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
  const killer = setTimeout(() => child.kill('SIGKILL'), verifyMsMax)
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => {
      clearTimeout(killer)
      if (signal === null) resolve({ code, report: JSON.parse(out) as Report })
      else reject(new Error(`verify had not ended after ${verifyMsMax / 1000} s`))
    })
  })
}
