import t from 'tap'
import { kept, load, run, tiny } from './run-bench.js'

t.test('scale: every point is a run of its own, and grows what it says', async (t) => {
  const words = ['--growth', 'push', '--by-push', '1,2', '--pause-seconds', '0']
  const { exitCode, result } = await run(t, 'scale', ...words, ...load, ...tiny)
  t.ok(kept(exitCode))
  t.match(result, {
    bench: 'scale',
    failed: [],
    points: [
      { grows: 'push', pushProcesses: 1, clients: 30, units: 1_100 },
      { grows: 'push', pushProcesses: 2 },
    ],
  })
})

t.test('gate: every question is answered, and rightly, on both ports', async (t) => {
  const words = [
    '--seconds',
    '1',
    '--rounds',
    '1',
    '--rate',
    '50',
    '--units',
    '22',
    '--load-connections',
    '1',
    '--lines',
    '10',
  ]
  const { result } = await run(t, 'gate', ...words)
  t.match(result, { bench: 'gate', wrong: 0, rounds: { length: 1 } })
  const [round] = result['rounds'] as Record<string, { asked: number; eventsPerSecond: number }>[]
  for (const name of ['atRest', 'saturated', 'saturatedApiPort']) t.equal(round?.[name]?.asked, 50, name)
  t.ok((round?.['saturated']?.eventsPerSecond ?? 0) > 0, 'under a load')
})
