import t from 'tap'
import { exact, kept, run, small } from './run-bench.js'

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
