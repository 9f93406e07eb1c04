import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Tcp } from '../../bench/tcp.js'

const host = '127.0.0.1'

const listen = async (t: Test, onConnection: (socket: net.Socket) => void): Promise<number> => {
  const server = net.createServer(onConnection)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

interface Peer {
  readonly tcp: Tcp
  readonly connected: Promise<void>
  readonly over: Promise<string | undefined>
  /** Resolves when so many bytes have come. */
  readonly got: (length: number) => Promise<Buffer>
}

const connect = (port: number): Peer => {
  const chunks: Buffer[] = []
  const ready = deferred<void>()
  const over = deferred<string | undefined>()
  let look = (): void => undefined
  const tcp = new Tcp(
    { host, port },
    {
      onConnect: ready.resolve,
      onBytes: (bytes, length) => {
        chunks.push(Buffer.from(bytes.subarray(0, length)))
        look()
      },
      onEnd: over.resolve,
    },
  )
  const got = (length: number): Promise<Buffer> =>
    new Promise((resolve) => {
      look = () => {
        const all = Buffer.concat(chunks)
        if (all.length >= length) resolve(all)
      }
      look()
    })
  return { tcp, connected: ready.promise, over: over.promise, got }
}

t.test('what is written comes back whole, though the kernel takes it in pieces and reading pauses', async (t) => {
  const port = await listen(t, (socket) => socket.pipe(socket))
  const { tcp, connected, got } = connect(port)
  await connected
  const sent = Buffer.alloc(8 * 1024 * 1024, 'abcdefg')
  tcp.pause()
  tcp.write(sent)
  tcp.write(Buffer.from('the end'))
  tcp.resume()
  const all = await got(sent.length + 7)
  t.ok(all.equals(Buffer.concat([sent, Buffer.from('the end')])))
  tcp.end('close')
})

t.test('nobody there, an end and a reset by the other side are told apart', async (t) => {
  const gone = net.createServer()
  await new Promise<void>((resolve) => gone.listen(0, host, resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  t.equal(await connect(port).over, 'ECONNREFUSED')
  const ending = await listen(t, (socket) => socket.end('bye'))
  const polite = connect(ending)
  t.equal(String(await polite.got(3)), 'bye')
  t.equal(await polite.over, undefined)
  const resetting = await listen(t, (socket) => socket.resetAndDestroy())
  t.equal(await connect(resetting).over, 'ECONNRESET')
})

t.test('one that ended itself hears nothing more, and the other side sees a reset as one', async (t) => {
  const seen = deferred<string | undefined>()
  const port = await listen(t, (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => seen.resolve(error.code))
    socket.resume()
  })
  const { tcp, connected, over } = connect(port)
  await connected
  tcp.end('reset')
  tcp.end('close')
  tcp.write(Buffer.from('nothing'))
  t.equal(await seen.promise, 'ECONNRESET')
  t.equal(await Promise.race([over, Promise.resolve('nothing was said')]), 'nothing was said')
})
