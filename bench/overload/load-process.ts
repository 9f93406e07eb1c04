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
/** Who was refused while it is found out what can be taken comes again soon: the question is how much, not how polite. */
const againMs = 5

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

const isAccepted = ({ status, body }: Answer): boolean => status === 202 && body.includes('"status":"accepted"')

class Load {
  readonly #pool: HttpPool
  readonly #moves: Moves
  readonly #errorExamples: string[] = []
  readonly #refused: Record<string, number> = {}
  #found = 0
  #sent = 0
  #accepted = 0
  #refusals = 0
  #withoutRetryAfter = 0
  #errors = 0

  constructor(pool: HttpPool, moves: Moves) {
    this.#pool = pool
    this.#moves = moves
  }

  progress(): FromLoad {
    return { kind: 'progress', sent: this.#sent, accepted: this.#accepted, refused: this.#refusals }
  }

  async find({ senders, warmupMs, measuredMs }: Extract<ToLoad, { kind: 'find' }>): Promise<FromLoad> {
    const fromUs = nowUs() + warmupMs * 1e3
    const untilUs = fromUs + measuredMs * 1e3
    let [accepted, refused, errors] = [0, 0, 0]
    const sender = async (): Promise<void> => {
      while (nowUs() < untilUs) {
        const answer = await this.#one()
        const isMeasured = answer.answeredUs >= fromUs && answer.answeredUs < untilUs
        if (isAccepted(answer)) accepted += isMeasured ? 1 : 0
        else if (answer.status === 503) {
          refused += 1
          await sleep(againMs)
        } else errors += 1
      }
    }
    await Promise.all(Array.from({ length: senders }, sender))
    return { kind: 'find', acceptedPerSecond: Math.round((accepted * 1e3) / measuredMs), refused, errors }
  }

  #one(): Promise<Answer> {
    const index = this.#found
    this.#found += 1
    const move = this.#moves.next(index)
    const text = this.#moves.text(`find-${index}`, move, new Date().toISOString())
    return new Promise((resolve) =>
      this.#pool.post(text, (answer) => {
        if (isAccepted(answer)) this.#moves.accepted(move)
        resolve(answer)
      }),
    )
  }

  async run({ schedule, firstMeasured }: Extract<ToLoad, { kind: 'run' }>['plan']): Promise<LoadReport> {
    const [acceptedHttp, refusedHttp, lag] = [newHistogram(), newHistogram(), newHistogram()]
    const windowEndUs = intendedUs(schedule, schedule.count)
    let [sentInWindow, acceptedInWindow, answered] = [0, 0, 0]
    let onAnswer = (): void => undefined
    const cpuBefore = process.cpuUsage()
    const take = (index: number, intended: number, move: Move, answer: Answer): void => {
      answered += 1
      const isTaken = this.#count(move, answer)
      if (index >= firstMeasured) {
        record(lag, answer.sentUs - intended)
        record(isTaken ? acceptedHttp : refusedHttp, answer.answeredUs - intended)
        if (answer.sentUs < windowEndUs) sentInWindow += 1
        if (isTaken) acceptedInWindow += 1
      }
      onAnswer()
    }
    await runPaced(schedule, { clock: nowUs, sleep }, (index, intended) => {
      // Behind those of `find`, so that the units are walked round as if nothing had been in between.
      const move = this.#moves.next(this.#found + index)
      this.#sent += 1
      const text = this.#moves.text(`${eventIdPrefix}${index}`, move, new Date().toISOString())
      this.#pool.post(text, (answer) => take(index, intended, move, answer))
    })
    await new Promise<void>((resolve) => {
      onAnswer = () => {
        if (answered === schedule.count) resolve()
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
  #count(move: Move, answer: Answer): boolean {
    if (isAccepted(answer)) {
      this.#accepted += 1
      this.#moves.accepted(move)
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
  const { connectionsWarm, niceness, city, kind: _, ...target } = order
  prioritise(niceness)
  const pool = new HttpPool({ ...target, path: '/v1/events', contentType: 'application/cloudevents+json' })
  await pool.warm(connectionsWarm)
  load = new Load(pool, new Moves(city))
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
