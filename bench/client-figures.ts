/**
 * The latency of every delivered frame in one client process, whole and by stage.
 *
 * Whole = receive time - INTENDED send time of the request that caused it. Warm-up frames and frames that no measured
 * event caused are counted in the ledger, but have no latency.
 */
import type { TransitionText } from './frame-text.js'
import { newHistogram, pack, record } from './histogram.js'
import type { Plan, StageName } from './messages.js'
import { intendedUs } from './pacer.js'
import { LatencySeries } from './series.js'

export class ClientFigures {
  readonly #plan: Plan
  readonly #windowStartUs: number
  readonly #latency = newHistogram()
  readonly #disturbedLatency = newHistogram()
  readonly #series = new LatencySeries()
  readonly #stages = {
    intendedToReceived: newHistogram(),
    receivedToDurable: newHistogram(),
    durableToJudged: newHistogram(),
    judgedToPublished: newHistogram(),
    publishedToClient: newHistogram(),
  }

  constructor(plan: Plan) {
    this.#plan = plan
    this.#windowStartUs = intendedUs(plan.schedule, plan.firstMeasured)
  }

  take(frame: TransitionText, receivedUs: number): void {
    if (frame.eventIndex < this.#plan.firstMeasured) return
    const intended = intendedUs(this.#plan.schedule, frame.eventIndex)
    const latencyUs = receivedUs - intended
    record(this.#latency, latencyUs)
    this.#series.record(Math.floor((receivedUs - this.#windowStartUs) / 1e6), latencyUs)
    if (!frame.stamped) return
    const { stamps } = frame
    record(this.#stages.intendedToReceived, stamps.receivedUs - intended)
    record(this.#stages.receivedToDurable, stamps.durableUs - stamps.receivedUs)
    record(this.#stages.durableToJudged, stamps.judgedUs - stamps.durableUs)
    record(this.#stages.judgedToPublished, stamps.publishedUs - stamps.judgedUs)
    record(this.#stages.publishedToClient, receivedUs - stamps.publishedUs)
  }

  /** A frame to a client that was cut off, made to reconnect, or stalled. */
  takeDisturbed(frame: TransitionText, receivedUs: number): void {
    if (frame.eventIndex < this.#plan.firstMeasured) return
    record(this.#disturbedLatency, receivedUs - intendedUs(this.#plan.schedule, frame.eventIndex))
  }

  report(): {
    latency: string
    disturbedLatency: string
    stages: Readonly<Record<StageName, string>>
    seconds: ReturnType<LatencySeries['seconds']>
  } {
    return {
      latency: pack(this.#latency),
      disturbedLatency: pack(this.#disturbedLatency),
      stages: {
        intendedToReceived: pack(this.#stages.intendedToReceived),
        receivedToDurable: pack(this.#stages.receivedToDurable),
        durableToJudged: pack(this.#stages.durableToJudged),
        judgedToPublished: pack(this.#stages.judgedToPublished),
        publishedToClient: pack(this.#stages.publishedToClient),
      },
      seconds: this.#series.seconds(),
    }
  }
}
