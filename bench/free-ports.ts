/** Ports for services that are started by number, in benches and in walks. */
import net from 'node:net'

export const host = '127.0.0.1'

// Below what the kernel gives to outgoing connections (net.ipv4.ip_local_port_range: from 32,768): a port from there may
// be taken by somebody's connection between the moment it is found free and the moment a process listens on it.
const firstPort = 10_000
const portsPerProcess = 40
// Processes that live at once have different ids: each begins in a part of its own.
const partOfProcess = process.pid % Math.floor((32_000 - firstPort) / portsPerProcess)
// `fetch` refuses what the WHATWG's list calls bad ports; this is the one of them in the range (Fetch, "port blocking").
const badPort = 10_080
let portsTried = 0

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })

/** Ports that were free a moment ago, all different. */
export const freePorts = async (count: number): Promise<number[]> => {
  const ports: number[] = []
  while (ports.length < count) {
    const place = (partOfProcess * portsPerProcess + portsTried) % (32_000 - firstPort)
    portsTried += 1
    if (portsTried > 32_000 - firstPort) throw new Error(`no ${count} free ports from ${firstPort} to 32000`)
    const port = firstPort + place
    if (port !== badPort && (await isFree(port))) ports.push(port)
  }
  return ports
}
