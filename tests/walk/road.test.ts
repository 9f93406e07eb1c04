import { spawn } from 'node:child_process'
import t from 'tap'
import { event, school, send } from './reported.js'
import { ask, command, isRunning, root, startService, stopped, temporaryDirectory, until } from './service.js'

interface Item {
  readonly n: number
  readonly kind: string
  readonly rule?: string
  readonly to: string
}

/** A process's output; `seen` resolves when it holds what is waited for. */
function listen(words: readonly string[]) {
  const child = spawn(process.execPath, command(words), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  return {
    seen: (pattern: RegExp) =>
      until(
        () => text,
        (all) => pattern.test(all),
      ),
    stop: () => stopped(child, 'SIGTERM'),
  }
}

t.test('an event posted over HTTP is a frame on a watcher of the stream', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  const watcher = listen(['watch', 'all', '--address', service.critical])
  t.teardown(() => watcher.stop())
  await watcher.seen(/all stands at n 0/)
  await send(service.http, school('PJ-EDU-0001'))
  const answer = await send(service.http, [
    event('hire-1', 'staff.entered', 'PJ-EDU-0001', { count: 1, basis: 'permanent' }),
  ])
  t.match(answer.body, { items: [{ status: 'accepted' }] })
  await watcher.seen(/PJ-EDU-0001 +over-quota +green → red/)
  await watcher.seen(/PJ-EDU-0001 +freeze 1 +none → frozen/)
  const unit = await ask(`${service.http}/v1/units/PJ-EDU-0001`)
  t.match(unit.body, { colour: 'red', freeze: { state: 'frozen', reasons: ['over-quota'], sequence: 1 } })
  const { body } = await ask(`${service.http}/v1/transitions?since=0`)
  t.same(
    (body as { items: Item[] }).items.map(({ n, kind, rule, to }) => [n, kind, rule, to]),
    [
      [1, 'alert', 'over-quota', 'red'],
      [2, 'freeze', undefined, 'frozen'],
    ],
  )
})

t.test('a clean stop leaves no process behind, and the next start goes on at the same n without a tail', async (t) => {
  const directory = await temporaryDirectory(t)
  const first = await startService({ directory })
  await send(first.http, [
    ...school('XH-EDU-0001'),
    event('x', 'staff.entered', 'XH-EDU-0001', { count: 2, basis: 'permanent' }),
  ])
  // The answer to a request waits for the disk, not for the engine.
  const before = await until(
    () => ask(`${first.http}/v1/transitions?since=0`),
    ({ body }) => (body as { head: number }).head === 2,
  )
  const { core, push } = first.children()
  t.same([core.length, push.length], [1, 3], 'a core, two common push processes and the critical one')
  t.equal(await first.stop(), 0)
  t.same([...core, ...push].filter(isRunning), [])
  const second = await startService({ directory })
  t.teardown(() => second.stop())
  t.same((await ask(`${second.http}/v1/transitions?since=0`)).body, before.body)
  t.match((await ask(`${second.http}/v1/units/XH-EDU-0001`)).body, { colour: 'red', freeze: { sequence: 1 } })
  const again = await send(second.http, [school('XH-EDU-0001')[0] as string])
  t.match(again.body, { items: [{ status: 'quarantined', code: 'QW_ID_CONFLICT' }] }, 'another time is other content')
})

t.test('nobody outlives main, even when main is killed', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  const { core, push } = service.children()
  await stopped(service.main, 'SIGKILL')
  await until(
    () => [...core, ...push].filter(isRunning),
    (left) => left.length === 0,
  )
  t.pass('all children are gone')
})

t.test('a process that dies comes back, and a watcher misses nothing', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t), options: { restartBackoffMs: 10 } })
  t.teardown(() => service.stop())
  const watcher = listen(['watch', 'all', '--json', '--address', service.critical])
  t.teardown(() => watcher.stop())
  await watcher.seen(/"subscribed"/)
  await send(service.http, school('TS-EDU-0001'))
  for (const pid of [...service.children().push, ...service.children().core]) {
    process.kill(pid, 'SIGKILL')
    await until(
      () => isRunning(pid),
      (still) => !still,
    )
  }
  const hire = event('hire', 'staff.entered', 'TS-EDU-0001', { count: 1, basis: 'permanent' })
  await until(
    () => send(service.http, [hire]).catch(() => undefined),
    (answer) => answer?.status === 202,
  )
  await watcher.seen(/"n":1,[^\n]*over-quota/)
  await watcher.seen(/"n":2,[^\n]*"freeze"/)
  t.match((await ask(`${service.http}/v1/freezes`)).body, { items: [{ unit: 'TS-EDU-0001', state: 'frozen' }] })
})

t.test('under a scenario clock time moves only by order, and a lift ends when its end is reached', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t), options: { clock: 'scenario' } })
  t.teardown(() => service.stop())
  const at = (time: string) =>
    [...school('KP-EDU-0001')].map((line) => line.replace(/"time":"[^"]*"/, `"time":"${time}"`))
  await send(service.http, at('2024-01-02T00:00:00+08:00'))
  const hire = event('hire', 'staff.entered', 'KP-EDU-0001', { count: 1, basis: 'permanent' })
  await send(service.http, [hire.replace(/"time":"[^"]*"/, '"time":"2024-01-02T00:00:00+08:00"')])
  const order = {
    order: 'lift',
    subject: 'KP-EDU-0001',
    by: 'city/zhang',
    reason: '容错',
    until: '2024-01-05T00:00:00+08:00',
  }
  t.equal((await ask(`${service.http}/v1/orders`, order)).status, 202)
  const freeze = async () => ((await ask(`${service.http}/v1/units/KP-EDU-0001`)).body as { freeze: unknown }).freeze
  t.match(await freeze(), { state: 'lifted', sequence: 2 })
  t.equal((await ask(`${service.http}/v1/clock`, { now: '2024-01-05T00:00:00+08:00' })).status, 200)
  t.match(await freeze(), { state: 'frozen', sequence: 3 })
  t.match((await ask(`${service.http}/v1/clock`)).body, { now: '2024-01-05T00:00:00.000+08:00', clock: 'scenario' })
  t.equal((await ask(`${service.http}/v1/clock`, { now: '2024-01-04T00:00:00+08:00' })).status, 422)
})
