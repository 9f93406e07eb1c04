/**
 * The clients of one process: they connect, count what they get, and where the bench says so come back when they were
 * cut off, as the product's own client does (same back-off, and no sooner than the service asked for).
 *
 * What happens to a client that was disturbed (cut off, made to reconnect, stalled) is counted apart: the promise of
 * the bench is about those who were left alone.
 */
import { Backoff } from '../client/backoff.js'
import { clientsOf, topicsOf } from './city.js'
import { ClientFigures } from './client-figures.js'
import { type ClockUs, nowUs } from './clock.js'
import type { TransitionText } from './frame-text.js'
import { gathering } from './gathering.js'
import { newHistogram, pack, record } from './histogram.js'
import type { CrowdReport, CrowdSettings, Plan, Recovery } from './messages.js'
import { openReceipt, type Receipt } from './receipts.js'
import { sourceAt } from './source.js'
import { StreamClient, type StreamOwner } from './stream-client.js'
import type { Loss, WsTarget } from './ws-client.js'

const examplesMax = 5
/** Clients that end their connections in one turn of the loop: 12,500 at once would be a stall of the bench's own. */
const leavePerTurn = 500

export class Crowd implements StreamOwner {
  readonly #settings: CrowdSettings
  readonly #target: WsTarget
  readonly #clock: ClockUs
  readonly #clients: StreamClient[] = []
  /** Ended by a reload. */
  readonly #ended: Receipt[] = []
  readonly #arrivals = new Map<StreamClient, () => void>()
  readonly #backoffs = new Map<StreamClient, Backoff>()
  readonly #malformed: string[] = []
  readonly #lostReasons: string[] = []
  readonly #recovery = newHistogram()
  #figures: ClientFigures | undefined
  #malformedCount = 0
  #lostCount = 0
  #readyCount = 0
  #awayCount = 0
  #lastBackUs = 0

  constructor(settings: CrowdSettings, clock: ClockUs = nowUs) {
    this.#settings = settings
    this.#clock = clock
    const { host, port, sourceAddress, gatherMs } = settings
    const onRead = gatherMs === undefined ? undefined : gathering(gatherMs)
    this.#target = { host, port, path: '/v1/stream', source: sourceAt(sourceAddress), clock, ...(onRead && { onRead }) }
  }

  get ready(): number {
    return this.#readyCount
  }

  get subscriptions(): number {
    return this.#clients.reduce((sum, { receipts }) => sum + receipts.length, 0)
  }

  get lostReasons(): readonly string[] {
    return this.#lostReasons
  }

  get received(): number {
    return this.#receipts().reduce((sum, { tally }) => sum + tally.count, 0)
  }

  get lost(): number {
    return this.#lostCount
  }

  /** Clients that were cut off and are not at the present yet. */
  get away(): number {
    return this.#awayCount
  }

