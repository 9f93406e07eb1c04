/**
 * Everybody who listens to one target, over several processes, as the coordinator sees them.
 */
import { Child } from '../child.js'
import type { Cleanup } from '../cleanup.js'
import { addressOf } from '../source.js'
import type { DialectName } from './dialects.js'
import type { Arrival, AudienceReport, FromAudience, ToAudience } from './messages.js'

export interface AudiencePlan {
  readonly dialect: DialectName
  readonly host: string
  readonly portFor: (index: number) => number
  readonly clients: number
  readonly processes: number
  readonly connectsInFlight: number
  /** Gives way to others every few reads. */
  readonly givesWay?: boolean
  /** Source addresses: a block of the run's own, and the first that nobody has in it. */
  readonly block: number
  readonly firstAddress: number
  readonly connectWaitMs: number
}

/** One broadcast, as all of the audience got it. */
export interface WholeArrival {
  readonly lastUs: number
  readonly cpuUs: number
  readonly text: string
}

const leaveWaitMs = 15_000

export class Audience {
  readonly clients: number
  readonly #children: readonly Child<ToAudience, FromAudience>[]

  private constructor(clients: number, children: readonly Child<ToAudience, FromAudience>[]) {
    this.clients = clients
    this.#children = children
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid)
  }

  /** Resolves when everybody listens; throws when not all do. */
  static async connect(plan: AudiencePlan, cleanup: Cleanup): Promise<Audience> {
    const children = Array.from({ length: plan.processes }, (_, i) => startChild(plan, i, cleanup))
    const answers = await Promise.all(children.map((child, i) => child.ask(orderOf(plan, i), plan.connectWaitMs)))
    const ready = answers.reduce((sum, one) => sum + one.ready, 0)
    const reasons = answers.flatMap((one) => one.reasons)
    if (ready < plan.clients)
      throw new Error(`${plan.dialect}: ${ready} of ${plan.clients} clients listen: ${reasons.join('; ')}`)
    return new Audience(plan.clients, children)
  }

  /** Resolves when everybody has had `broadcasts` in all. Ask before publishing. */
  async got(broadcasts: number, waitMs: number): Promise<WholeArrival> {
    const all: readonly Arrival[] = await Promise.all(
      this.#children.map((child) => child.ask({ kind: 'expect', broadcasts }, waitMs)),
    )
    return {
      lastUs: Math.max(...all.map(({ lastUs }) => lastUs)),
      cpuUs: all.reduce((sum, one) => sum + one.cpuUs, 0),
      text: all[0]?.text ?? '',
    }
  }

  report(waitMs: number): Promise<readonly AudienceReport[]> {
    return Promise.all(this.#children.map((child) => child.ask({ kind: 'report' }, waitMs)))
  }
}

const startChild = ({ dialect }: AudiencePlan, i: number, cleanup: Cleanup): Child<ToAudience, FromAudience> => {
  const child = new Child<ToAudience, FromAudience>(`audience of ${dialect} ${i + 1}`, './fanout/audience-process.js')
  cleanup.add(async () => {
    await child.ask({ kind: 'leave' }, leaveWaitMs).catch(() => undefined)
    await child.stop()
  })
  return child
}

const orderOf = (plan: AudiencePlan, i: number) => {
  const from = Math.floor((plan.clients * i) / plan.processes)
  const { dialect, host, connectsInFlight, givesWay } = plan
  return {
    kind: 'connect' as const,
    dialect,
    host,
    port: plan.portFor(i),
    sourceAddress: addressOf(plan.block, plan.firstAddress + i),
    count: Math.floor((plan.clients * (i + 1)) / plan.processes) - from,
    connectsInFlight,
    ...(givesWay && { givesWay }),
  }
}
