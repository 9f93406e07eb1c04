/**
 * Descriptors really exhausted: so few are permitted, and so few reserved, that connections take the last one.
 */
import type { Socket } from 'node:net'
import t from 'tap'
import { city, Department } from './department.js'
import { hangingRequest } from './hanging.js'
import { figure, partOf, ready } from './health.js'
import { ask, startService, temporaryDirectory, until } from './service.js'
import { eventsInLog } from './stopped.js'

t.test('no descriptor is left: it is said, what is acknowledged is kept, and it passes by itself', async (t) => {
  const directory = await temporaryDirectory(t)
  const service = await startService({
    directory,
    // A reserve that is no reserve: what the core has open itself is more.
    options: { openFilesReserved: 16, snapshotEveryEntries: 50, restartBackoffMs: 10, restartBackoffMsMax: 50 },
    limits: ['-c 0', '-n 320'],
  })
  t.teardown(() => service.stop())
  t.teardown(() => t.passing() || t.comment(service.said()))
  t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
  const department = new Department(service)
  t.teardown(() => department.end())
  const busy: Socket[] = []
  t.teardown(() => busy.map((socket) => socket.destroy()))
  await until(
    async () => {
      busy.push(await hangingRequest(service))
      return partOf(service, 'files')
    },
    (part) => part?.ready === false && /none can be opened: EMFILE/.test(part.state),
  )
  t.equal(await figure(service, 'quotawatch_part_ready{part="files"}'), 0)
  t.equal(await figure(service, 'quotawatch_open_files_lacking_total'), 1)
  const before = department.acknowledged.length
  await until(
    () => department.acknowledged.length,
    (now) => now > before + 60,
  )
  t.equal((await partOf(service, 'files'))?.ready, false, 'and that while there was none')
  for (const socket of busy) socket.destroy()
  await ready(service)
  t.ok((await figure(service, 'quotawatch_open_files_lacking_total')) >= 1)
  await department.end()
  t.equal(await service.stop(), 0)
  const counts = await eventsInLog(directory)
  t.same(
    department.acknowledged.filter((id) => counts.get(id) !== 1),
    [],
    'what was acknowledged stands in the log, once',
  )
  t.equal(counts.size, department.acknowledged.length + city().length, 'and nothing else')
})
