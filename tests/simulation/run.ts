/**
 * One run: a service, its senders and viewers, and trouble, all from one seed. Throws what was broken.
 */
import { Service } from './service.js'
import { takeOver } from './take-over.js'
import { calm, makeTrouble } from './trouble.js'

export interface Run {
  readonly seed: number
  readonly happened: number
  readonly acknowledged: number
  readonly transitions: number
  readonly starts: number
  readonly doubts: number
  readonly virtualMs: number
}

const departments = 3
const troublesMax = 24
/** Some heartbeats: what a client has not been shown by then, it has missed. */
const settleMs = 2000

export async function run(seed: number): Promise<Run> {
  const service = new Service(seed)
  const { machine, disk, files, network } = service
  const giveBack = takeOver(machine, disk, files, network)
  let made: string[] = []
  try {
    service.begin()
    service.store.troubleShare = 0.2
    for (let at = 1; at <= departments; at++)
      service.departments.begin(`/departments/${at}`, machine.random.whole(10, 60))
    for (const topic of ['all', 'county/XH', 'unit/U1']) service.watch(topic)
    made = makeTrouble(service, machine.random.whole(0, troublesMax))
    const isOver = () => service.broken !== undefined || service.departments.areDone
    await machine.until('every event is answered', isOver, 600_000)
    calm(service)
    await machine.until('all is at rest', () => service.broken !== undefined || service.isAtRest, 120_000)
    if (service.broken) throw service.broken
    await machine.pass(settleMs)
    await service.checkAll()
    if (machine.crashes.length > 0) throw new Error(machine.crashes.join('\n'))
    const { starts, store, departments: senders, viewers } = service
    return {
      seed,
      happened: machine.happened,
      acknowledged: senders.answered.length,
      transitions: viewers[0]?.n ?? 0,
      starts,
      doubts: store.doubts,
      virtualMs: Math.round(machine.nowMs),
    }
  } catch (error) {
    const ends = [...service.said.slice(-12), ...machine.crashes.slice(0, 3), service.state]
    const told = [`seed ${seed} at ${machine.nowMs.toFixed(3)} ms`, ...made, ...ends]
    throw new Error(`${(error as Error).message}\n  ${told.join('\n  ')}`, { cause: error })
  } finally {
    giveBack()
  }
}
