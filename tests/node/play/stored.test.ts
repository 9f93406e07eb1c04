import t from 'tap'
import { waitForStore } from '../../../src/node/play/stored.js'

const storeOf = (...depths: (number | undefined)[]) => ({
  storeBehind: async () => (depths.length > 1 ? depths.shift() : depths[0]),
})

t.test('a play waits until its store holds everything, and says so meanwhile', async (t) => {
  const said: string[] = []
  const onWait = (state: string) => said.push(state)
  t.equal(await waitForStore(storeOf(undefined, 700, 3, 0), { waitMs: 60_000, onWait }), undefined)
  t.match(said, [/does not say/, /lacks the last 700 entries/, /lacks the last 3 entries/])
  t.equal(await waitForStore(storeOf(0), { waitMs: 0, onWait }), undefined)
  t.equal(said.length, 3)
})

t.test('a store that does not come up in time is said, with what it lacks', async (t) => {
  const lacks = await waitForStore(storeOf(42), { waitMs: 0, onWait: () => t.fail('there is no time to wait') })
  t.match(lacks, /^the store lacks the last 42 entries after a wait of 0 s; the next start brings them$/)
})
