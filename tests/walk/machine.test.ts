/**
 * What the machine takes away from a service that works: space, writing, the sync, the time, files, memory, a socket. Each
 * is really taken; it is seen at /readyz and in /metrics; the service mends itself as soon as the machine has; and nothing
 * that was acknowledged is lost or doubled.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { city, Department } from './department.js'
import { hangingRequest } from './hanging.js'
import { alertsOfItself, figure, partOf, ready, stateOf } from './health.js'
import { Inspector } from './inspector.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'
import { eventsInLog } from './stopped.js'

const mebibyte = 1024 * 1024
const kibibyte = 1024

const options = {
  rulesFile: 'rules/jiangmen.yaml',
  diskFreeBytesMin: 16 * mebibyte,
  segmentBytesMax: 64 * kibibyte,
  batchBytesMax: 64 * kibibyte,
  logZeroAheadBytes: 16 * kibibyte,
  openFilesReserved: 480,
  shardHeapBytesMax: 128 * mebibyte,
  restartBackoffMs: 10,
  restartBackoffMsMax: 50,
  startAgainMs: 100,
  alarmHoldMs: 0,
}
const environment = { NODE_OPTIONS: '--inspect-port=0' }

const directory = await temporaryDirectory(t)
const mounted = mount('-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', directory)
const noMount = mounted ? false : 'this system lets nobody mount a disk of his own'
if (mounted) t.teardown(() => execFileSync('umount', ['-l', directory]))
const service = await startService({
  directory,
  options: mounted ? options : { ...options, diskFreeBytesMin: 0 },
  environment,
  limits: ['-c 0', '-n 512'],
})
t.teardown(() => service.stop())
t.teardown(() => t.passing() || t.comment(service.said()))
t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
const department = new Department(service)
t.teardown(() => department.leave())
/** Of the core that lives from the second test to the last. */
let inspector: Inspector | undefined

t.test('a full disk: refused, said, and taken again when there is space', { skip: noMount }, async (t) => {
  const ballast = join(directory, 'ballast')
  await writeFile(ballast, Buffer.alloc(50 * mebibyte))
  await stateOf(service, 'disk', /^nearly full/)
  t.match(await refusal(service), /QW_DISK_NEARLY_FULL/)
  t.equal(await figure(service, 'quotawatch_part_ready{part="disk"}'), 0)
  t.ok((await figure(service, 'quotawatch_disk_free_bytes')) < 16 * mebibyte)
  await alertsOfItself(service, ['self/disk red'])
  // The last byte too, as whoever else writes to this disk would take it.
  await writeFile(join(directory, 'more'), Buffer.alloc(64 * mebibyte)).catch(() => undefined)
  await stateOf(service, 'disk', /^full: 0 MiB/)
  await rm(ballast)
  await rm(join(directory, 'more'))
  await takesAgain(service)
  await alertsOfItself(service, [])
})

t.test('a disk that cannot be written to any more: the core waits for it', { skip: noMount }, async () => {
  const log = join(directory, 'log')
  mount('--bind', log, log)
  mount('-o', 'remount,bind,ro', log)
  await stateOf(service, 'core', /cannot start, tries again: EROFS/)
  execFileSync('umount', ['-l', log])
  await takesAgain(service)
})

