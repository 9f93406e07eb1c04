/**
 * The processes that main watches: the core, the critical push process, the common ones, and those that follow the log.
 */
import { EventEmitter, once } from 'node:events'
import type { Config } from '../config/config.js'
import { Child } from './child.js'
import type { Addresses } from './messages.js'

export interface MainHooks {
  readonly say: (level: 'info' | 'warn', message: string) => void
  /** Called once, when every process serves. */
  readonly onServing: (addresses: Addresses) => void
}

/**
 * A push process makes little garbage, and with Node's own bound (16 MiB a half) half of what it holds would be room for
 * more of it: 4.7 kB a client instead of 2.1.
 */
const pushNodeOptions = ['--max-semi-space-size=2']

/** Of a common push process that starts again: the others hold its clients meanwhile. */
const loadingNiceness = 10

export class Family {
  /** Resolves when everything has ended; rejects with the reason when a process refused to start. */
  readonly ended: Promise<void>
  readonly #config: Config
  readonly #addresses: Addresses
  readonly #epoch: string
  readonly #hooks: MainHooks
  readonly #core: Child
  readonly #pushes: readonly Child[]
  /** The store's writer and the embedded ClickHouse: nobody waits for them. */
  readonly #followers: readonly Child[]
  readonly #serving = new Set<string>()
  readonly #end = new EventEmitter()
  #isStopping = false

  constructor(config: Config, addresses: Addresses, epoch: string, hooks: MainHooks) {
    this.#config = config
    this.#addresses = addresses
    this.#epoch = epoch
    this.#hooks = hooks
    this.ended = once(this.#end, 'end').then(() => undefined)
    const store = (): Child => this.#start('store', './store-process.js', 0, config.storeNiceness)
    const writer = (): Child => this.#start('writer', './writer-process.js', 0, config.writerNiceness)
    this.#followers = config.store === 'none' ? [] : config.clickhouseUrl === '' ? [store(), writer()] : [writer()]
    // Every critical frame goes through the core: it must not queue behind push processes that serve a crowd.
    this.#core = this.#start('core', './core-process.js', 0, config.criticalNiceness, [], config.coreSpareAfterMs)
    this.#pushes = [
      this.#start('push critical', './push-process.js', 0, config.criticalNiceness, pushNodeOptions),
      ...Array.from({ length: config.pushProcesses }, (_, i) =>
        this.#start(`push ${i + 1}`, './push-process.js', i + 1, config.hotPathNiceness, pushNodeOptions),
      ),
    ]
  }

  /** Stops everybody in walking order, once. `because`: what `ended` rejects with. */
  stop(because?: Error): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#stopInOrder().then(
      () => (because ? this.#end.emit('error', because) : this.#end.emit('end')),
      (error) => this.#end.emit('error', error),
    )
  }

  #start(
    name: string,
    module: string,
    index: number,
    niceness: number,
    nodeOptions: readonly string[] = [],
    spareAfterMs = 0,
  ): Child {
    return new Child({
      name,
      module: new URL(module, import.meta.url),
      begin: { kind: 'begin', config: this.#config, addresses: this.#addresses, index, epoch: this.#epoch },
      backoffMs: this.#config.restartBackoffMs,
      backoffMsMax: this.#config.restartBackoffMsMax,
      silenceMs: this.#config.childSilenceMs,
      niceness,
      ...(index > 0 && { loadingNiceness }),
      spareAfterMs,
      nodeOptions,
      say: this.#hooks.say,
      onReady: () => this.#ready(name),
      onRefused: (message) => this.stop(new Error(message)),
    })
  }

  #ready(name: string): void {
    if (this.#serving.has(name)) {
      this.#hooks.say('info', `${name} is back`)
      return
    }
    this.#serving.add(name)
    const awaited = [this.#core, ...this.#pushes].map((child) => child.name)
    if (awaited.includes(name) && awaited.every((each) => this.#serving.has(each)))
      this.#hooks.onServing(this.#addresses)
  }

  /** The core gets most of the time: it has the log to finish. */
  async #stopInOrder(): Promise<void> {
    const waitMs = this.#config.stopWaitMs
    const startedAtMs = Date.now()
    await this.#core.stop(waitMs * 0.7)
    const restMs = Math.max(waitMs - (Date.now() - startedAtMs), waitMs * 0.2)
    await Promise.all([...this.#pushes, ...this.#followers].map((child) => child.stop(restMs)))
  }
}
