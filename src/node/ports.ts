/**
 * Port 0 means "any free one". Several push processes share one port, and a restarted process must come back on the
 * same, so main picks the number once and hands it to everybody.
 */
import { createServer } from 'node:net'

export async function choosePort(host: string, port: number): Promise<number> {
  if (port !== 0) return port
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port: 0 }, () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port)
        else reject(new Error('no port was given'))
      })
    })
  })
}
