/**
 * Each bench that holds clients, run for real, as somebody would type it, but small: nothing here depends on speed, so
 * whether a run calls itself valid is not looked at, and everything that is counted is.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../../bench/main.js', import.meta.url))

interface Run {
  readonly exitCode: number
  readonly result: Record<string, unknown>
}

const run = async (t: Test, ...words: string[]): Promise<Run> => {
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
  return { exitCode, result: JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown> }
}

const small = ['--rate', '100', '--warmup-seconds', '1', '--units', '22', '--receivers', '20', '--drain-seconds', '60']
const exact = { gaps: 0, duplicates: 0, brokenChains: 0, mismatched: 0, malformed: 0 }
/** Neither failed nor unable to run: 2 means that somebody else used the machine. */
const kept = (exitCode: number): boolean => exitCode === 0 || exitCode === 2

t.test('e2e: every frame is counted, and says on what and with what it was measured', async (t) => {
  const { exitCode, result } = await run(t, 'e2e', '--clients', '60', '--seconds', '2', ...small)
  t.ok(kept(exitCode))
  t.match(result, {
    bench: 'e2e',
    failed: [],
    deliveries: { ...exact, disconnects: 0 },
    memory: { empty: Number, connected: Number, loaded: Number },
    settings: { clients: 60, pushProcesses: 2 },
    machine: { cores: Number, node: process.version },
    commit: { revision: String },
  })
  const { expected, received } = result['deliveries'] as { expected: number; received: number }
  t.ok(received > 0)
  t.equal(received, expected)
})

t.test('e2e: frames that the service leaves out fail the run', async (t) => {
  const { exitCode, result } = await run(
    t,
    'e2e',
    '--clients',
    '60',
    '--seconds',
    '2',
    '--drop',
    '0.2',
    ...small,
    '--drain-seconds=2',
  )
  t.equal(exitCode, 1)
  t.match(result['failed'], [/transition frames received/])
})

t.test('e2e: who loses the push process is resumed without a gap', async (t) => {
  const { exitCode, result } = await run(t, 'e2e', '--clients', '60', '--seconds', '4', '--kill-push-at', '1', ...small)
  t.ok(kept(exitCode))
  t.match(result, { failed: [], deliveries: exact, incident: { kind: 'kill', away: 0, reloads: 0 } })
  t.ok((result['incident'] as { disturbed: number }).disturbed > 0)
})

t.test('storm: everybody comes back and is resumed without a gap', async (t) => {
  const words = ['--clients', '30', '--returning', '40', '--within-ms', '200', '--seconds', '4', '--at-second', '1']
  const { exitCode, result } = await run(t, 'storm', ...words, ...small)
  t.ok(kept(exitCode))
  t.match(result, {
    bench: 'storm',
    failed: [],
    deliveries: exact,
    incident: { kind: 'storm', disturbed: 40, away: 0, reloads: 0 },
  })
})

t.test('slow: who did not read has everything in the end', async (t) => {
  const words = ['--clients', '30', '--stalled', '10', '--seconds', '3', '--at-second', '1']
  const { exitCode, result } = await run(t, 'slow', ...words, ...small)
  t.ok(kept(exitCode))
  t.match(result, {
    bench: 'slow',
    failed: [],
    deliveries: exact,
    incident: { kind: 'slow', disturbed: 10, away: 0, reloads: 0 },
  })
})

t.test('fanout: each client of each target gets each message once', async (t) => {
  const words = ['--clients', '40', '--rounds', '2', '--processes', '2', '--targets', 'floor,service,ws,socket.io']
  const { exitCode, result } = await run(t, 'fanout', ...words, '--pause-ms', '0')
  t.ok(kept(exitCode))
  t.match(result, {
    bench: 'fanout',
    failed: [],
    targets: ['floor', 'service', 'ws', 'socket.io'].map((name) => ({ name, shots: { length: 2 } })),
  })
})
