/** Starts that are refused, with what is said then. */
import { join } from 'node:path'
import t from 'tap'
import { startService, temporaryDirectory } from './service.js'

t.test('a second start on the same data directory is refused and told which process holds it', async (t) => {
  const directory = await temporaryDirectory(t)
  const service = await startService({ directory })
  t.teardown(() => service.stop())
  await t.rejects(startService({ directory }), {
    message: new RegExp(`QW_DATA_IN_USE .* is in use by process ${service.main.pid}`),
  })
})

t.test('a port that somebody holds already is named, and nothing is started', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  for (const [option, address] of Object.entries({
    httpPort: service.http,
    streamPort: service.stream,
    criticalPort: service.critical,
    gatePort: service.gate,
  })) {
    const port = Number(new URL(address).port)
    const second = startService({ directory: await temporaryDirectory(t), options: { [option]: port } })
    await t.rejects(second, { message: new RegExp(`QW_PORT_IN_USE ${option} ${port} is in use`) })
  }
})

t.test('a configured file that cannot be read ends the start, named with its path and the reason', async (t) => {
  const directory = await temporaryDirectory(t)
  const unreadable = (option: string, file: string, reason: string, options = {}) =>
    t.rejects(startService({ directory, options: { ...options, [option]: file } }), {
      message: new RegExp(
        `^main ended with 1: .*QW_OPTION_INVALID ${option} ${file} must be a file that can be read \\(${reason}\\)`,
        's',
      ),
    })
  await unreadable('rulesFile', join(directory, 'none.yaml'), 'ENOENT')
  await unreadable('tokenSecretFile', directory, 'EISDIR')
  const server = { store: 'clickhouse', clickhouseUrl: 'http://127.0.0.1:9', clickhouseUser: 'me' }
  await unreadable('clickhousePasswordFile', join(directory, 'none'), 'ENOENT', server)
})
