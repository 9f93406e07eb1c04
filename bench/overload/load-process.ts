/**
 * The load of the overload bench (forked by bench/overload/overload.ts): first as much as is taken, then on a schedule more
 * than that, and every answer looked at.
 */

import { nowUs } from '../clock.js'
import { eventIdPrefix } from '../frame-text.js'
import { newHistogram, pack, record } from '../histogram.js'
import { type Answer, HttpPool } from '../http-pool.js'
import { intendedUs, runPaced } from '../pacer.js'
import { prioritise } from '../priority.js'
import { type Move, Moves } from './moves.js'
import type { FromLoad, LoadReport, ToLoad } from './words.js'

const examplesMax = 5
/** A sender that is not needed now looks again after so long. */
const againMs = 5
/** So many requests at once to begin with; a refusal takes a third away, at most once in this time (TCP does it so). */
const sendersFirst = 4
const fewerAtMostEveryUs = 100e3

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

const acceptedMark = '"status":"accepted"'

/** How many requests are under way at once: one more after each round, a third fewer when one is refused. */
class Window {
  readonly #max: number
  #size = sendersFirst
  #fewerUs = 0

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  accepted(): void {
    this.#size = Math.min(this.#max, this.#size + 1 / this.#size)
  }

  refused(atUs: number): void {
    if (atUs - this.#fewerUs < fewerAtMostEveryUs) return
    this.#fewerUs = atUs
    this.#size = Math.max(1, (this.#size * 2) / 3)
  }
}

class Load {
  readonly #pool: HttpPool
  readonly #moves: Moves
  /** Events of one request. */
  readonly #events: number
  readonly #errorExamples: string[] = []
  readonly #refused: Record<string, number> = {}
  #found = 0
  #sent = 0
  #accepted = 0
  #refusals = 0
  #withoutRetryAfter = 0
  #errors = 0

  constructor(pool: HttpPool, moves: Moves, events: number) {
    this.#pool = pool
    this.#moves = moves
    this.#events = events
  }

  progress(): FromLoad {
    return { kind: 'progress', sent: this.#sent, accepted: this.#accepted, refused: this.#refusals }
  }

  async find({ senders, warmupMs, measuredMs }: Extract<ToLoad, { kind: 'find' }>): Promise<FromLoad> {
    const fromUs = nowUs() + warmupMs * 1e3
    const untilUs = fromUs + measuredMs * 1e3
    const window = new Window(senders)
    let [accepted, refused, errors] = [0, 0, 0]
    const send = async (): Promise<void> => {
      const answer = await this.#one()
      const isMeasured = answer.answeredUs >= fromUs && answer.answeredUs < untilUs
      if (this.#isAccepted(answer)) {
        accepted += isMeasured ? this.#events : 0
        window.accepted()
      } else if (answer.status === 503) {
        refused += 1
        window.refused(answer.answeredUs)
      } else errors += 1
    }
    const sender = async (number: number): Promise<void> => {
      while (nowUs() < untilUs) await (number < window.size ? send() : sleep(againMs))
    }
    await Promise.all(Array.from({ length: senders }, (_, number) => sender(number)))
    return { kind: 'find', acceptedPerSecond: Math.round((accepted * 1e3) / measuredMs), refused, errors }
  }

  #one(): Promise<Answer> {
    const first = this.#found
    this.#found += this.#events
    const { moves, body } = this.#request(first, (index) => `find-${index}`)
    return new Promise((resolve) =>
      this.#pool.post(body, (answer) => {
        if (this.#isAccepted(answer)) for (const move of moves) this.#moves.accepted(move)
        resolve(answer)
      }),
    )
  }

