/**
 * A connection that is busy for as long as the test wants.
 */
import { connect, type Socket } from 'node:net'
import type { Service } from './service.js'

/** Asks whether it may send a body, and never sends it. */
export async function hangingRequest({ http }: Service): Promise<Socket> {
  const { hostname, port } = new URL(http)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const head = ['POST /v1/events HTTP/1.1', 'Host: walk', 'Content-Type: application/x-ndjson', 'Content-Length: 9']
  socket.write([...head, 'Expect: 100-continue', '', ''].join('\r\n'))
  // Closed, when somebody came before it was heard.
  await new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
  return socket
}
