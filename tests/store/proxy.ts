/**
 * Stands between the writer and the engine and lets things go wrong: per INSERT, as the test decides. Not a test.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fault =
  | 'pass'
  /** The engine does it, the client never hears of it. */
  | 'withhold'
  /** The engine does it, then the connection breaks. */
  | 'reset'
  /** The connection breaks, the engine never heard of it. */
  | 'drop'
  /** Half of the rows are sent, then the connection to the engine breaks. */
  | 'tear'
  /** Kept, and sent to the engine when the test says `release`. */
  | 'hold'

export interface Proxy {
  readonly url: string
  /** INSERTs that were seen. */
  readonly inserts: number
  decide: (insert: number) => Fault
  /** Called when an INSERT has gone to the engine and is not answered yet. */
  onSent: () => void
  /** Sends what was held, and waits for the engine's answers: their HTTP statuses. */
  release(): Promise<number[]>
  close(): Promise<void>
}

export async function startProxy(enginePort: () => number): Promise<Proxy> {
  const held: (() => Promise<number>)[] = []
  let inserts = 0
  const server = createServer((from, to) => {
    serve(from, to).catch(() => to.destroy())
  })
  async function serve(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const body = await whole(from)
    const isInsert = /[?&]query=INSERT/.test(from.url ?? '')
    const fault = isInsert ? proxy.decide(inserts++) : 'pass'
    if (fault === 'drop') return void to.destroy()
    if (fault === 'hold') return void held.push(async () => (await forward(from, body)).status)
    if (fault === 'tear') {
      await forward(from, body, Math.floor(body.length / 2)).catch(() => undefined)
      return void to.destroy()
    }
    const answering = forward(from, body)
    if (isInsert) proxy.onSent()
    const answer = await answering
    if (fault === 'reset') return void to.destroy()
    if (fault === 'withhold') return
    to.writeHead(answer.status, answer.headers).end(answer.body)
  }
  function forward(from: IncomingMessage, body: Buffer, cutAt?: number) {
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
      const headers = { ...from.headers, 'content-length': String(body.length), connection: 'close' }
      delete headers['transfer-encoding']
      const ask = request({ port: enginePort(), path: from.url, method: from.method, headers }, (answer) => {
        whole(answer).then(
          (body) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body }),
          reject,
        )
      })
      ask.on('error', reject)
      if (cutAt === undefined) ask.end(body)
      else ask.write(body.subarray(0, cutAt), () => ask.destroy(new Error('torn')))
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get inserts() {
      return inserts
    },
    decide: () => 'pass',
    onSent: () => undefined,
    release: () => Promise.all(held.splice(0).map((send) => send())),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
