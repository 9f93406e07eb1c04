/**
 * The latency of every delivered frame in one client process, whole and by stage.
 *
 * Whole = receive time - INTENDED send time of the request that caused it. Frames of the warm-up have a histogram of
 * their own; frames that no event of the run caused are counted in the ledger, but have no latency.
 */
import type { Stamps, TransitionText } from './frame-text.js'
import { Recorder } from './histogram.js'
import type { Plan, Samples, StageName } from './messages.js'
import { intendedUs } from './pacer.js'
import { LatencySeries } from './series.js'

export class ClientFigures {
  readonly #plan: Plan
  readonly #windowStartUs: number
  readonly #latency = new Recorder()
  readonly #disturbedLatency = new Recorder()
  readonly #warmUpLatency = new Recorder()
  readonly #series = new LatencySeries()
  #samples:
    | { readonly intendedUs: number[]; readonly receivedUs: number[]; readonly stamps: (Stamps | undefined)[] }
    | undefined
  readonly #stages = {
    intendedToReceived: new Recorder(),
    receivedToDurable: new Recorder(),
    durableToJudged: new Recorder(),
    judgedToPublished: new Recorder(),
    publishedToClient: new Recorder(),
  }

  constructor(plan: Plan) {
    this.#plan = plan
    this.#windowStartUs = intendedUs(plan.schedule, plan.firstMeasured)
  }

  take(frame: TransitionText, receivedUs: number): void {
    if (frame.eventIndex < 0) return
    const intended = intendedUs(this.#plan.schedule, frame.eventIndex)
    if (frame.eventIndex < this.#plan.firstMeasured) {
      this.#warmUpLatency.record(receivedUs - intended)
      return
    }
    const latencyUs = receivedUs - intended
    this.#latency.record(latencyUs)
    this.#samples?.intendedUs.push(intended)
    this.#samples?.receivedUs.push(receivedUs)
    this.#samples?.stamps.push(frame.stamped ? { ...frame.stamps } : undefined)
    this.#series.record(Math.floor((receivedUs - this.#windowStartUs) / 1e6), latencyUs)
    if (!frame.stamped) return
    const { stamps } = frame
    this.#stages.intendedToReceived.record(stamps.receivedUs - intended)
    this.#stages.receivedToDurable.record(stamps.durableUs - stamps.receivedUs)
    this.#stages.durableToJudged.record(stamps.judgedUs - stamps.durableUs)
    this.#stages.judgedToPublished.record(stamps.publishedUs - stamps.judgedUs)
    this.#stages.publishedToClient.record(receivedUs - stamps.publishedUs)
  }

  /** Kept one by one from now on. */
  keepSamples(): void {
    this.#samples = { intendedUs: [], receivedUs: [], stamps: [] }
  }

  /** A frame to a client that was cut off, made to reconnect, or stalled. */
  takeDisturbed(frame: TransitionText, receivedUs: number): void {
    if (frame.eventIndex < this.#plan.firstMeasured) return
    this.#disturbedLatency.record(receivedUs - intendedUs(this.#plan.schedule, frame.eventIndex))
  }

  report(): {
    latency: string
    disturbedLatency: string
    warmUpLatency: string
    stages: Readonly<Record<StageName, string>>
    seconds: ReturnType<LatencySeries['seconds']>
    samples?: Samples
  } {
    return {
      latency: this.#latency.pack(),
      disturbedLatency: this.#disturbedLatency.pack(),
      warmUpLatency: this.#warmUpLatency.pack(),
      stages: {
        intendedToReceived: this.#stages.intendedToReceived.pack(),
        receivedToDurable: this.#stages.receivedToDurable.pack(),
        durableToJudged: this.#stages.durableToJudged.pack(),
        judgedToPublished: this.#stages.judgedToPublished.pack(),
        publishedToClient: this.#stages.publishedToClient.pack(),
      },
      seconds: this.#series.seconds(),
      ...(this.#samples && { samples: this.#samples }),
    }
  }
}
