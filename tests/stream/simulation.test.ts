/**
 * Everything at once, by chance: publications, clients that break off, a core that goes and comes, push processes that
 * restart, with a ring, cohorts and parts so small that every path is taken. In the end every client must show the
 * truth, and must have been given every transition of its topics after its snapshot exactly once.
 *
 * The seed is printed; the order of what is done follows from it, the timing of sockets does not.
 */
import t, { type Test } from 'tap'
import { freePorts } from '../../bench/free-ports.js'
import type { Colour, County } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import { addStats, newStats } from '../../src/stream/counters.js'
import type { Push, PushStats } from '../../src/stream/push.js'
import { type Follower, until, World } from './world.js'

const seeds = Number(process.env['QW_SIMULATION_SEEDS'] ?? 12)
const firstSeed = Number(process.env['QW_SIMULATION_SEED'] ?? 1)
const steps = 150
const clients = 14

const counties: readonly County[] = ['XH', 'TS']
const colours: readonly Colour[] = ['green', 'yellow', 'red']
const topics = [
  'all',
  'all?colour=red',
  'county/XH',
  'county/TS',
  'county/XH?colour=red',
  'county/TS?colour=yellow',
  'unit/U0',
  'unit/U1',
  'unit/U2',
  'unit/U3',
]

/** A small generator of numbers by chance (mulberry32), so that a seed gives the same run. */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const drops = (seed: number): boolean => seed % 3 === 0

class Simulation {
  readonly world: World
  readonly followers: Follower[] = []
  readonly #random: () => number
  readonly #pushes: Push[] = []
  /** Counts of the push processes that were ended. */
  readonly ended = newStats()
  readonly #tiny: Parameters<World['startPush']>[0]

  constructor(t: Test, seed: number) {
    this.#random = chanceOf(seed)
    this.world = new World(t, { catchUpTransitionsMax: 6, snapshotPartBytesMax: 60, coreReadsMax: 2 })
    this.#tiny = {
      ringTransitionsMax: 1 + this.#below(6),
      cohortSubscribersMax: 1 + this.#below(3),
      sendQueueBytesMax: 64 * 1024,
      snapshotReuseMs: this.#below(2) * 1000,
      // Every third day deliveries are left out by chance: the clients must find that, and heartbeats are how.
      ...(drops(seed) && { faultDropRatio: 0.03, heartbeatMs: 500 }),
    }
  }

  async begin(): Promise<void> {
    await this.world.startCore()
    for (let index = 0; index < 2; index += 1) {
      // The socket library shares only ports that it was given by number.
      const [port = 0] = await freePorts(1)
      const { push, address } = await this.world.startPush({ ...this.#tiny, port })
      this.#pushes.push(push)
      for (let client = index; client < clients; client += 2) {
        const wanted = topics.filter(() => this.#random() < 0.4)
        const list = wanted.length > 0 ? wanted : ['all']
        this.followers.push(
          this.world.follow(address, { topics: list.map((topic) => ({ topic })), random: this.#random }),
        )
      }
    }
  }

  async step(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.7) this.change(1 + this.#below(4))
    else if (dice < 0.85) this.#pick(this.followers).watch.disconnect()
    else if (dice < 0.95) await this.#toggleCore()
    else await this.#restartPush()
    for (let turns = this.#below(12); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Some alerts change colour; published when the core is there, only in the record when it is not. */
  change(count: number): void {
    const { truth } = this.world
    const batch: Transition[] = []
    for (let left = count; left > 0; left -= 1) {
      const unit = this.#below(4)
      const rule = `rule-${this.#below(2)}`
      const county = counties[unit % 2] ?? 'XH'
      const transition = truth.change(`U${unit}`, county, this.#pick(colours), rule)
      batch.push(transition)
    }
    this.world.publish(...batch)
  }

  async settle(): Promise<void> {
    if (!this.world.bus) await this.world.startCore()
    // Every topic moves once more, so that who is behind can be seen to be.
    for (let unit = 0; unit < 4; unit += 1)
      for (const colour of colours)
        this.world.publish(this.world.truth.change(`U${unit}`, counties[unit % 2] ?? 'XH', colour, 'last'))
    await until(() => this.followers.every((follower) => this.#isThere(follower)))
  }

  #isThere(follower: Follower): boolean {
    const cursors = follower.watch.cursors()
    return (
      follower.agrees(this.world.truth) &&
      Object.keys(cursors).length === follower.topics.length &&
      follower.topics.every((topic) => (cursors[topic] ?? 0) >= (this.world.truth.ns(topic).at(-1) ?? 0))
    )
  }

  stats(): PushStats {
    return this.#pushes.reduce((sum, push) => addStats(sum, push.stats()), this.ended)
  }

  async #toggleCore(): Promise<void> {
    if (this.world.bus) await this.world.stopCore()
    else await this.world.startCore()
  }

  async #restartPush(): Promise<void> {
    const index = this.#below(this.#pushes.length)
    const old = this.#pushes[index]
    if (!old) return
    await old.stop()
    addStats(this.ended, old.stats())
    const { push } = await this.world.startPush({ ...this.#tiny, port: old.port })
    this.#pushes[index] = push
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T
  }
}

const taken = newStats()
let gapsFound = 0

for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1)
  t.test(`whatever happens, every client shows the truth in the end and missed nothing (seed ${seed})`, async (t) => {
    const simulation = new Simulation(t, seed)
    await simulation.begin()
    for (let step = 0; step < steps; step += 1) await simulation.step()
    await simulation.settle()
    addStats(taken, simulation.stats())
    const { truth } = simulation.world
    for (const follower of simulation.followers) {
      for (const topic of follower.topics) {
        const began = follower.began.get(topic) ?? 0
        const wanted = truth.ns(topic).filter((n) => n > began)
        t.same(follower.seen.get(topic) ?? [], wanted, `${topic} after ${began}`)
      }
      gapsFound += follower.watch.gaps
      if (!drops(seed)) t.equal(follower.watch.gaps, 0, 'no client had to find a loss by itself')
      t.equal(follower.watch.repeats, 0, 'nothing was sent twice')
    }
  })

t.test('every way to the present was taken', async (t) => {
  const { ring, record, reload } = taken.resumes
  t.ok(ring > 0 && record > 0 && reload > 0, `${ring} from the ring, ${record} from the record, ${reload} by snapshot`)
  t.ok(taken.faults > 0 && gapsFound > 0, `${taken.faults} deliveries left out, ${gapsFound} gaps found`)
  t.equal(taken.drops, 0)
})
