/**
 * A Unix socket that is listened on, and made anew when its file is gone: who cleans a directory too eagerly must not cut
 * off every process that starts after that. Connections that stand are not touched.
 *
 * The core keeps one for push processes (bus.ts) and one for the store's writer (room node).
 */
import { rm, stat } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'

const lookEveryMs = 1000

export class KeptSocket {
  readonly #path: string
  readonly #onConnection: (socket: Socket) => void
  readonly #timer: NodeJS.Timeout
  #server: Server
  /** Of the file that we listen on. */
  #inode: number | undefined
  #isLooking = false
  #isClosed = false
  #renewals = 0
  #failure: string | undefined

  private constructor(path: string, onConnection: (socket: Socket) => void) {
    this.#path = path
    this.#onConnection = onConnection
    this.#server = createServer(onConnection)
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
    this.#timer.unref()
  }

  /** A file that lies there is replaced. */
  static async open(path: string, onConnection: (socket: Socket) => void): Promise<KeptSocket> {
    const kept = new KeptSocket(path, onConnection)
    try {
      await kept.#listen()
    } catch (error) {
      clearInterval(kept.#timer)
      throw error
    }
    return kept
  }

  /** Times that the file was gone and made anew. */
  get renewals(): number {
    return this.#renewals
  }

  /** Why nobody can connect for now; undefined when all is well. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Takes no new connection; resolves when those that stand have ended. */
  close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #listen(): Promise<void> {
    await rm(this.#path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#path, resolve)
    })
    this.#inode = (await stat(this.#path)).ino
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const inode = await stat(this.#path).then(
      ({ ino }) => ino,
      () => undefined,
    )
    if ((inode === undefined || inode !== this.#inode) && !this.#isClosed) await this.#renew()
    this.#isLooking = false
  }

  async #renew(): Promise<void> {
    // The old one first: closing it deletes whatever lies at the path.
    this.#server.close()
    this.#server = createServer(this.#onConnection)
    this.#inode = undefined
    try {
      await this.#listen()
      this.#renewals += 1
      this.#failure = undefined
    } catch (error) {
      this.#failure = (error as Error).message
    }
  }
}
