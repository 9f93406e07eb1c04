/**
 * Who sends events to the simulated service, and remembers every answer. A department sends again until it is answered,
 * as a careful one does, and now and then what was answered long ago.
 */
import { formatTime } from '../../src/core/day.js'
import type { UnixMs } from '../../src/core/names.js'
import type { AnswerItem } from '../../src/ingest/intake.js'
import type { JsonObject } from '../../src/ingest/validate.js'
import type { Machine } from './machine.js'
import { poisonMark } from './threads.js'

/** Undefined: no answer came, or it said to come back later. */
export type Post = (events: readonly JsonObject[]) => Promise<readonly AnswerItem[] | undefined>

export interface Answered {
  readonly event: JsonObject
  readonly answer: AnswerItem
}

const units = 6

export class Departments {
  readonly answered: Answered[] = []
  readonly sent = new Map<string, JsonObject>()
  readonly #machine: Machine
  readonly #post: Post
  #sending = 0
  #ids = 0

  constructor(machine: Machine, post: Post) {
    this.#machine = machine
    this.#post = post
  }

  get areDone(): boolean {
    return this.#sending === 0
  }

  /** One department, with so many requests to send. */
  begin(name: string, requests: number): void {
    this.#sending += 1
    this.#machine.after(0, () => void this.#send(name, requests).finally(() => this.#sending--))
  }

  async #send(name: string, requests: number): Promise<void> {
    const { whole, chance, pick } = this.#machine.random
    for (let left = requests; left > 0; left--) {
      const isOld = this.answered.length > 0 && chance(0.15)
      const events = isOld
        ? [pick(this.answered).event]
        : Array.from({ length: whole(1, chance(0.2) ? 12 : 3) }, () => this.#event(name))
      const answers = await this.#untilAnswered(events)
      for (const [at, answer] of answers.entries()) this.answered.push({ event: events[at] as JsonObject, answer })
      await this.#machine.wait(whole(0, 30))
    }
  }

  async #untilAnswered(events: readonly JsonObject[]): Promise<readonly AnswerItem[]> {
    for (;;) {
      const answers = await this.#post(events)
      if (answers) return answers
      await this.#machine.wait(this.#machine.random.whole(5, 200))
    }
  }

  #event(source: string): JsonObject {
    const { whole, chance } = this.#machine.random
    const id = `${chance(0.01) ? poisonMark : 'e'}${++this.#ids}`
    const { type, data } = this.#said()
    const event = {
      specversion: '1.0',
      id,
      source,
      type,
      subject: `U${whole(1, units)}`,
      time: formatTime((this.#machine.wallMs - whole(0, 600) * 1000) as UnixMs),
      data,
    }
    this.sent.set(`${source} ${id}`, event)
    return event
  }

  #said(): { readonly type: string; readonly data: JsonObject } {
    const { whole, chance } = this.#machine.random
    const dice = whole(1, 100)
    if (dice <= 12) return { type: 'unit.registered', data: registration }
    if (dice <= 35) return { type: 'quota.approved', data: { approved: whole(2, 12), cause: 'census' } }
    // No such basis: kept for a person to look at.
    if (dice <= 38) return { type: 'staff.entered', data: { count: 1, basis: 'friend' } }
    return { type: chance(0.6) ? 'staff.entered' : 'staff.left', data: { count: whole(1, 4), basis: 'permanent' } }
  }
}

const registration: JsonObject = {
  name: 'a school',
  level: 'county',
  county: 'XH',
  kind: 'institution',
  sector: 'education',
  frontline: false,
}
