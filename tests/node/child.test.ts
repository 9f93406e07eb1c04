import { readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { join } from 'node:path'
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

/** Whether the system permits a priority to be raised. */
function mayRaise(): boolean {
  const own = getPriority()
  try {
    setPriority(-1)
    return true
  } catch {
    return false
  } finally {
    if (getPriority() !== own) setPriority(own)
  }
}

const skip = mayRaise() ? false : 'this system does not permit a priority to be raised'

t.test('one that starts again behind others of its kind is there until it serves too', { skip }, async (t) => {
  const path = join(t.testdir(), 'niceness')
  process.env['QW_TEST_NICENESS'] = path
  await new Promise<void>((resolve, reject) => {
    let ends = 0
    const child = new Child({
      name: 'push 1',
      module: new URL('./writes-its-niceness.js', import.meta.url),
      begin: {} as ToChild,
      nodeOptions: [],
      backoffMs: 1,
      backoffMsMax: 1,
      silenceMs: 60_000,
      niceness: -1,
      loadingNiceness: 7,
      spareAfterMs: 0,
      onReady: () => undefined,
      onRefused: (message) => reject(new Error(message)),
      say: () => {
        ends += 1
        if (ends === 2) resolve()
      },
    })
    t.teardown(() => child.stop(1000))
  })
  const [first, serving, again, servingAgain] = readFileSync(path, 'utf8').split('\n').map(Number)
  t.same([first, serving, again, servingAgain], [-1, -1, 7, -1])
})
