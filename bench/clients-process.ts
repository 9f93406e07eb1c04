/**
 * A client process of the e2e bench (forked by bench/e2e.ts): some thousands of clients, their receipts and latencies.
 *
 * A process may open 20,000 files and a loopback address has so many ports, so 100,000 clients are several of these,
 * each from an address of its own. It ends when the coordinator goes away.
 */
import { nowUs } from './clock.js'
import { Crowd } from './crowd.js'
import { newHistogram, pack } from './histogram.js'
import { type LoopLag, watchLoopLag } from './loop-lag.js'
import type { ClientsReport, FromClients, Plan, ToClients } from './messages.js'
import { prioritise } from './priority.js'

type Connect = Extract<ToClients, { kind: 'connect' }>

/** A look every 5 ms in each of eight processes would wake them more often than the frames do. */
const lagEveryMs = 20

let crowd: Crowd | undefined
let lag: LoopLag | undefined
let measuredFrom: { readonly cpu: NodeJS.CpuUsage; readonly received: number } | undefined

const tell = (message: FromClients): void => {
  process.send?.(message)
}

const connect = async ({ niceness, ...settings }: Connect): Promise<void> => {
  if (niceness !== undefined) prioritise(niceness)
  crowd = new Crowd(settings)
  const startedUs = nowUs()
  await crowd.connect()
  const { ready, lostReasons, subscriptions } = crowd
  tell({ kind: 'connect', ready, lostReasons, subscriptions, tookMs: Math.round((nowUs() - startedUs) / 1e3) })
}

const measure = (own: Crowd, plan: Plan): void => {
  own.measure(plan)
  lag = watchLoopLag(lagEveryMs)
  measuredFrom = { cpu: process.cpuUsage(), received: own.received }
  tell({ kind: 'measure' })
}

const report = (own: Crowd): ClientsReport => {
  lag?.stop()
  const cpu = process.cpuUsage(measuredFrom?.cpu)
  return {
    ...own.report(),
    lag: pack(lag?.histogram ?? newHistogram()),
    cpuMs: Math.round((cpu.user + cpu.system) / 1e3),
    receivedWhile: own.received - (measuredFrom?.received ?? 0),
    residentBytes: process.memoryUsage.rss(),
  }
}

const obey = async (own: Crowd, message: Exclude<ToClients, Connect>): Promise<void> => {
  switch (message.kind) {
    case 'measure':
      measure(own, message.plan)
      return
    case 'progress':
      tell({ kind: 'progress', ready: own.ready, received: own.received, disconnects: own.lost, away: own.away })
      return
    case 'report':
      tell({ kind: 'report', ...report(own) })
      return
    case 'storm':
      await own.storm(message.withinMs)
      break
    case 'stall':
      own.stall()
      break
    case 'goOn':
      own.goOn()
      break
    case 'leave':
      await own.leave()
  }
  tell({ kind: message.kind })
}

process.on('message', (message: ToClients) => {
  if (message.kind === 'connect') void connect(message)
  else if (crowd !== undefined) void obey(crowd, message)
})
process.on('disconnect', () => process.exit(0))
