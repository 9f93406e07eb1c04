import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { KeptSocket } from '../../src/stream/kept-socket.js'

async function open(t: { teardown: (end: () => Promise<void>) => void }) {
  // Not in the test's own directory: the path of a socket has at most 107 bytes.
  const directory = mkdtempSync(join(tmpdir(), 'qw-'))
  const path = join(directory, 'bus')
  const accepted: Socket[] = []
  const kept = await KeptSocket.open(path, (socket) => accepted.push(socket))
  t.teardown(async () => {
    for (const socket of accepted) socket.destroy()
    await kept.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { directory, path, accepted, kept }
}

/** Until somebody answers there. */
async function reach(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path)
    const isReached = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    if (isReached) return socket
    await pause(20)
  }
}

t.test('a socket whose file is gone is made anew, and who is connected stays so', async (t) => {
  const { path, accepted, kept } = await open(t)
  const first = await reach(path)
  rmSync(path)
  const second = await reach(path)
  t.equal(kept.renewals, 1)
  t.equal(accepted.length, 2)
  first.write('still here')
  const [heard] = await once(accepted[0] as Socket, 'data')
  t.equal(String(heard), 'still here')
  first.destroy()
  second.destroy()
})

t.test('a file of somebody else in its place is replaced', async (t) => {
  const { path, kept } = await open(t)
  rmSync(path)
  writeFileSync(path, 'not a socket')
  const socket = await reach(path)
  t.equal(kept.renewals, 1)
  socket.destroy()
})

t.test('while its directory is gone it says so, and it is back with the directory', async (t) => {
  const { directory, path, kept } = await open(t)
  renameSync(directory, `${directory}-aside`)
  while (kept.failure === undefined) await pause(20)
  t.match(kept.failure, /ENOENT|EACCES/)
  mkdirSync(directory)
  const socket = await reach(path)
  t.equal(kept.failure, undefined)
  socket.destroy()
  rmSync(`${directory}-aside`, { recursive: true })
})
