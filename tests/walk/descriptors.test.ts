/**
 * Descriptors really exhausted: so few are permitted, and so few reserved, that connections take the last one.
 */
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { city, Department } from './department.js'
import { hangingRequest } from './hanging.js'
import { figure, partOf, ready, stateOf } from './health.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'
import { eventsInLog } from './stopped.js'

/** A service to which so few files are permitted, a department that reports, and how to take what is left of them. */
async function serviceOfFewFiles(t: Test, options: Readonly<Record<string, number>>) {
  const directory = await temporaryDirectory(t)
  const service = await startService({
    directory,
    // A reserve that is no reserve: what the core has open itself is more.
    options: { openFilesReserved: 16, restartBackoffMs: 10, restartBackoffMsMax: 50, ...options },
    limits: ['-c 0', '-n 320'],
  })
  t.teardown(() => service.stop())
  t.teardown(() => t.passing() || t.comment(service.said()))
  t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
  const department = new Department(service)
  t.teardown(() => department.leave())
  const busy: Socket[] = []
  const giveBack = () => busy.map((socket) => socket.destroy())
  t.teardown(giveBack)
  const takeAll = () =>
    until(
      async () => {
        busy.push(await hangingRequest(service))
        return partOf(service, 'files')
      },
      (part) => part?.ready === false && /none can be opened: EMFILE/.test(part.state),
    )
  return { service, department, takeAll, giveBack }
}

/** Without a descriptor the core may have none for the connection that asks. */
const told = (service: Service, name: string): Promise<number> =>
  until(
    () => figure(service, name),
    (value) => !Number.isNaN(value),
  )

async function keptOnce(t: Test, service: Service, department: Department): Promise<void> {
  await department.end()
  t.equal(await service.stop(), 0)
  const counts = await eventsInLog(service.directory)
  t.same(
    department.acknowledged.filter((id) => counts.get(id) !== 1),
    [],
    'what was acknowledged stands in the log, once',
  )
  t.equal(counts.size, department.acknowledged.length + city().length, 'and nothing else')
}

t.test('no descriptor is left: it is said, what is acknowledged is kept, and it passes by itself', async (t) => {
  const { service, department, takeAll, giveBack } = await serviceOfFewFiles(t, { snapshotEveryEntries: 50 })
  await takeAll()
  t.equal(await told(service, 'quotawatch_part_ready{part="files"}'), 0)
  t.ok((await told(service, 'quotawatch_open_files_lacking_total')) >= 1)
  const before = department.acknowledged.length
  await until(
    () => department.acknowledged.length,
    (now) => now > before + 60,
  )
  // And that while there was none.
  await stateOf(service, 'files', /none can be opened: EMFILE/)
  giveBack()
  await ready(service)
  t.ok((await told(service, 'quotawatch_open_files_lacking_total')) >= 1)
  await keptOnce(t, service, department)
})

t.test('none is left for the next file of the log: nothing is acknowledged, and it waits for one', async (t) => {
  const kibibyte = 1024
  const { service, department, takeAll, giveBack } = await serviceOfFewFiles(t, {
    segmentBytesMax: 64 * kibibyte,
    batchBytesMax: 64 * kibibyte,
    recordSegmentBytesMax: 64 * kibibyte,
    logZeroAheadBytes: 16 * kibibyte,
    ingestDelayMsMax: 1000,
  })
  const { core } = service.children()
  await takeAll()
  await stateOf(service, 'log', /nothing more is written: EMFILE/)
  await stateOf(service, 'ingest', /^refusing: .*ingestDelayMsMax/)
  const before = department.acknowledged.length
  const refused = await until(
    () => ask(`${service.http}/v1/events`, city()[0], 'application/cloudevents+json').catch(() => undefined),
    (answer) => answer !== undefined,
  )
  t.match(refused, { status: 503, body: { code: 'QW_TOO_LATE' } })
  t.equal(await told(service, 'quotawatch_part_ready{part="log"}'), 0)
  t.equal(department.acknowledged.length, before, 'nothing is acknowledged meanwhile')
  giveBack()
  await ready(service)
  await until(
    () => department.acknowledged.length,
    (now) => now > before + 3,
  )
  t.same(service.children().core, core, 'the core has lived through it')
  await keptOnce(t, service, department)
})