  /** A bounded number connect at once: the ramp must not be a storm that nobody asked to measure. */
  async connect(): Promise<void> {
    const waiting = clientsOf(this.#settings).values()
    const lane = async (): Promise<void> => {
      for (const index of waiting) await this.#arrive(index)
    }
    await Promise.all(Array.from({ length: this.#settings.connectsInFlight }, lane))
  }

  measure(plan: Plan): void {
    this.#figures = new ClientFigures(plan)
    if (this.#settings.keepsSamples) this.#figures.keepSamples()
  }

  /** Everybody is cut off now and comes back at a moment of the next `withinMs`, evenly spread. */
  async storm(withinMs: number): Promise<void> {
    const atUs = this.#clock()
    for (const [i, client] of this.#clients.entries()) {
      client.leave()
      this.#wentAway(client, atUs)
      setTimeout(() => client.comeBack(), ((i + 0.5) * withinMs) / this.#clients.length)
      if (i % leavePerTurn === leavePerTurn - 1) await nextTurn()
    }
  }

  stall(): void {
    for (const client of this.#clients) {
      client.disturbed = true
      client.stall()
    }
  }

  goOn(): void {
    for (const client of this.#clients) client.goOn()
  }

  async leave(): Promise<void> {
    for (const [i, client] of this.#clients.entries()) {
      client.leave()
      if (i % leavePerTurn === leavePerTurn - 1) await nextTurn()
    }
  }

  report(): CrowdReport {
    const figures = this.#figures ?? new ClientFigures(noPlan)
    return {
      ...figures.report(),
      receipts: this.#receipts(),
      malformed: this.#malformed,
      malformedCount: this.#malformedCount,
      disconnects: this.#lostCount,
      disconnectReasons: this.#lostReasons,
      recovery: this.#recovered(),
    }
  }

  onReady(client: StreamClient): void {
    const arriving = this.#arrivals.get(client)
    if (this.#arrivals.delete(client)) this.#readyCount += 1
    arriving?.()
    this.#backoffs.delete(client)
    if (client.lostUs === 0) return
    this.#lastBackUs = this.#clock()
    record(this.#recovery, this.#lastBackUs - client.lostUs)
    client.lostUs = 0
    this.#awayCount -= 1
  }

  onTransition(client: StreamClient, frame: TransitionText, receivedUs: number): void {
    if (client.disturbed) this.#figures?.takeDisturbed(frame, receivedUs)
    else this.#figures?.take(frame, receivedUs)
  }

  onMalformed(_client: StreamClient, text: string): void {
    this.#malformedCount += 1
    if (this.#malformed.length < examplesMax) this.#malformed.push(text.slice(0, 500))
  }

  onReload(_client: StreamClient, ended: Receipt): void {
    this.#ended.push(ended)
  }

  onLost(client: StreamClient, loss: Loss): void {
    const { comesBack } = this.#settings
    const arriving = this.#arrivals.get(client)
    // Whoever is told to come later while the crowd arrives comes later: nothing is measured yet.
    const again = comesBack ?? (arriving && loss.afterMs !== undefined ? patience : undefined)
    if (!arriving || !again) this.#notedLoss(loss.reason)
    if (!arriving && again) this.#wentAway(client, this.#clock())
    if (!again) {
      arriving?.()
      return
    }
    const backoff = this.#backoffs.get(client) ?? new Backoff({ ...again, random: Math.random })
    this.#backoffs.set(client, backoff)
    setTimeout(() => client.comeBack(), backoff.nextMs(loss.afterMs ?? placeOf(client)))
  }

  #notedLoss(reason: string): void {
    this.#lostCount += 1
    if (this.#lostReasons.length < examplesMax && !this.#lostReasons.includes(reason)) this.#lostReasons.push(reason)
  }

  #wentAway(client: StreamClient, atUs: number): void {
    client.disturbed = true
    if (client.lostUs !== 0) return
    client.lostUs = atUs
    this.#awayCount += 1
  }

  #arrive(index: number): Promise<void> {
    return new Promise((resolve) => {
      const receipts = topicsOf(index, this.#settings).map(openReceipt)
      const client = new StreamClient(this.#target, receipts, this)
      this.#arrivals.set(client, resolve)
      this.#clients.push(client)
    })
  }

  #receipts(): Receipt[] {
    return [...this.#ended, ...this.#clients.flatMap(({ receipts }) => receipts)]
  }

  #recovered(): Recovery {
    return {
      disturbed: this.#clients.filter(({ disturbed }) => disturbed).length,
      away: this.#awayCount,
      reloads: this.#ended.length,
      lastBackUs: this.#lastBackUs,
      times: pack(this.#recovery),
    }
  }
}

/** As the product's own client: the place that it was told counts for the first attempt after the loss. */
const placeOf = (client: StreamClient): number => {
  const { returnAfterMs } = client
  client.returnAfterMs = 0
  return returnAfterMs
}

const patience = { reconnectMsMin: 500, reconnectMsMax: 30_000 }
const noPlan: Plan = { schedule: { startUs: 0, ratePerSecond: 1, count: 0 }, firstMeasured: 0 }

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
