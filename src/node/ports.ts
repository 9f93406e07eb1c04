/**
 * The ports, chosen and probed once by main, before anything is started.
 *
 * Port 0 means "any free one": several push processes share a port, and a restarted process must come back on the same,
 * so main picks the number and hands it to everybody. A port that was asked for is probed: push processes listen with
 * SO_REUSEPORT, so two services would otherwise share it without a word and clients would land in either.
 */
import { createServer } from 'node:net'
import { QwError } from '../core/errors.js'

/** QW_PORT_IN_USE when somebody listens there already. `option` is named in the error. */
export async function choosePort(option: string, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new QwError('QW_PORT_IN_USE', { option, host, port }) : error),
    )
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port)
        else reject(new Error('no port was given'))
      })
    })
  })
}
