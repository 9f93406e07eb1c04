/**
 * The load process of the ingest bench (forked by bench/ingest.ts): as many requests as the target answers.
 *
 * autocannon for single events: saturation and errors only, never latency (it is not open-loop). It has a process of
 * its own, so that a machine with two cores has one for the load and one for what is measured; its CPU is reported,
 * because a client at a full core has measured itself.
 */
import autocannon from 'autocannon'
import { eventMaker, requestMaker } from './cannon-bodies.js'
import { nowUs } from './clock.js'
import { type Answer, HttpPool } from './http-pool.js'
import type { FromCannon, Shot, ToCannon } from './ingest-messages.js'

type Single = Extract<ToCannon, { kind: 'single' }>
type Lines = Extract<ToCannon, { kind: 'lines' }>

const answerWaitMs = 30_000

/** autocannon asks each of its clients for the next request by this method. */
interface CannonClient extends autocannon.Client {
  getRequestBuffer: () => Buffer
}

const timed = async <T>(run: () => Promise<T>): Promise<{ value: T; tookMs: number; clientCores: number }> => {
  const cpuBefore = process.cpuUsage()
  const startedUs = nowUs()
  const value = await run()
  const tookMs = (nowUs() - startedUs) / 1e3
  const cpu = process.cpuUsage(cpuBefore)
  return { value, tookMs, clientCores: (cpu.user + cpu.system) / 1e3 / tookMs }
}

const shootSingle = async (order: Single): Promise<Shot> => {
  const next = requestMaker(order)
  let accepted = 0
  const { value, tookMs, clientCores } = await timed(
    async () =>
      await autocannon({
        url: `http://${order.host}:${order.port}${order.path}`,
        method: 'POST',
        connections: order.connections,
        duration: order.seconds,
        setupClient: (client) => {
          // its own way to vary a request rebuilds the whole of it each time and would be the bottleneck
          ;(client as CannonClient).getRequestBuffer = next
        },
        verifyBody: (body) => {
          const good = String(body).includes('"status":"accepted"')
          if (good) accepted += 1
          return good
        },
      }),
  )
  const refused = value.non2xx + value.errors + value.timeouts + value.mismatches
  return { events: accepted, tookMs, clientCores, refused, overloaded: 0 }
}

const acceptedIn = (body: string): number => {
  let count = 0
  for (let at = body.indexOf('"accepted"'); at >= 0; at = body.indexOf('"accepted"', at + 1)) count += 1
  return count
}

/** How long a connection that was told 503 stays quiet. */
const overloadedPauseMs = 20

/** Each connection posts the next request as soon as the one before is answered, until the time is over. */
class LineShooter {
  readonly #order: Lines
  readonly #next: () => string
  readonly #pool: HttpPool
  #events = 0
  #refused = 0
  #overloaded = 0

  constructor(order: Lines) {
    this.#order = order
    this.#next = eventMaker(order)
    const { host, port, path, connections } = order
    const contentType = 'application/x-ndjson'
    this.#pool = new HttpPool({ host, port, path, contentType, connectionsMax: connections, answerWaitMs })
  }

  async shoot(): Promise<Shot> {
    const until = nowUs() + this.#order.seconds * 1e6
    const lane = async (): Promise<void> => {
      while (nowUs() < until) await this.#one(until)
    }
    const lanes = Array.from({ length: this.#order.connections }, () => lane)
    const { tookMs, clientCores } = await timed(() => Promise.all(lanes.map((run) => run())))
    this.#pool.close()
    return { events: this.#events, tookMs, clientCores, refused: this.#refused, overloaded: this.#overloaded }
  }

  /** One request; the same again while the target has enough and there is time. */
  async #one(until: number): Promise<void> {
    const body = `${Array.from({ length: this.#order.lines }, this.#next).join('\n')}\n`
    while (nowUs() < until) {
      const { status, body: text } = await this.#post(body)
      if (status !== 503) {
        const accepted = status === 202 ? acceptedIn(text) : 0
        this.#events += accepted
        this.#refused += this.#order.lines - accepted
        return
      }
      this.#overloaded += 1
      await new Promise((resolve) => setTimeout(resolve, overloadedPauseMs))
    }
  }

  #post(body: string): Promise<Answer> {
    return new Promise((resolve) => this.#pool.post(body, resolve))
  }
}

const tell = (message: FromCannon): void => {
  process.send?.(message)
}

process.on('message', (order: ToCannon) => {
  const shot = order.kind === 'single' ? shootSingle(order) : new LineShooter(order).shoot()
  shot.then(
    (one) => tell({ kind: order.kind, ...one }),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
