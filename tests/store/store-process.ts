/**
 * The embedded server in a process of its own, as main runs it: what the tests start, ask, and kill.
 *
 * Not a test. Arguments: data directory, port. Says `{ port }` when it serves; stops when the channel closes.
 */
import { startEmbeddedServer } from '../../src/store/embedded-server.js'

const [directory, port] = process.argv.slice(2)
if (directory !== undefined && process.send) {
  const server = await startEmbeddedServer({
    directory,
    port: Number(port ?? 0),
    username: 'quotawatch',
    password: 'secret of the tests',
    bodyBytesMax: 64 * 1024 * 1024,
    resultBytesMax: 64 * 1024 * 1024,
    queriesRunningMax: 2,
    queriesWaitingMax: 4,
    queryMsMax: 20_000,
    requestMsMax: 20_000,
    engineBytesMax: 1024 * 1024 * 1024,
    queryThreadsMax: 1,
  })
  process.send({ port: server.port })
  process.once('disconnect', () => {
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}
