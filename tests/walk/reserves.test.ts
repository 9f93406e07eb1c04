/**
 * What runs out slowly is said before it has: the memory for pairs of source and id, and snapshots that cannot be made.
 */
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { city } from './department.js'
import { alertsOfItself, figure, partOf } from './health.js'
import { event } from './reported.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'

const keysMax = 1000

let sent = 0
const send = (service: Service, count: number) => {
  const lines = Array.from({ length: count }, () =>
    event(`hire-${sent++}`, 'contract.entered', 'PJ-EDU-0001', { count: 1 }),
  )
  return fetch(`${service.http}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
    signal: AbortSignal.timeout(30_000),
  })
}

t.test('both are alerts, figures and words at /readyz, and the second heals by itself', async (t) => {
  const directory = await temporaryDirectory(t)
  const service = await startService({
    directory,
    options: {
      rulesFile: 'rules/jiangmen.yaml',
      duplicateKeysMax: keysMax,
      snapshotEveryEntries: 50,
      alarmHoldMs: 0,
      // Every request is judged before the next one is sent; a busy machine must not refuse one.
      ingestDelayMsMax: 60_000,
    },
  })
  t.teardown(() => service.stop())
  t.teardown(() => t.passing() || t.comment(service.said()))
  const founded = city().length
  t.equal((await ask(`${service.http}/v1/events`, city().join('\n'), 'application/x-ndjson')).status, 202)
  const snapshots = () => figure(service, 'quotawatch_snapshot_position')
  await until(
    async () => {
      t.equal((await send(service, 10)).status, 202)
      return snapshots()
    },
    (position) => position > 0,
  )

  const path = join(directory, 'snapshots')
  await rename(path, `${path}.aside`)
  await writeFile(path, '')
  await until(
    async () => {
      t.equal((await send(service, 10)).status, 202)
      return figure(service, 'quotawatch_snapshot_failures_total')
    },
    (failures) => failures > 0,
  )
  t.match((await partOf(service, 'snapshots'))?.state, /^the newest is of position \d+; the last try: ENOTDIR/)
  await alertsOfItself(service, ['self/snapshots yellow'])
  await rm(path)
  await rename(`${path}.aside`, path)
  await until(
    async () => {
      t.equal((await send(service, 10)).status, 202)
      return (await partOf(service, 'snapshots'))?.state ?? ''
    },
    (state) => /^the newest is of position \d+$/.test(state),
  )
  await alertsOfItself(service, [])

  t.ok(sent + founded < 0.8 * keysMax, 'there is room until here')
  t.equal((await send(service, Math.ceil(0.8 * keysMax) - sent - founded)).status, 202)
  t.ok((await figure(service, 'quotawatch_queue_depth{queue="duplicate_keys"}')) >= 0.8 * keysMax)
  await alertsOfItself(service, ['self/memory yellow'])
  t.equal((await send(service, 250)).status, 202)
  const refused = await send(service, 1)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '60')
  await alertsOfItself(service, ['self/delay red', 'self/memory red'])
})
