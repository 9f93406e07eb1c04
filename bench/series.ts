/**
 * Second by second: so that a stall, a warm-up or a slow drift is seen where one figure for the whole run hides it.
 */
import { latencyMs, merge, Recorder } from './histogram.js'

export interface SecondOfGenerator {
  readonly second: number
  readonly sent: number
  readonly answered: number
  readonly lagMaxMs: number
}

export interface SecondOfClients {
  readonly second: number
  readonly deliveries: number
  /** Packed, two digits: percentiles of a second are read off the sum of all processes. */
  readonly latency: string
}

export interface Second {
  readonly second: number
  readonly sent: number
  readonly answered: number
  readonly generatorLagMaxMs: number
  readonly deliveries: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** Collects latencies by the second in which the frame came in; seconds come in order. */
export class LatencySeries {
  readonly #histogram = new Recorder()
  readonly #seconds: SecondOfClients[] = []
  #second = 0

  record(second: number, latencyUs: number): void {
    if (second !== this.#second) this.#turn(second)
    this.#histogram.record(latencyUs)
  }

  seconds(): readonly SecondOfClients[] {
    this.#turn(this.#second)
    return this.#seconds
  }

  #turn(next: number): void {
    const deliveries = this.#histogram.total
    if (deliveries > 0) this.#seconds.push({ second: this.#second, deliveries, latency: this.#histogram.pack(2) })
    this.#histogram.reset()
    this.#second = next
  }
}

/** Joins what the generator and the client processes saw of each second. */
export const joinSeconds = (
  generator: readonly SecondOfGenerator[],
  clients: readonly (readonly SecondOfClients[])[],
): Second[] => {
  const all = clients.flat()
  const last = Math.max(-1, ...generator.map(({ second }) => second), ...all.map(({ second }) => second))
  return Array.from({ length: last + 1 }, (_, second) => {
    const sent = generator.find((one) => one.second === second)
    const latencies = merge(
      all.filter((one) => one.second === second).map(({ latency }) => latency),
      2,
    )
    const { p50, p99, max } = latencyMs(latencies)
    return {
      second,
      sent: sent?.sent ?? 0,
      answered: sent?.answered ?? 0,
      generatorLagMaxMs: sent?.lagMaxMs ?? 0,
      deliveries: latencies.totalCount,
      latencyMs: { p50, p99, max },
    }
  })
}
