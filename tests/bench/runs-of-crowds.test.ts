import t from 'tap'
import { kept, run } from './run-bench.js'

t.test('lane: every critical client has every freeze, and everybody every message to everybody', async (t) => {
  const words = ['--clients', '40', '--critical', '5', '--seconds', '2', '--warmup-seconds', '1', '--every-ms', '300']
  const { exitCode, result } = await run(t, 'lane', ...words, '--units', '22')
  t.ok(kept(exitCode))
  t.match(result, { bench: 'lane', failed: [], priority: true, criticalMs: { during: {}, otherwise: {} } })
  const { expected, received, toEverybody } = result['deliveries'] as Record<string, number>
  t.equal(received, expected)
  t.equal(toEverybody, 40 * (result['broadcasts'] as { count: number }).count)
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