  /** Events `first` and those after it. */
  #request(first: number, idOf: (index: number) => string): { moves: readonly Move[]; body: string } {
    const time = new Date().toISOString()
    const indexes = Array.from({ length: this.#events }, (_, at) => first + at)
    const moves = indexes.map((index) => this.#moves.next(index))
    const lines = moves.map((move, at) => this.#moves.text(idOf(first + at), move, time))
    return { moves, body: lines.join('\n') }
  }

  /** A request is taken as a whole or not at all. */
  #isAccepted({ status, body }: Answer): boolean {
    if (status !== 202) return false
    let count = 0
    for (let at = body.indexOf(acceptedMark); at >= 0; at = body.indexOf(acceptedMark, at + 1)) count += 1
    return count === this.#events
  }

  async run({ schedule, firstMeasured }: Extract<ToLoad, { kind: 'run' }>['plan']): Promise<LoadReport> {
    const [acceptedHttp, refusedHttp, lag] = [newHistogram(), newHistogram(), newHistogram()]
    const windowEndUs = intendedUs(schedule, schedule.count)
    const events = this.#events
    // A request is due with the last of its events: those before it have waited for it, and their latency says so.
    const startUs = intendedUs(schedule, events - 1)
    const [ratePerSecond, count] = [schedule.ratePerSecond / events, Math.floor(schedule.count / events)]
    let [sentInWindow, acceptedInWindow, answered] = [0, 0, 0]
    let onAnswer = (): void => undefined
    const cpuBefore = process.cpuUsage()
    const take = (first: number, intended: number, moves: readonly Move[], answer: Answer): void => {
      answered += 1
      const isTaken = this.#count(moves, answer)
      if (first >= firstMeasured) {
        record(lag, answer.sentUs - intended)
        record(isTaken ? acceptedHttp : refusedHttp, answer.answeredUs - intended)
        if (answer.sentUs < windowEndUs) sentInWindow += events
        if (isTaken) acceptedInWindow += events
      }
      onAnswer()
    }
    await runPaced({ startUs, ratePerSecond, count }, { clock: nowUs, sleep }, (index, intended) => {
      const first = index * events
      // The kinds go on behind those of `find`, so that the units are walked round as if nothing had been in between.
      const { moves, body } = this.#request(this.#found + first, (at) => `${eventIdPrefix}${at - this.#found}`)
      this.#sent += events
      this.#pool.post(body, (answer) => take(first, intended, moves, answer))
    })
    await new Promise<void>((resolve) => {
      onAnswer = () => {
        if (answered === count) resolve()
      }
      onAnswer()
    })
    const { user, system } = process.cpuUsage(cpuBefore)
    const connections = this.#pool.connections
    this.#pool.close()
    return {
      sent: this.#sent,
      accepted: this.#accepted,
      refused: this.#refused,
      withoutRetryAfter: this.#withoutRetryAfter,
      errors: this.#errors,
      errorExamples: this.#errorExamples,
      transitions: this.#moves.transitions,
      sentInWindow,
      acceptedInWindow,
      acceptedHttp: pack(acceptedHttp),
      refusedHttp: pack(refusedHttp),
      lag: pack(lag),
      connections,
      cpuMs: Math.round((user + system) / 1e3),
    }
  }

  /** True when it was accepted. */
  #count(moves: readonly Move[], answer: Answer): boolean {
    if (this.#isAccepted(answer)) {
      this.#accepted += this.#events
      for (const move of moves) this.#moves.accepted(move)
      return true
    }
    const code = answer.status === 503 ? /"code":"(\w+)"/.exec(answer.body)?.[1] : undefined
    if (code === undefined) this.#failed(answer)
    else {
      this.#refusals += 1
      this.#refused[code] = (this.#refused[code] ?? 0) + 1
      if (!(Number(answer.retryAfter) >= 1)) this.#withoutRetryAfter += 1
    }
    return false
  }

  #failed({ status, reason, body }: Answer): void {
    this.#errors += 1
    const example = `${status} ${reason ?? body.slice(0, 300)}`
    if (this.#errorExamples.length < examplesMax && !this.#errorExamples.includes(example))
      this.#errorExamples.push(example)
  }
}

let load: Load | undefined

const tell = (message: FromLoad): void => {
  process.send?.(message)
}

const prepare = async (order: Extract<ToLoad, { kind: 'prepare' }>): Promise<void> => {
  const { connectionsWarm, niceness, city, events, kind: _, ...target } = order
  prioritise(niceness)
  const pool = new HttpPool({ ...target, path: '/v1/events', contentType: 'application/x-ndjson' })
  await pool.warm(connectionsWarm)
  load = new Load(pool, new Moves(city), events)
  tell({ kind: 'prepare', connections: pool.connections })
}

const obey = async (order: ToLoad): Promise<void> => {
  if (order.kind === 'prepare') await prepare(order)
  else if (load === undefined) throw new Error('nothing is prepared')
  else if (order.kind === 'progress') tell(load.progress())
  else if (order.kind === 'find') tell(await load.find(order))
  else tell({ kind: 'run', ...(await load.run(order.plan)) })
}

process.on('message', (order: ToLoad) => {
  obey(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))
