import t from 'tap'
import { Mortals } from './deaths.js'
import { figure, ready } from './health.js'
import { Inspector } from './inspector.js'
import { ask, until } from './service.js'

// A thread of the engine has neither timers nor ticks: Piscina parks it.
const dying = {
  exit: 'process.exit(7)',
  exception: "queueMicrotask(() => { throw new Error('thrown by the walk') })",
  memory: 'const held = []; for (;;) held.push(new Array(1_000_000).fill(held.length))',
} as const

t.test(
  'threads of the engine and of the gate die, of whatever: their process lives, and nothing is lost',
  async (t) => {
    const mortals = await Mortals.begin(t, { shards: 2, shardHeapBytesMax: 128 * 1024 * 1024 })
    const { service } = mortals
    const { core } = service.children()
    const inspector = await Inspector.attach(service, Number(core[0]))
    t.teardown(() => inspector.close())
    for (const way of Object.values(dying))
      for (const shard of [0, 1]) {
        const before = await figure(service, 'quotawatch_engine_rebuilds_total')
        await inspector.endThread(way, `"shard":${shard}`)
        await until(
          () => figure(service, 'quotawatch_engine_rebuilds_total'),
          (now) => now > before,
        )
        await ready(service)
        await mortals.acknowledgesMore()
      }
    for (const way of Object.values(dying)) {
      const before = await figure(service, 'quotawatch_gate_restarts_total')
      await inspector.endThread(way, 'gate-thread')
      await until(
        () => figure(service, 'quotawatch_gate_restarts_total'),
        (now) => now > before,
      )
      await ready(service)
      const question = { unit: 'PJ-EDU-0001', count: 1, basis: 'permanent' }
      t.equal((await ask(`${service.gate}/v1/gate`, question)).status, 200, 'it answers again')
      await mortals.acknowledgesMore()
    }
    inspector.close()
    t.same(service.children().core, core, 'a thread that dies takes nobody with it')
    await mortals.proof()
  },
)
