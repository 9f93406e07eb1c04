import t, { type Test } from 'tap'
import { Patience } from '../../src/store/patience.js'

/** What is said while these tries fail (by their reason) or succeed. */
async function saidOf(t: Test, startMs: number, rows: readonly (readonly (string | undefined)[])[]): Promise<string[]> {
  const said: string[] = []
  const failures: string[] = []
  const patience = new Patience(
    { backoffMs: 0, backoffMsMax: 0, startMs, say: (level, message) => said.push(`${level}: ${message}`) },
    new AbortController().signal,
    { failure: (why) => failures.push(why), success: () => undefined },
  )
  for (const row of rows) {
    const left = [...row]
    await patience.until(async () => {
      const why = left.shift()
      if (why !== undefined) throw new Error(why)
    })
  }
  t.same(
    failures,
    rows.flat().filter((why) => why !== undefined),
    'the state tells each of them',
  )
  return said
}

const hourMs = 3_600_000
const gone = 'warn: the store is away (gone); the log keeps what it misses'

t.test('a store that is merely starting is no news; one that goes away later is, and that it is back', async (t) => {
  t.same(await saidOf(t, hourMs, [['refused', 'refused', undefined], [undefined]]), [])
  const later = [
    ['refused', undefined],
    ['gone', 'gone', undefined],
  ]
  t.same(await saidOf(t, hourMs, later), [gone, 'info: the store is back after 2 failed tries'])
})

t.test('a store that has had its time to begin is said to be away', async (t) => {
  t.same(await saidOf(t, 0, [['gone', undefined]]), [gone, 'info: the store is back after 1 failed try'])
})
