/**
 * The servers that the service is compared with and that live in Node, each with nothing around it (forked by
 * bench/fanout/targets.ts). One process, one server, one room that everybody is in.
 *
 * A module is loaded only when it is asked for: the memory of one must not be counted as that of another.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FromServer, ServerKind, ToServer } from './messages.js'

const host = '127.0.0.1'

interface Opened {
  readonly port: number
  readonly publish: (text: string) => void
}

/** uWebSockets.js with its own publish: the floor. Processes that listen on one port share it. */
const openFloor = async (port: number): Promise<Opened> => {
  const { default: uWS } = await import('uWebSockets.js')
  const app = uWS.App().ws('/*', {
    compression: uWS.DISABLED,
    idleTimeout: 0,
    sendPingsAutomatically: false,
    open: (socket) => {
      socket.subscribe('all')
    },
  })
  return new Promise((resolve, reject) => {
    app.listen(host, port, (listening) => {
      if (!listening) reject(new Error(`port ${port} is taken`))
      else
        resolve({
          port: uWS.us_socket_local_port(listening as unknown as Parameters<typeof uWS.us_socket_local_port>[0]),
          publish: (text) => {
            app.publish('all', text)
          },
        })
    })
  })
}

const openWs = async (port: number): Promise<Opened> => {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ host, port, perMessageDeflate: false, backlog: 4096 })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    publish: (text) => {
      for (const socket of server.clients) socket.send(text)
    },
  }
}

const openSocketIo = async (port: number): Promise<Opened> => {
  const { Server } = await import('socket.io')
  const server = http.createServer()
  // the others have no heartbeats here either
  const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 3_600_000 })
  await new Promise<void>((resolve) => {
    server.listen({ host, port, backlog: 4096 }, resolve)
  })
  return { port: (server.address() as AddressInfo).port, publish: (text) => io.emit('m', JSON.parse(text)) }
}

const open: Record<ServerKind, (port: number) => Promise<Opened>> = {
  floor: openFloor,
  ws: openWs,
  'socket.io': openSocketIo,
}

let opened: Opened | undefined

const tell = (message: FromServer): void => {
  process.send?.(message)
}

const obey = async (message: ToServer): Promise<void> => {
  if (message.kind === 'publish') {
    opened?.publish(message.text)
    tell({ kind: 'publish' })
    return
  }
  opened = await open[message.server](message.port)
  tell({ kind: 'listen', port: opened.port })
}

process.on('message', (message: ToServer) => void obey(message))
process.on('disconnect', () => process.exit(0))
