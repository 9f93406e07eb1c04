/**
 * Every process and thread of a service under load dies, one after the other: killed, of an exception of its own, and of
 * memory. The rest goes on, the dead come back by themselves, nothing acknowledged is lost or doubled, and clients that
 * followed all the time have every transition once.
 */
import t from 'tap'
import { WebSocket } from 'ws'
import { connect } from '../../client/stream.js'
import { city, Department } from './department.js'
import { Inspector } from './inspector.js'
import { ask, isRunning, type Service, startService, stopped, temporaryDirectory, until } from './service.js'
import { eventsInLog } from './stopped.js'

/** A client that follows a topic through everything, with the library that departments and walls use. */
function follow(url: string, topic: string) {
  const seen: number[] = []
  const stream = connect({ url, WebSocket, reconnectMsMin: 10, reconnectMsMax: 50 })
  // From the beginning: a snapshot in between would be a gap that nobody sees.
  stream.subscribe(topic, { since: 0, onSnapshot: () => seen.push(Number.NaN), onTransition: ({ n }) => seen.push(n) })
  return { seen, stream }
}

type Role = 'core' | 'push' | 'store'
const throwing = "setTimeout(() => { throw new Error('thrown by the walk') })"
const filling = 'const held = []; for (;;) held.push(new Array(100_000).fill(held.length))'

async function end(service: Service, pid: number, way: string): Promise<void> {
  if (way === 'SIGKILL') process.kill(pid, 'SIGKILL')
  else await (await Inspector.attach(service, pid)).evaluate(way)
  await until(
    () => isRunning(pid),
    (still) => !still,
  )
}

const isReady = async ({ http }: Service): Promise<boolean> =>
  (await ask(`${http}/readyz`).catch(() => undefined))?.status === 200

/** Until all processes are there again and the service says that all of it is well. */
async function recovered(service: Service, role: Role, count: number): Promise<void> {
  await until(
    () => service.children()[role].length === count && isReady(service),
    (is) => is,
  )
}

const rebuilds = async ({ http }: Service): Promise<number> => {
  const text = await (await fetch(`${http}/metrics`)).text()
  return Number(/^quotawatch_engine_rebuilds_total (\d+)$/m.exec(text)?.[1])
}

// Heaps are small, so that one that is filled is full soon; and nobody wants the dumps.
const environment = { NODE_OPTIONS: '--inspect-port=0 --max-old-space-size=96' }
const options = {
  restartBackoffMs: 10,
  restartBackoffMsMax: 50,
  snapshotEveryEntries: 100,
  store: 'clickhouse',
  // ClickHouse hangs in the handler of its own crash. Not less: on a busy machine a process takes long to begin.
  childSilenceMs: 15_000,
}

t.test('whoever dies, of whatever: the rest goes on, it comes back, and nothing is lost or doubled', async (t) => {
  const directory = await temporaryDirectory(t)
  const start = (ports = {}) =>
    startService({ directory, options: { ...options, ...ports }, environment, limits: ['-c 0'] })
  let service = await start()
  t.teardown(() => service.stop())
  t.teardown(() => t.passing() || t.comment(service.said()))
  t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
  const clients = [follow(service.critical, 'all'), follow(service.stream, 'county/PJ')]
  for (const { stream } of clients) t.teardown(() => stream.close())
  const department = new Department(service)
  t.teardown(() => department.end())
  for (const way of ['SIGKILL', throwing, filling])
    for (const role of ['push', 'core', 'store'] as const) {
      const pids = service.children()[role]
      t.ok(pids.length > 0, `${role} is there`)
      // Push processes are all alike: each is killed, one throws, one runs out of memory.
      for (const pid of way === 'SIGKILL' ? pids : pids.slice(-1)) {
        await end(service, pid, way)
        await recovered(service, role, pids.length)
      }
    }
  const { core } = service.children()
  const inspector = await Inspector.attach(service, Number(core[0]))
  for (const way of ['process.exit(7)', filling]) {
    const before = await rebuilds(service)
    await inspector.endThread(way)
    await until(
      () => rebuilds(service),
      (now) => now > before,
    )
    await recovered(service, 'core', 1)
    t.same(service.children().core, core, 'a thread that dies takes nobody with it')
  }
  inspector.close()
  t.equal(await stopped(service.main, 'SIGKILL'), null)
  service = await start(portsOf(service))
  const before = department.acknowledged.length
  await until(
    () => department.acknowledged.length,
    (now) => now > before,
  )
  await department.end()
  const transitions = await allTransitions(service)
  t.ok(transitions.length > 100, `${transitions.length} transitions`)
  const numbers = ns(transitions)
  t.same(
    numbers,
    numbers.map((_, index) => index + 1),
    'numbered without a gap',
  )
  for (const { seen } of clients) {
    // All units are of one county, and nothing is said about the city.
    await until(
      () => seen.at(-1),
      (last) => last === numbers.at(-1),
    )
    t.same(seen, numbers, 'a client that followed all the time has each once, in order')
  }
  t.equal(await service.stop(), 0)
  const counts = await eventsInLog(directory)
  t.same(
    department.acknowledged.filter((id) => counts.get(id) !== 1),
    [],
    'what was acknowledged stands in the log, once',
  )
  t.equal(counts.size, department.acknowledged.length + city().length, 'and nothing else')
})

const portsOf = ({ http, stream, critical, gate }: Service) => ({
  httpPort: new URL(http).port,
  streamPort: new URL(stream).port,
  criticalPort: new URL(critical).port,
  gatePort: new URL(gate).port,
})

interface Recorded {
  readonly n: number
}

const ns = (transitions: readonly Recorded[]): number[] => transitions.map(({ n }) => n)

async function allTransitions({ http }: Service): Promise<Recorded[]> {
  const all: Recorded[] = []
  for (;;) {
    const { body } = await ask(`${http}/v1/transitions?since=${all.at(-1)?.n ?? 0}&limit=1000`)
    const { items } = body as { items: Recorded[] }
    if (items.length === 0) return all
    all.push(...items)
  }
}
