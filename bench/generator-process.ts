/**
 * The generator process of the e2e bench (forked by bench/e2e.ts): one event per request, on the schedule, whatever the
 * service does. It records how late it was itself and how long the answers took, both from the intended time.
 */
import { eventBody } from './city.js'
import { nowUs } from './clock.js'
import { newHistogram, pack, record } from './histogram.js'
import { type Answer, HttpPool } from './http-pool.js'
import type { FromGenerator, GeneratorReport, ToGenerator } from './messages.js'
import { intendedUs, runPaced } from './pacer.js'
import { prioritise } from './priority.js'
import type { SecondOfGenerator } from './series.js'

type Run = Extract<ToGenerator, { kind: 'run' }>

const examplesMax = 5
/**
 * Timers of the platform count whole milliseconds, so a request is up to about 1 ms late, which counts as latency. Turning
 * the loop until the exact moment would be more precise and would take an eighth of a core from what is measured.
 */
const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

class Generator {
  readonly #run: Run
  readonly #pool: HttpPool
  readonly #windowStartUs: number
  readonly #windowEndUs: number
  readonly #http = newHistogram()
  readonly #lag = newHistogram()
  readonly #seconds: { second: number; sent: number; answered: number; lagMaxMs: number }[] = []
  readonly #errorExamples: string[] = []
  #sentInWindow = 0
  #sent = 0
  #answered = 0
  #errors = 0
  #onAnswer: () => void = () => {}

  constructor(pool: HttpPool, run: Run) {
    this.#pool = pool
    this.#run = run
    const { schedule, firstMeasured } = run.plan
    this.#windowStartUs = intendedUs(schedule, firstMeasured)
    this.#windowEndUs = intendedUs(schedule, schedule.count)
  }

  async run(): Promise<GeneratorReport> {
    const { schedule } = this.#run.plan
    const cpuBefore = process.cpuUsage()
    await runPaced(schedule, { clock: nowUs, sleep }, (index, intended) => this.#send(index, intended))
    await this.#allAnswered(schedule.count)
    const cpu = process.cpuUsage(cpuBefore)
    const connections = this.#pool.connections
    this.#pool.close()
    return {
      sentInWindow: this.#sentInWindow,
      sent: this.#sent,
      answered: this.#answered,
      errors: this.#errors,
      errorExamples: this.#errorExamples,
      http: pack(this.#http),
      lag: pack(this.#lag),
      seconds: this.#seconds as SecondOfGenerator[],
      connections,
      cpuMs: Math.round((cpu.user + cpu.system) / 1e3),
    }
  }

  progress(): FromGenerator {
    return { kind: 'progress', sent: this.#sent, answered: this.#answered, errors: this.#errors }
  }

  #send(index: number, intended: number): void {
    const body = eventBody(index, this.#run.city, new Date().toISOString())
    this.#sent += 1
    this.#pool.post(body, (answer) => this.#take(index, intended, answer))
  }

  #take(index: number, intended: number, answer: Answer): void {
    this.#answered += 1
    if (answer.status !== 202 || !answer.body.includes('"status":"accepted"')) this.#refused(answer)
    if (index >= this.#run.plan.firstMeasured) this.#record(intended, answer)
    this.#onAnswer()
  }

  #refused({ status, reason, body }: Answer): void {
    this.#errors += 1
    const example = `${status} ${reason ?? body.slice(0, 300)}`
    if (this.#errorExamples.length < examplesMax && !this.#errorExamples.includes(example))
      this.#errorExamples.push(example)
  }

  #record(intended: number, answer: Answer): void {
    // the lag is taken at the socket, so waiting for a free connection counts as the generator's own
    const lagUs = answer.sentUs - intended
    record(this.#lag, lagUs)
    record(this.#http, answer.answeredUs - intended)
    if (answer.sentUs < this.#windowEndUs) this.#sentInWindow += 1
    const sentIn = this.#secondOf(answer.sentUs)
    sentIn.sent += 1
    sentIn.lagMaxMs = Math.max(sentIn.lagMaxMs, Math.round(lagUs) / 1e3)
    this.#secondOf(answer.answeredUs).answered += 1
  }

  #secondOf(atUs: number): { sent: number; answered: number; lagMaxMs: number } {
    const second = Math.max(0, Math.floor((atUs - this.#windowStartUs) / 1e6))
    for (let next = this.#seconds.length; next <= second; next += 1)
      this.#seconds.push({ second: next, sent: 0, answered: 0, lagMaxMs: 0 })
    return this.#seconds[second] ?? { sent: 0, answered: 0, lagMaxMs: 0 }
  }

  /** Every request gets an answer or an error: the pool ends what waits longer than `answerWaitMs`. */
  #allAnswered(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        if (this.#answered === count) resolve()
      }
      this.#onAnswer()
    })
  }
}

let pool: HttpPool | undefined
let generator: Generator | undefined

const tell = (message: FromGenerator): void => {
  process.send?.(message)
}

type Prepare = Extract<ToGenerator, { kind: 'prepare' }>

const prepare = async ({ connectionsWarm, niceness, ...target }: Prepare): Promise<void> => {
  prioritise(niceness)
  pool = new HttpPool({ ...target, path: '/v1/events', contentType: 'application/cloudevents+json' })
  await pool.warm(connectionsWarm)
  tell({ kind: 'prepare', connections: pool.connections })
}

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'prepare') void prepare(message)
  else if (message.kind === 'progress') {
    if (generator !== undefined) tell(generator.progress())
  } else if (pool !== undefined) {
    generator = new Generator(pool, message)
    void generator.run().then((report) => tell({ kind: 'run', ...report }))
  }
})
process.on('disconnect', () => process.exit(0))
