/**
 * Keeps the gate's thread alive: starts it, starts it again when it has died, and ends it. The core opens one.
 */
import { Worker } from 'node:worker_threads'
import type { Part } from '../../api/api.js'
import { BackOff } from '../back-off.js'
import type { GateThreadSettings } from './gate-thread.js'

export interface GateServerSettings extends GateThreadSettings {
  /** A thread whose heap would grow over this ends, and another takes its place. */
  readonly heapBytesMax: number
  readonly restartFirstMs: number
  readonly restartLongestMs: number
  readonly onTrouble: (error: unknown) => void
}

type FromThread =
  | { readonly kind: 'serving'; readonly isRealtime: boolean }
  | { readonly kind: 'defect'; readonly error: unknown }

const mebibyte = 1024 * 1024

export class GateServer {
  readonly #settings: GateServerSettings
  readonly #backOff: BackOff
  #worker: Worker | undefined
  #servingSinceMs: number | undefined
  #isRealtime = false
  #again: NodeJS.Timeout | undefined
  #isClosing = false
  #restarts = 0

  private constructor(settings: GateServerSettings) {
    this.#settings = settings
    this.#backOff = new BackOff(settings.restartFirstMs, settings.restartLongestMs)
  }

  /** Resolves when it answers. Rejects when the port cannot be taken. */
  static async open(settings: GateServerSettings): Promise<GateServer> {
    const server = new GateServer(settings)
    await server.#start()
    return server
  }

  /** Times that the thread has died and another was started. */
  get restarts(): number {
    return this.#restarts
  }

  get part(): Part {
    const { host, port } = this.#settings
    const isServing = this.#servingSinceMs !== undefined
    const answering = `answering on ${host}:${port}${this.#isRealtime ? ', at real-time priority' : ''}`
    return { name: 'gate', state: isServing ? answering : 'being started again', ready: isServing }
  }

  /** Answers what was asked, then ends. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#again)
    const worker = this.#worker
    if (!worker) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage('stop')
    await ended
  }

  #start(): Promise<void> {
    const {
      onTrouble,
      restartFirstMs: _first,
      restartLongestMs: _longest,
      heapBytesMax,
      ...workerData
    } = this.#settings
    const resourceLimits = { maxOldGenerationSizeMb: heapBytesMax / mebibyte }
    const worker = new Worker(new URL('./gate-thread.js', import.meta.url), { workerData, resourceLimits })
    this.#worker = worker
    return new Promise((resolve, reject) => {
      worker.on('message', (word: FromThread) => {
        if (word.kind === 'defect') return onTrouble(word.error)
        this.#servingSinceMs = performance.now()
        this.#isRealtime = word.isRealtime
        resolve()
      })
      worker.on('error', (error) => {
        onTrouble(error)
        reject(error)
      })
      worker.once('exit', () => this.#ended())
    })
  }

  #ended(): void {
    const servedMs = this.#servingSinceMs === undefined ? undefined : performance.now() - this.#servingSinceMs
    this.#worker = undefined
    this.#servingSinceMs = undefined
    if (this.#isClosing) return
    this.#restarts += 1
    // What it met was told to `onTrouble`.
    this.#again = setTimeout(() => this.#start().catch(() => undefined), this.#backOff.waitMs(servedMs))
  }
}
