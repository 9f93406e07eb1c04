/**
 * The core is killed at random moments under load; what was acknowledged is there, and what follows from it is the
 * same, number by number, as what an engine says that judged the log in one piece.
 */
import t from 'tap'
import { loadConfig } from '../../src/config/config.js'
import type { N } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import { openLog } from '../../src/log/log.js'
import { openRecord } from '../../src/log/record.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { skippedFrom } from '../../src/node/poisoned.js'
import { Judge } from '../../src/workers/judge.js'
import { ask, isRunning, type Service, startService, temporaryDirectory, until } from './service.js'

const kills = 5
const units = 20

/** Small numbers in a fixed order from a seed (Numerical Recipes' generator): a failing run can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const unitOf = (index: number) => `PJ-EDU-${String(index).padStart(4, '0')}`

function line(id: string, type: string, subject: string, fields: object): string {
  const time = new Date().toISOString()
  return JSON.stringify({ specversion: '1.0', source: '/departments/walk', id, type, subject, time, data: fields })
}

function city(): string[] {
  return Array.from({ length: units }, (_, index) => {
    const unit = unitOf(index)
    const profile = { level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true }
    return [
      line(`${unit}-a`, 'unit.registered', unit, { name: `示范小学${index}`, ...profile }),
      line(`${unit}-b`, 'staff.entered', unit, { count: 10, basis: 'permanent' }),
      line(`${unit}-c`, 'quota.approved', unit, { approved: 10, cause: 'census' }),
    ]
  }).flat()
}

/** Sends until it is answered: what was not acknowledged is sent again, as every department does. */
async function sendForCertain(service: Service, lines: readonly string[]): Promise<number[]> {
  const { body } = (await until(
    () => ask(`${service.http}/v1/events`, lines.join('\n'), 'application/x-ndjson').catch(() => undefined),
    (answer): answer is NonNullable<typeof answer> => answer?.status === 202,
  )) as { body: { items: { status: string; position: number }[] } }
  return body.items.map(({ position }) => position)
}

/** One clerk of several: hires and dismisses in units of its choice, so that units cross their quota all the time. */
async function clerk(service: Service, name: string, pick: (below: number) => number, isOver: () => boolean) {
  const positions: number[] = []
  for (let count = 0; !isOver() || count < 20; count++) {
    const events = Array.from({ length: 1 + pick(5) }, (_, i) => {
      const type = pick(2) === 0 ? 'staff.entered' : 'staff.left'
      return line(`${name}-${count}-${i}`, type, unitOf(pick(units)), { count: 1 + pick(2), basis: 'permanent' })
    })
    positions.push(...(await sendForCertain(service, events)))
  }
  return positions
}

/** What an engine of its own, with another number of shards, makes of the whole log. */
async function judgedInOnePiece(directory: string): Promise<{ transitions: Transition[]; ids: Map<string, number> }> {
  const config = { ...loadConfig({ directory, environment: {} }).config, directory: dataPaths(directory).logPath }
  const fail = (error: Error) => {
    throw error
  }
  const log = await openLog({
    ...config,
    zeroAheadBytes: 0,
    clock: () => 0 as never,
    onBatch: () => undefined,
    onFatal: fail,
  })
  const transitions: Transition[] = []
  const ids = new Map<string, number>()
  const judge = await Judge.open({
    ...config,
    shards: 3,
    stateBefore: async () => undefined,
    readLog: (from) => log.read(from),
    skippedFrom: (from) => skippedFrom(log, from),
    setAside: async () => undefined,
    onTrouble: fail,
    onJudged: (judged) => transitions.push(...judged.transitions),
    onFatal: fail,
  })
  for await (const batch of log.read(log.first)) {
    judge.submit(batch)
    for (const entry of batch.entries)
      if (entry.kind === 'event') ids.set(entry.event.id, (ids.get(entry.event.id) ?? 0) + 1)
  }
  await judge.close()
  await log.close()
  return { transitions, ids }
}

t.test('the core killed at random moments keeps what it acknowledged and comes to the same record', async (t) => {
  const seed = Number(process.env['QW_TEST_SEED'] ?? 20261123)
  t.comment(`seed ${seed}; again with QW_TEST_SEED=${seed}`)
  const pick = seeded(seed)
  const directory = await temporaryDirectory(t)
  const options = { restartBackoffMs: 10, coreSpareAfterMs: 100, snapshotEveryEntries: 50, shards: 2 }
  const service = await startService({ directory, options })
  t.teardown(() => service.stop())
  await sendForCertain(service, city())
  let killed = 0
  const clerks = ['hr', 'education', 'health'].map((name, i) =>
    clerk(service, name, seeded(seed + i), () => killed === kills),
  )
  while (killed < kills) {
    const head = async () => (await ask(`${service.http}/v1/transitions?since=0&limit=1`).catch(() => undefined))?.body
    const before = (await until(head, (body) => body !== undefined)) as { head: number }
    // A moment of the log's own making: so and so many transitions later.
    const target = before.head + pick(30)
    await until(head, (body) => body !== undefined && (body as { head: number }).head >= target)
    const [core] = service.children().core
    if (core === undefined) throw new Error('the core answered and is not there')
    process.kill(core, 'SIGKILL')
    await until(
      () => isRunning(core),
      (still) => !still,
    )
    killed += 1
  }
  const acknowledged = (await Promise.all(clerks)).flat()
  // The last kill may have come after every clerk's last answer; a core that is not back has not judged its tail.
  acknowledged.push(
    ...(await sendForCertain(service, [line('last', 'risk.reported', unitOf(0), { period: '2024-07' })])),
  )
  t.equal(await service.stop(), 0)
  const whole = await judgedInOnePiece(directory)
  t.equal(new Set(acknowledged).size, acknowledged.length, 'no position was given twice')
  t.equal([...whole.ids.values()].filter((count) => count !== 1).length, 0, 'no event stands in the log twice')
  t.equal(whole.ids.size, acknowledged.length + units * 3, 'every acknowledged event stands in the log')
  const record = await openRecord({
    ...loadConfig({ directory, environment: {} }).config,
    directory: dataPaths(directory).recordPath,
    onFatal: () => undefined,
  })
  const kept = await record.read(0 as N, 1_000_000)
  await record.close()
  t.ok(kept.length > kills, 'there was something to record')
  t.equal(
    kept.map((each) => JSON.stringify(each)).join('\n'),
    whole.transitions.map((each) => JSON.stringify(each)).join('\n'),
  )
})
