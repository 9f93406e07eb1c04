import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Child } from '../../src/node/child.js'
import type { ToChild } from '../../src/node/messages.js'

/** Process ids of this process's children whose command line says `what`. */
const childrenThatSay = (what: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return parent === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(what)
      } catch {
        return false // it ended while we looked
      }
    })
    .map(Number)

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
const serving = () => childrenThatSay('serves-when-told.js')
const spares = () => childrenThatSay('quotawatch spare')

t.test('the process that was kept waiting takes the place of one that dies, and another is kept', async (t) => {
  const events = new EventEmitter()
  const said: string[] = []
  const child = new Child({
    name: 'core',
    module: new URL('./serves-when-told.js', import.meta.url),
    begin: { kind: 'begin' } as ToChild,
    nodeOptions: [],
    backoffMs: 60_000,
    backoffMsMax: 60_000,
    silenceMs: 60_000,
    niceness: 0,
    spareAfterMs: 1,
    onReady: () => events.emit('ready'),
    onRefused: (message) => events.emit('error', new Error(message)),
    say: (_, message) => said.push(message),
  })
  await once(events, 'ready')
  for (const death of [1, 2]) {
    await until(() => spares().length === 1)
    const [[first = 0], [spare]] = [serving(), spares()]
    process.kill(first, 'SIGKILL')
    await once(events, 'ready')
    t.same(serving(), [spare], `death ${death}: it serves under the name of the one that died`)
    t.equal(said[death - 1], 'core ended (SIGKILL); started again in 0 ms')
  }
  await until(() => spares().length === 1)
  process.kill(spares()[0] ?? 0, 'SIGKILL')
  await until(() => spares().length === 1)
  t.equal(serving().length, 1, 'one that waits and dies is replaced, and nothing else happens')
  await child.stop(60_000)
  await until(() => spares().length === 0)
  t.same(serving(), [], 'both are gone when it is stopped')
})
