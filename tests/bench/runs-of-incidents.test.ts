import t, { type Test } from 'tap'
import { exact, kept, run, small } from './run-bench.js'

async function befalls(t: Test, kind: 'storm' | 'slow', disturbed: number, ...words: string[]): Promise<void> {
  const { exitCode, result } = await run(t, kind, '--clients', '30', '--at-second', '1', ...words, ...small)
  t.ok(kept(exitCode))
  t.match(result, {
    bench: kind,
    failed: [],
    deliveries: exact,
    incident: { kind, disturbed, away: 0, reloads: 0 },
  })
}

t.test('storm: everybody comes back and is resumed without a gap', (t) =>
  befalls(t, 'storm', 40, '--returning', '40', '--within-ms', '200', '--seconds', '4'),
)

t.test('slow: who did not read has everything in the end', (t) =>
  befalls(t, 'slow', 10, '--stalled', '10', '--seconds', '3'),
)
