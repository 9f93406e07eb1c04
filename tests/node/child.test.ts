import t from 'tap'
import { Child } from '../../src/node/child.js'
import type { ToChild } from '../../src/node/messages.js'

t.test('a process that is silent for too long when it begins is killed, and given longer each time', async (t) => {
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    const child = new Child({
      name: 'store',
      module: new URL('./silent-at-first.js', import.meta.url),
      begin: {} as ToChild,
      nodeOptions: [],
      backoffMs: 1,
      backoffMsMax: 1,
      silenceMs: 500,
      niceness: 0,
      spareAfterMs: 0,
      onReady: resolve,
      onRefused: (message) => reject(new Error(message)),
      say: (_, message) => said.push(message),
    })
    t.teardown(() => child.stop(1000))
  })
  t.match(said[0], /has said nothing for 1000 ms and is killed/)
  t.match(said[1], /started again/)
})