t.test('a clock that jumps ahead is not followed, one set back is waited for; a thread out of memory', async (t) => {
  inspector = await Inspector.attach(service, core())
  const day = 24 * 60 * 60 * 1000
  await inspector.run('globalThis.trueNow = Date.now')
  await inspector.run(`Date.now = () => trueNow() + ${day}`)
  await stateOf(service, 'clock', /jumped 86400 s ahead and is not followed/)
  t.equal(await figure(service, 'quotawatch_clock_jumps_total'), 1)
  await acknowledgesMore()
  await inspector.run(`Date.now = () => trueNow() - ${day}`)
  await stateOf(service, 'clock', /864\d\d s ahead of the machine's, at half speed/)
  t.ok((await figure(service, 'quotawatch_clock_ahead_seconds')) > 86000)
  await acknowledgesMore()
  await inspector.run('Date.now = trueNow')
  await takesAgain(service)

  const before = await figure(service, 'quotawatch_engine_rebuilds_total')
  await inspector.endThread('const held = []; for (;;) held.push(new Array(1_000_000).fill(held.length))')
  await until(
    () => figure(service, 'quotawatch_engine_rebuilds_total'),
    (now) => now > before,
  )
  await takesAgain(service)
})

t.test('no file is left for another connection: health is answered all the same', async (t) => {
  // One after the other, each until it is heard: one that has not asked for anything yet would have to make room.
  const busy: Socket[] = []
  t.teardown(() => busy.map((socket) => socket.destroy()))
  await until(
    async () => {
      busy.push(await hangingRequest(service))
      return partOf(service, 'connections')
    },
    (part) => part?.ready === false && /32 at most; this system permits no more open files/.test(part.state),
  )
  await until(
    async () => {
      // The one that is one too many: the bound may just be met, and nobody else asks for anything.
      busy.push(await hangingRequest(service))
      return figure(service, 'quotawatch_http_connections_refused_total')
    },
    (refused) => refused > 0,
  )
  for (const socket of busy) socket.destroy()
  await takesAgain(service)
  t.ok(await figure(service, 'quotawatch_http_connections'))
})

t.test('the socket of the push processes is deleted: it is made anew, and a new process finds it', async (t) => {
  await rm(join(directory, 'bus'))
  await until(
    () => figure(service, 'quotawatch_bus_renewals_total'),
    (renewals) => renewals === 1,
  )
  const [first] = service.children().push
  process.kill(Number(first), 'SIGKILL')
  await stateOf(service, 'push', /^2 of 3/)
  await takesAgain(service)
  t.ok(service.children().push.length === 3)
})

t.test(
  'a write that does not reach the disk ends the core, is not tried again, and acknowledges nothing',
  async (t) => {
    const tried = join(await temporaryDirectory(t), 'tried')
    const before = core()
    await inspector?.evaluate(failingWrites(tried))
    await until(core, (now) => now !== undefined && now !== before)
    t.equal(readFileSync(tried, 'utf8'), 'x', 'once')
    await takesAgain(service)
    t.match(service.said(), /EIO: i\/o error/)
  },
)

t.test('what was acknowledged stands in the log, once', async (t) => {
  await department.end()
  t.equal(await service.stop(), 0)
  const counts = await eventsInLog(directory)
  t.ok(department.acknowledged.length > 100, `${department.acknowledged.length} events`)
  t.same(
    department.acknowledged.filter((id) => counts.get(id) !== 1),
    [],
  )
  t.equal(counts.size, department.acknowledged.length + city().length, 'and nothing else')
})

function mount(...words: string[]): boolean {
  try {
    execFileSync('mount', words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function core(): number {
  return Number(service.children().core[0])
}

/** From now on the log's writes fail as fdatasync does: it opens its files with O_DSYNC, so a write is both. */
const failingWrites = (tried: string): string => `{
  const fs = process.getBuiltinModule('fs')
  for (const name of ['write', 'writev']) {
    const real = fs[name]
    fs[name] = (fd, ...rest) => {
      if (!fs.readlinkSync('/proc/self/fd/' + fd).endsWith('.seg')) return real(fd, ...rest)
      fs.appendFileSync(${JSON.stringify(tried)}, 'x')
      const error = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
      setImmediate(() => rest.at(-1)(error, 0))
    }
  }
}`

async function refusal({ http }: Service): Promise<string> {
  const { status, body } = await ask(`${http}/v1/events`, city()[0], 'application/cloudevents+json')
  return `${status} ${JSON.stringify(body)}`
}

async function acknowledgesMore(): Promise<void> {
  const before = department.acknowledged.length
  await until(
    () => department.acknowledged.length,
    (now) => now > before + 3,
  )
}

/** All parts are well, and events are taken: without anybody having touched the service. */
async function takesAgain(of: Service): Promise<void> {
  await ready(of)
  await acknowledgesMore()
}
