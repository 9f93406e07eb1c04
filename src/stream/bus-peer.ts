/**
 * One push process, as the core sees it.
 *
 * While the record is read for a process that has just connected, what is published meanwhile is held for it, so that
 * it gets every transition once and in order.
 */
import type { Socket } from 'node:net'
import type { N } from '../core/names.js'
import type { Answers } from './answers.js'
import { newStats, type PushStats } from './counters.js'
import type { Need } from './need.js'
import { createSplitter, jsonMessage, kinds, transitionsMessage } from './wire.js'

export interface PeerSettings {
  /** What a push process may owe the core in reading before it is cut off. */
  readonly pushQueueBytesMax: number
}

export interface PeerNeeds {
  readonly answers: Answers
  readonly n: () => N
  readonly clock: () => unknown
  readonly epoch: string
  readonly onEnd: () => void
}

/** Push processes send questions and counts, nothing large. */
const messageBytesMax = 8 * 1024 * 1024
/** A process that starts is given so many past transitions, for clients that come to it from one that died. */
const warmTransitions = 1000

interface Hello {
  /** The last transition that it holds, and of which history. */
  readonly have?: N
  readonly epoch?: string
}

interface Interest {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

export class BusPeer {
  readonly interest = new Set<string>()
  stats: PushStats = newStats()
  cutOff = false
  readonly #socket: Socket
  readonly #settings: PeerSettings
  readonly #needs: PeerNeeds
  /** Published while the record was being read; undefined before the process said hello, and once it is current. */
  #held: Buffer[] | undefined
  #heldBytes = 0
  #current = false

  constructor(socket: Socket, settings: PeerSettings, needs: PeerNeeds) {
    this.#socket = socket
    this.#settings = settings
    this.#needs = needs
    const split = createSplitter(messageBytesMax, (kind, payload) => this.#received(kind, payload))
    socket.on('data', (chunk) => {
      try {
        split(chunk)
      } catch {
        // Not one of ours, or broken: it may come back.
        socket.destroy()
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', needs.onEnd)
  }

  publish(message: Buffer): void {
    if (this.#current) this.send(message)
    else if (this.#held) {
      this.#held.push(message)
      this.#heldBytes += message.length
      this.#bound()
    }
  }

  send(message: Buffer): void {
    if (this.#socket.destroyed) return
    this.#socket.write(message)
    this.#bound()
  }

  close(): void {
    this.#socket.destroy()
  }

  #bound(): void {
    if (this.#socket.destroyed || this.#socket.writableLength + this.#heldBytes <= this.#settings.pushQueueBytesMax)
      return
    this.cutOff = true
    this.#socket.destroy()
  }

  #received(kind: number, payload: Buffer): void {
    const value: unknown = JSON.parse(payload.toString())
    if (kind === kinds.hello) this.#synchronise(value as Hello).catch(() => this.#socket.destroy())
    else if (kind === kinds.need) this.#answer(value as Need)
    else if (kind === kinds.stats) this.stats = value as PushStats
    else if (kind === kinds.interest) {
      const { add = [], remove = [] } = value as Interest
      for (const topic of add) this.interest.add(topic)
      for (const topic of remove) this.interest.delete(topic)
    } else throw new RangeError(`a push process sent a message of kind ${kind}`)
  }

  #answer(need: Need): void {
    this.#needs.answers.answer(need).then(
      (message) => this.send(message),
      () => this.#socket.destroy(),
    )
  }

  async #synchronise(hello: Hello): Promise<void> {
    const { answers, n, clock, epoch } = this.#needs
    const have = hello.epoch === epoch ? hello.have : undefined
    this.#held = []
    const since = have ?? (Math.max(0, n() - warmTransitions) as N)
    const head = n()
    const missed = await answers.everythingAfter(since)
    // The record must reach what was published before we asked; if it does not, the process begins anew from there.
    const whole = missed !== undefined && (missed.at(-1)?.n ?? since) >= head
    const resumed = whole && have !== undefined
    this.send(jsonMessage(kinds.sync, { resumed, from: whole ? since : head, clock: clock(), epoch }))
    if (whole && missed.length > 0) this.send(transitionsMessage(missed))
    for (const message of this.#held) this.send(message)
    this.#held = undefined
    this.#heldBytes = 0
    this.#current = true
    this.send(jsonMessage(kinds.current, {}))
  }
}
