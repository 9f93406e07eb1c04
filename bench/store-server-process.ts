/** The embedded ClickHouse in a process of its own, for the store's bench: as main runs it. */
import { startEmbeddedServer } from '../src/store/embedded-server.js'

const [directory = '', password = ''] = process.argv.slice(2)
const mebibyte = 1024 * 1024
const server = await startEmbeddedServer({
  directory,
  port: 0,
  username: 'bench',
  password,
  bodyBytesMax: 256 * mebibyte,
  resultBytesMax: 256 * mebibyte,
  queriesRunningMax: 2,
  queriesWaitingMax: 16,
  queryMsMax: 300_000,
  requestMsMax: 60_000,
  engineBytesMax: 2048 * mebibyte,
  queryThreadsMax: 1,
})
process.send?.({ port: server.port })
process.once('disconnect', () => {
  server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
