/**
 * The service is in danger itself: its store is away, its engine stands still. Whoever watches the city is shown an alert
 * of that, and its end, as of anything else. (The disk's is in machine.test.ts.)
 */
import t from 'tap'
import { WebSocket } from 'ws'
import { connect } from '../../client/stream.js'
import { city, Department } from './department.js'
import { alertsOfItself, figure, partOf } from './health.js'
import { Inspector } from './inspector.js'
import { ask, startService, temporaryDirectory, until } from './service.js'

// Longer than an alarm's two looks, a second each, on a machine that is busy with others.
const standsStillMs = 6000
// Turning, because a wait of a thread's own within what a debugger evaluates ends the process.
const standStill = `for (const end = Date.now() + ${standsStillMs}; Date.now() < end; );`

t.test('a store that is away and an engine that stands still are alerts, and so is their end', async (t) => {
  const service = await startService({
    directory: await temporaryDirectory(t),
    options: {
      rulesFile: 'rules/jiangmen.yaml',
      store: 'clickhouse',
      storeInsertEveryMs: 50,
      storeRequestMsMax: 500,
      storeBackoffMs: 10,
      storeBackoffMsMax: 100,
      ingestDelayMsMax: 1000,
      alarmHoldMs: 0,
      // One that is stopped says nothing, and is to be left alone.
      childSilenceMs: 600_000,
    },
    environment: { NODE_OPTIONS: '--inspect-port=0' },
    limits: ['-c 0'],
  })
  t.teardown(() => service.stop())
  t.teardown(() => t.passing() || t.comment(service.said()))
  const seen: string[] = []
  const stream = connect({ url: service.critical, WebSocket, reconnectMsMin: 10, reconnectMsMax: 50 })
  t.teardown(() => stream.close())
  stream.subscribe('all', {
    since: 0,
    onTransition: ({ subject, to }) => {
      if (subject.startsWith('self/')) seen.push(`${subject} ${to}`)
    },
  })
  const shown = (wanted: readonly string[]) =>
    until(
      () => seen,
      (all) => wanted.every((one) => all.includes(one)) && wanted.at(-1) === all.at(-1),
    )
  // While the service starts its store is not there yet, and that is said too.
  await alertsOfItself(service, [])
  await until(
    () => partOf(service, 'store'),
    (part) => /^holds the log/.test(part?.state ?? ''),
  )
  seen.length = 0

  const [store] = service.children().store
  process.kill(Number(store), 'SIGSTOP')
  t.teardown(() => process.kill(Number(store), 'SIGCONT'))
  t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
  await shown(['self/store yellow'])
  await alertsOfItself(service, ['self/store yellow'])
  process.kill(Number(store), 'SIGCONT')
  await shown(['self/store yellow', 'self/store green'])
  await alertsOfItself(service, [])

  const department = new Department(service)
  t.teardown(() => department.end())
  const inspector = await Inspector.attach(service, Number(service.children().core[0]))
  t.teardown(() => inspector.close())
  const refused = await figure(service, 'quotawatch_ingest_refused_total{reason="delay"}')
  await inspector.runInThread(standStill)
  await shown(['self/delay red'])
  t.ok((await figure(service, 'quotawatch_ingest_refused_total{reason="delay"}')) > refused, 'events were refused')
  await shown(['self/delay red', 'self/delay green'])
  await alertsOfItself(service, [])
  await department.end()
})
