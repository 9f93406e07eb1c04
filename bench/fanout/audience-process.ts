/**
 * A process full of clients that wait for a broadcast (forked by the fan-out benches), and says when the last has it.
 *
 * Each client counts what it got, so that a broadcast that one got twice and another not at all is no broadcast to all.
 */
import { gathering } from '../gathering.js'
import { sourceAt } from '../source.js'
import { WsClient, type WsOwner, type WsTarget } from '../ws-client.js'
import { type Dialect, dialects, type Heard } from './dialects.js'
import type { AudienceSettings, FromAudience, ToAudience } from './messages.js'

const examplesMax = 5
const leavePerTurn = 500

const tell = (message: FromAudience): void => {
  process.send?.(message)
}

class Listener implements WsOwner {
  got = 0
  readonly #ws: WsClient
  readonly #dialect: Dialect
  readonly #audience: Audience
  #onSettled: (() => void) | undefined

  constructor(target: WsTarget, dialect: Dialect, audience: Audience, onSettled: () => void) {
    this.#dialect = dialect
    this.#audience = audience
    this.#onSettled = onSettled
    this.#ws = new WsClient(target, this)
  }

  leave(): void {
    this.#ws.reset()
  }

  onOpen(): void {
    this.#heard(this.#dialect.greet(this.#ws))
  }

  onMessage(opcode: number, bytes: Buffer, start: number, end: number, receivedUs: number): void {
    const heard = this.#dialect.hear(this.#ws, opcode, bytes, start, end)
    this.#heard(heard)
    if (heard === 'broadcast') this.#audience.took(receivedUs, bytes, start, end)
  }

  onLost({ reason }: { readonly reason: string }): void {
    this.#audience.lost(reason)
    this.#onSettled?.()
    this.#onSettled = undefined
  }

  #heard(heard: Heard): void {
    if (heard === 'broadcast') this.got += 1
    if (heard !== 'ready') return
    this.#onSettled?.()
    this.#onSettled = undefined
  }
}

class Audience {
  readonly #listeners: Listener[] = []
  readonly #reasons: string[] = []
  #lostCount = 0
  #received = 0
  #wanted = 0
  #firstUs = 0
  #lastUs = 0
  #text = ''
  #cpu = process.cpuUsage()

  async connect({
    dialect: name,
    host,
    port,
    sourceAddress,
    count,
    connectsInFlight,
    givesWay,
  }: AudienceSettings): Promise<void> {
    const dialect: Dialect = dialects[name]
    const { path, subprotocol } = dialect
    const target = {
      host,
      port,
      path,
      source: sourceAt(sourceAddress),
      ...(subprotocol && { subprotocol }),
      ...(givesWay && { onRead: gathering(0) }),
    }
    const lane = async (): Promise<void> => {
      while (this.#listeners.length < count) await this.#arrive(target, dialect)
    }
    await Promise.all(Array.from({ length: connectsInFlight }, lane))
    tell({ kind: 'connect', ready: count - this.#lostCount, reasons: this.#reasons })
  }

  expect(broadcasts: number): void {
    this.#wanted = broadcasts * this.#listeners.length
    this.#look()
  }

  took(receivedUs: number, bytes: Buffer, start: number, end: number): void {
    if (this.#received % this.#listeners.length === 0) {
      this.#firstUs = receivedUs
      this.#text = bytes.toString('utf8', start, end)
    }
    this.#received += 1
    this.#lastUs = receivedUs
    if (this.#received === this.#wanted) this.#look()
  }

  lost(reason: string): void {
    this.#lostCount += 1
    if (this.#reasons.length < examplesMax && !this.#reasons.includes(reason)) this.#reasons.push(reason)
  }

  report(): void {
    const each = this.#listeners.map(({ got }) => got)
    tell({
      kind: 'report',
      clients: each.length,
      lost: this.#lostCount,
      received: this.#received,
      fewest: each.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      most: each.reduce((a, b) => Math.max(a, b), 0),
    })
  }

  async leave(): Promise<void> {
    for (const [i, listener] of this.#listeners.entries()) {
      listener.leave()
      if (i % leavePerTurn === leavePerTurn - 1) await new Promise((resolve) => setImmediate(resolve))
    }
    tell({ kind: 'leave' })
  }

  #arrive(target: WsTarget, dialect: Dialect): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(new Listener(target, dialect, this, resolve))
    })
  }

  #look(): void {
    if (this.#wanted === 0 || this.#received < this.#wanted) return
    this.#wanted = 0
    const { user, system } = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    tell({ kind: 'expect', firstUs: this.#firstUs, lastUs: this.#lastUs, cpuUs: user + system, text: this.#text })
  }
}

const audience = new Audience()

process.on('message', (message: ToAudience) => {
  if (message.kind === 'connect') void audience.connect(message)
  else if (message.kind === 'expect') audience.expect(message.broadcasts)
  else if (message.kind === 'report') audience.report()
  else void audience.leave()
})
process.on('disconnect', () => process.exit(0))
