import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { LogPosition, N } from '../../src/core/names.js'
import { WriterFeed } from '../../src/node/writer-feed.js'
import { WriterLink } from '../../src/node/writer-link.js'
import type { Settled, WriterReport } from '../../src/node/writer-words.js'
import { temporaryDirectory, until } from '../walk/service.js'

const settled = (position: number, n: number): Settled => ({ position: position as LogPosition, n: n as N })
const report = (position: number, keepFrom: number): WriterReport => ({
  position: position as LogPosition,
  keepFrom: keepFrom as LogPosition,
  state: 'calm',
})

/** A core whose judge and record a test moves. */
class Core {
  judged = settled(0, 0)
  written = 0
  /** Times that the feed has asked whether the transitions are written. */
  asked = 0
  feed!: WriterFeed

  async open(path: string): Promise<this> {
    const written = () => {
      this.asked += 1
      return this.written
    }
    this.feed = await WriterFeed.open({ path, judged: () => this.judged, written, onReport: () => undefined })
    return this
  }

  move(judged: Settled, written: number): void {
    this.judged = judged
    this.written = written
    this.feed.moved()
  }
}

const writerAt = (path: string, said: { report: WriterReport }) =>
  new WriterLink({ path, reconnectMs: 5, reconnectMsMax: 20, report: () => said.report })

t.test('a position is told once the transitions of it stand in the record, with the last of them', async (t) => {
  const path = join(await temporaryDirectory(t), 'socket')
  const core = await new Core().open(path)
  const writer = writerAt(path, { report: report(0, 1) })
  t.same(writer.settled, settled(0, 0), 'nothing is settled before the core has said so')
  core.move(settled(10, 3), 3)
  await until(
    () => writer.settled.position,
    (position) => position === 10,
  )
  t.equal(writer.settled.n, 3)
  core.move(settled(20, 7), 5)
  // A later batch is written before the one in between is told: what is told was complete when it was taken.
  core.move(settled(30, 7), 7)
  await until(
    () => writer.settled.position,
    (position) => position === 30,
  )
  t.equal(writer.settled.n, 7)
  core.move(settled(40, 9), 8)
  core.move(settled(50, 9), 8)
  const asked = core.asked
  await until(
    () => core.asked,
    (times) => times > asked + 2,
  )
  t.equal(writer.settled.position, 30, 'transition 9 is not written yet')
  core.move(settled(50, 9), 9)
  await until(
    () => writer.settled.position,
    (position) => position === 50,
  )
  writer.close()
  await core.feed.close()
})

t.test('what the writer said last stands while it is away, and it comes back by itself', async (t) => {
  const path = join(await temporaryDirectory(t), 'socket')
  const core = await new Core().open(path)
  const said = { report: report(5, 2) }
  let writer = writerAt(path, said)
  await until(
    () => core.feed.report?.position,
    (position) => position === 5,
  )
  t.equal(core.feed.isHeard, true)
  writer.close()
  await until(
    () => core.feed.isHeard,
    (heard) => !heard,
  )
  t.equal(core.feed.report?.keepFrom, 2)
  said.report = report(9, 4)
  writer = writerAt(path, said)
  await until(
    () => core.feed.report?.keepFrom,
    (from) => from === 4,
  )
  core.move(settled(60, 1), 1)
  await until(
    () => writer.settled.position,
    (position) => position === 60,
  )
  await core.feed.close()
  const again = await new Core().open(path)
  again.move(settled(70, 1), 1)
  await until(
    () => writer.settled.position,
    (position) => position === 70,
  )
  t.equal(again.feed.report?.position, 9)
  writer.close()
  await again.feed.close()
})

t.test(
  'a writer that is killed in the middle of a word takes nobody with it, and the last whole one stands',
  async (t) => {
    const path = join(await temporaryDirectory(t), 'socket')
    const core = await new Core().open(path)
    const socket = connect(path)
    await once(socket, 'connect')
    core.move(settled(10, 3), 3)
    // What it was told lies there unread, so that its end is a reset.
    await once(socket, 'readable')
    socket.write(`${JSON.stringify(report(7, 5))}\n{"position":9,"kee`)
    await until(
      () => core.feed.report?.position,
      (position) => position === 7,
    )
    socket.destroy()
    await until(
      () => core.feed.isHeard,
      (isHeard) => !isHeard,
    )
    t.equal(core.feed.report?.position, 7)
    const next = writerAt(path, { report: report(12, 6) })
    await until(
      () => core.feed.report?.position,
      (position) => position === 12,
    )
    t.ok(core.feed.isHeard, 'and the next one is heard')
    next.close()
    await core.feed.close()
  },
)
