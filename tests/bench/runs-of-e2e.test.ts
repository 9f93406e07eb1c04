import t from 'tap'
import { exact, kept, run, small } from './run-bench.js'

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
