/**
 * Shards on threads that die: of nothing, or of an entry. The next one that comes in the place of a dead thread is empty.
 */
import { type ShardCall, ShardHost } from '../../src/workers/shard-host.js'
import type { ShardPool } from '../../src/workers/shard-pool.js'
import type { Machine } from './machine.js'

/** In the id of an event that no engine can take. */
export const poisonMark = 'poison-'

export class Threads {
  deaths = 0
  readonly #machine: Machine
  readonly #alive = new Set<{ host: ShardHost }>()

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** One of them; whoever asks it next finds another one, or is told. */
  killOne(): void {
    if (this.#alive.size === 0) return
    this.#machine.random.pick([...this.#alive]).host = new ShardHost()
    this.deaths += 1
  }

  readonly openPool = (): ShardPool => {
    const machine = this.#machine
    const { life, random } = machine
    const thread = { host: new ShardHost() }
    this.#alive.add(thread)
    life.ends.push(() => this.#alive.delete(thread))
    return {
      call: async (call) => {
        const asked = structuredClone(call)
        await machine.wait(random.whole(2, 20) / 100)
        if (isPoisonous(asked)) {
          if (random.chance(0.5)) thread.host = new ShardHost()
          throw new Error('no engine can take this')
        }
        const { host } = thread
        const answer = structuredClone(host.answer(asked))
        await machine.wait(random.whole(2, 20) / 100)
        // It died before it could say so.
        if (thread.host !== host) throw new Error('the thread died')
        return answer
      },
      close: async () => undefined,
    }
  }
}

const isPoisonous = (call: ShardCall): boolean =>
  call.kind === 'step' && call.batches.some(({ lines }) => lines.some((line) => line.includes(`"id":"${poisonMark}`)))
