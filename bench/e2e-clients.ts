/**
 * The client processes as the coordinator sees them: started, connected, asked, sent home.
 */
import { Child } from './child.js'
import type { Cleanup } from './cleanup.js'
import type { Expectation } from './ledger.js'
import type { ClientsReport, CrowdSettings, FromClients, ToClients } from './messages.js'
import { everyNowAndThen, say } from './progress.js'
import { addressOf, newBlock } from './source.js'

const askWaitMs = 60_000
const leaveWaitMs = 15_000

type ClientsChild = Child<ToClients, FromClients>

/** Clients that are alike, over so many processes. */
export interface Group {
  readonly clients: number
  readonly processes: number
  /** The first client's number; decides which unit it watches. */
  readonly first: number
  readonly niceness: number
  readonly crowd: Pick<CrowdSettings, 'host' | 'port' | 'units' | 'countyShare' | 'connectsInFlight'> &
    Partial<Pick<CrowdSettings, 'comesBack' | 'only' | 'keepsSamples' | 'gatherMs'>>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export class ClientProcesses {
  readonly #block = newBlock()
  readonly #all: ClientsChild[] = []

  get pids(): number[] {
    return this.#all.map(({ pid }) => pid)
  }

  /** Starts the group's processes and resolves when all of its clients are subscribed. Throws when they do not come. */
  async connect(group: Group, waitMs: number, cleanup: Cleanup): Promise<ClientsChild[]> {
    const children = Array.from({ length: group.processes }, (_, i) => this.#start(i, cleanup))
    const stopSaying = everyNowAndThen(5_000, async () => `${await this.#sum(children, 'ready')} clients are there`)
    try {
      const connected = await Promise.all(
        children.map((child, i) => child.ask({ kind: 'connect', ...partOf(group, i, this.#addressOf(child)) }, waitMs)),
      )
      const ready = connected.reduce((sum, one) => sum + one.ready, 0)
      if (ready < group.clients)
        throw new Error(
          `${ready} of ${group.clients} clients came through: ${connected.flatMap((one) => one.lostReasons).join('; ')}`,
        )
      say(`${ready} clients with ${connected.reduce((sum, one) => sum + one.subscriptions, 0)} subscriptions`)
      return children
    } finally {
      stopSaying()
    }
  }

  ask<K extends ToClients['kind']>(
    message: Extract<ToClients, { kind: K }>,
    children: readonly ClientsChild[] = this.#all,
  ): Promise<Extract<FromClients, { readonly kind: K }>[]> {
    return Promise.all(children.map((child) => child.ask<K>(message, askWaitMs)))
  }

  /** Waits until everybody is back and has as many frames as the record says, or the time is over; then the reports. */
  async drain(expectation: Expectation, waitMs: number): Promise<ClientsReport[]> {
    const giveUpAt = Date.now() + waitMs
    while (Date.now() < giveUpAt && (await this.#sum(this.#all, 'away')) > 0) await pause(200)
    const expected = expectedOf(await this.ask({ kind: 'report' }), expectation)
    while (Date.now() < giveUpAt && (await this.#sum(this.#all, 'received')) < expected) await pause(100)
    return this.ask({ kind: 'report' })
  }

  async #sum(children: readonly ClientsChild[], what: 'ready' | 'received' | 'away'): Promise<number> {
    const progress = await this.ask({ kind: 'progress' }, children)
    return progress.reduce((sum, one) => sum + one[what], 0)
  }

  #addressOf(child: ClientsChild): string {
    return addressOf(this.#block, this.#all.indexOf(child))
  }

  #start(index: number, cleanup: Cleanup): ClientsChild {
    const child: ClientsChild = new Child(`clients ${index + 1}`, './clients-process.js')
    this.#all.push(child)
    cleanup.add(async () => {
      await child.ask({ kind: 'leave' }, leaveWaitMs).catch(() => undefined)
      await child.stop()
    })
    return child
  }
}

const partOf = ({ clients, processes, first, niceness, crowd }: Group, part: number, sourceAddress: string) => ({
  ...crowd,
  sourceAddress,
  niceness,
  first,
  clients,
  part,
  parts: processes,
})

const expectedOf = (reports: readonly ClientsReport[], expectation: Expectation): number =>
  reports
    .flatMap(({ receipts }) => receipts)
    .reduce((sum, { topic, baseline, until }) => sum + expectation.after(topic, baseline, until).count, 0)
