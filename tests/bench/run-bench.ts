/**
 * A bench run for real, as somebody would type it, but small: nothing here depends on speed, so whether a run calls
 * itself valid is not looked at, and everything that is counted is.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../bench/main.js', import.meta.url))

interface Run {
  readonly exitCode: number
  readonly result: Record<string, unknown>
}

/** Runs `npm run bench -- <words>` and reads its result. */
export const run = async (t: Test, ...words: string[]): Promise<Run> => {
  const directory = mkdtempSync(join(tmpdir(), 'quotawatch-runs-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const json = join(directory, 'result.json')
  const child = spawn(process.execPath, [main, ...words, '--json', json], {
    env: { ...process.env, QUOTAWATCH_STORE: 'none', QUOTAWATCH_DISK_FREE_BYTES_MIN: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += String(chunk)
  })
  const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  t.comment(said)
  // A bench that could not be run at all writes nothing: what it said is the failure.
  if (!existsSync(json))
    throw new Error(`${words.join(' ')} ended with ${exitCode}, without a result:\n${said.slice(-4_000)}`)
  return { exitCode, result: JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown> }
}

export const load = [
  ...['--rate', '100', '--warmup-seconds', '1', '--receivers', '20', '--drain-seconds', '60'],
  ...['--quiet-seconds', '0'],
]
export const small = [...load, '--units', '22']
export const tiny = ['--clients', '30', '--seconds', '1']
export const exact = { gaps: 0, duplicates: 0, brokenChains: 0, mismatched: 0, malformed: 0 }
/** Neither failed nor unable to run: 2 means that somebody else used the machine. */
export const kept = (exitCode: number): boolean => exitCode === 0 || exitCode === 2
