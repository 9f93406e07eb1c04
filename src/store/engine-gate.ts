/**
 * Who may use the engine now: at most so many at once, the others wait in order, and those whose client has gone leave.
 *
 * The current database is a state of the one session that all share, so only requests for the same database run side
 * by side; one for another waits until the engine is empty. The head of the queue is never overtaken, so nobody starves.
 */
import { exceptionCodes, ServerException } from './exception.js'

export interface GateSettings {
  readonly queriesRunningMax: number
  readonly queriesWaitingMax: number
  /** Makes a database the current one. Called with the engine empty. */
  readonly useDatabase: (database: string) => Promise<unknown>
}

interface Waiting {
  readonly database: string
  readonly enter: () => void
  readonly refuse: (why: string) => void
}

export class EngineGate {
  readonly #settings: GateSettings
  readonly #waiting: Waiting[] = []
  #database: string
  #running = 0
  #switching = false
  #closed = false

  constructor(settings: GateSettings, database: string) {
    this.#settings = settings
    this.#database = database
  }

  /** Nobody is let in any more. */
  close(): void {
    this.#closed = true
    for (const { refuse } of this.#waiting.splice(0)) refuse('The server is stopping')
  }

  /** Runs `work` in its turn. When `gone` fires before the turn comes, the work is never begun. */
  async run<T>(database: string, gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(database, gone)
    try {
      if (database !== this.#database) await this.#switchTo(database)
      return await work()
    } finally {
      this.#running -= 1
      this.#admit()
    }
  }

  async #switchTo(database: string): Promise<void> {
    try {
      await this.#settings.useDatabase(database)
      this.#database = database
    } finally {
      this.#switching = false
      this.#admit()
    }
  }

  #enter(database: string, gone: AbortSignal): Promise<void> {
    if (this.#closed) throw new ServerException(exceptionCodes.ABORTED, 'The server is stopping')
    if (this.#waiting.length >= this.#settings.queriesWaitingMax)
      throw new ServerException(exceptionCodes.TOO_MANY_SIMULTANEOUS_QUERIES, 'Too many simultaneous queries')
    return new Promise((resolve, reject) => {
      const refuse = (why: string) => {
        gone.removeEventListener('abort', leave)
        reject(new ServerException(exceptionCodes.ABORTED, why))
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        refuse('The client has gone')
        this.#admit()
      }
      const enter = () => {
        gone.removeEventListener('abort', leave)
        resolve()
      }
      const waiting: Waiting = { database, enter, refuse }
      if (gone.aborted) return refuse('The client has gone')
      gone.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiting)
      this.#admit()
    })
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && !this.#switching; next = this.#waiting[0]) {
      const other = next.database !== this.#database
      if (other ? this.#running > 0 : this.#running >= this.#settings.queriesRunningMax) return
      this.#switching = other
      this.#waiting.shift()
      this.#running += 1
      next.enter()
    }
  }
}
