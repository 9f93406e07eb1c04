/**
 * A client process of the e2e bench (forked by bench/e2e.ts): some thousands of clients, their receipts and latencies.
 *
 * A process may open 20,000 files and a loopback address has 28,000 ports, so 100,000 clients are several of these, each
 * from an address of its own. It ends when the coordinator goes away.
 */
import { countyOf, unitIdOf } from './city.js'
import { ClientFigures } from './client-figures.js'
import { nowUs } from './clock.js'
import { newHistogram, pack } from './histogram.js'
import { type LoopLag, watchLoopLag } from './loop-lag.js'
import type { ClientsReport, FromClients, Plan, ToClients } from './messages.js'
import { openReceipt, type Receipt } from './receipts.js'
import { StreamClient } from './stream-client.js'

type Connect = Extract<ToClients, { kind: 'connect' }>

const examplesMax = 5
const clients: StreamClient[] = []
const receipts: Receipt[] = []
const malformed: string[] = []
const lostReasons: string[] = []
let malformedCount = 0
let lostCount = 0
let readyCount = 0
let figures: ClientFigures | undefined
let lag: LoopLag | undefined

const tell = (message: FromClients): void => {
  process.send?.(message)
}

/** Whether client `index` watches a county too: spread evenly, every prefix has its share. */
const watchesCounty = (index: number, share: number): boolean =>
  Math.floor((index + 1) * share + 1e-9) > Math.floor(index * share + 1e-9)

const topicsOf = (index: number, { units, countyShare }: Connect): string[] => {
  const unit = index % units
  const topics = [`unit/${unitIdOf(unit)}`]
  if (watchesCounty(index, countyShare)) topics.push(`county/${countyOf(unit)}`)
  return topics
}

const connectOne = (index: number, order: Connect): Promise<void> =>
  new Promise((resolve) => {
    const own = topicsOf(index, order).map(openReceipt)
    receipts.push(...own)
    const { host, port, sourceAddress } = order
    const client = new StreamClient({ host, port, sourceAddress }, own, {
      onReady: () => {
        readyCount += 1
        resolve()
      },
      onTransition: (frame, receivedUs) => figures?.take(frame, receivedUs),
      onMalformed: (text) => {
        malformedCount += 1
        if (malformed.length < examplesMax) malformed.push(text.slice(0, 500))
      },
      onLost: (reason) => {
        lostCount += 1
        if (!lostReasons.includes(reason) && lostReasons.length < examplesMax) lostReasons.push(reason)
        resolve()
      },
    })
    clients.push(client)
  })

/** A bounded number connect at once: the ramp must not be a storm that nobody asked to measure. */
const connect = async (order: Connect): Promise<void> => {
  const startedUs = nowUs()
  let next = order.first
  const lane = async (): Promise<void> => {
    while (next < order.first + order.count) {
      next += 1
      await connectOne(next - 1, order)
    }
  }
  await Promise.all(Array.from({ length: order.connectsInFlight }, lane))
  const tookMs = Math.round((nowUs() - startedUs) / 1e3)
  tell({ kind: 'connect', ready: readyCount, lostReasons, subscriptions: receipts.length, tookMs })
}

const measure = (plan: Plan): void => {
  figures = new ClientFigures(plan)
  lag = watchLoopLag()
  tell({ kind: 'measure' })
}

const received = (): number => receipts.reduce((sum, { tally }) => sum + tally.count, 0)

const report = (): ClientsReport => {
  lag?.stop()
  const cpu = process.cpuUsage()
  const own = figures ?? new ClientFigures({ schedule: { startUs: 0, ratePerSecond: 1, count: 0 }, firstMeasured: 0 })
  return {
    ...own.report(),
    receipts,
    lag: pack(lag?.histogram ?? newHistogram()),
    malformed,
    malformedCount,
    disconnects: lostCount,
    disconnectReasons: lostReasons,
    cpuMs: Math.round((cpu.user + cpu.system) / 1e3),
    residentBytes: process.memoryUsage.rss(),
  }
}

process.on('message', (message: ToClients) => {
  switch (message.kind) {
    case 'connect':
      void connect(message)
      return
    case 'measure':
      measure(message.plan)
      return
    case 'progress':
      tell({ kind: 'progress', received: received(), disconnects: lostCount })
      return
    case 'report':
      tell({ kind: 'report', ...report() })
  }
})
process.on('disconnect', () => process.exit(0))
