import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { checkLog } from '../../src/log/check.js'
import { openLog } from '../../src/log/log.js'
import { batchesFrom, settingsFor, textsOf } from './fixtures.js'

const script = fileURLToPath(new URL('./appender-process.js', import.meta.url))

/** Kills the process when it has acknowledged `upTo` positions more; returns the last position it acknowledged. */
async function appendUntilKilled(directory: string, name: string, upTo: number): Promise<number> {
  const child = fork(script, [directory, name])
  let acknowledged = 0
  child.on('message', (position) => {
    acknowledged = Number(position)
    if (acknowledged >= upTo) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  if (signal !== 'SIGKILL') throw new Error(`the appender ended by itself: ${signal}`)
  return acknowledged
}

t.test('what a killed process has acknowledged is there, in order, once', async (t) => {
  const directory = t.testdir()
  let upTo = 0
  for (const round of ['a', 'b', 'c', 'd']) {
    const acknowledged = await appendUntilKilled(directory, round, upTo + 300)
    t.ok((await checkLog(directory)).head >= acknowledged, `round ${round}: ${acknowledged}`)
    upTo = acknowledged
  }
  const log = await openLog(settingsFor(directory))
  const texts = textsOf(await batchesFrom(log)).map(String)
  t.equal(texts.length, log.head)
  t.equal(new Set(texts).size, texts.length, 'nothing twice')
  for (const round of ['a', 'b', 'c', 'd'])
    for (let who = 0; who < 16; who++) {
      const own = texts.filter((text) => text.startsWith(`${round} ${who} `))
      const expected = own.map((_, index) => `${round} ${who} ${index}`)
      t.same(own, expected, `appender ${round} ${who} has no gap`)
    }
  await log.close()
})
