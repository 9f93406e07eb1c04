/**
 * The servers that take turns in the fan-out bench, each started here and ended by `cleanup`: the service, the floor
 * under it (uWebSockets.js with nothing around it), and its peers.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { Child } from '../child.js'
import { capEvent, capLines } from '../city.js'
import type { Cleanup } from '../cleanup.js'
import { nowUs } from '../clock.js'
import { freePorts, host } from '../free-ports.js'
import { startGuarded } from '../guarded.js'
import { type ProcessCpu, readGroup, readProcesses } from '../process-cpu.js'
import { shedsNothingMs, startService } from '../service.js'
import { postEvent, postLines } from '../service-calls.js'
import { temporaryDirectory } from '../temporary.js'
import type { DialectName } from './dialects.js'
import type { FromServer, ServerKind, ToServer } from './messages.js'

export interface FanoutTarget {
  readonly name: DialectName
  /** Where audience process `index` connects to. */
  readonly portFor: (index: number) => number
  /** Tells everybody; resolves to the moment at which it was asked for. */
  readonly publish: (text: string) => Promise<number>
  /** The processes that send; of the service without its store. */
  readonly processes: () => readonly ProcessCpu[]
}

export interface FanoutSize {
  readonly clients: number
  /** Processes that send. */
  readonly processes: number
}

const askWaitMs = 60_000
const stopWaitMs = 10_000

const servers = (size: FanoutSize, kind: ServerKind, cleanup: Cleanup) =>
  Array.from({ length: size.processes }, (_, i) => {
    const child = new Child<ToServer, FromServer>(`${kind} ${i + 1}`, './fanout/server-process.js')
    cleanup.add(() => child.stop())
    return child
  })

/** Node servers: of the floor all listen on one port, as the push processes do; the others cannot share one. */
const startOwn = async (kind: ServerKind, size: FanoutSize, cleanup: Cleanup): Promise<FanoutTarget> => {
  const children = servers(size, kind, cleanup)
  // uWebSockets.js lets others share a port only when it was named
  const [shared = 0] = kind === 'floor' ? await freePorts(1) : []
  const ports: number[] = []
  for (const child of children)
    ports.push((await child.ask({ kind: 'listen', server: kind, port: shared }, askWaitMs)).port)
  return {
    name: kind,
    portFor: (index) => ports[index % ports.length] ?? 0,
    publish: async (text) => {
      const atUs = nowUs()
      await Promise.all(children.map((child) => child.ask({ kind: 'publish', text }, askWaitMs)))
      return atUs
    },
    processes: () => readProcesses(children.map(({ pid }) => pid)),
  }
}

/** The real service: an event that turns the city's cap, and everybody subscribed to `city`. */
const startReal = async (size: FanoutSize, cleanup: Cleanup): Promise<FanoutTarget> => {
  const service = await startService({
    // without heartbeats, as all the others: else its pings would be counted against whoever has the turn
    options: {
      logLevel: 'warn',
      dataSet: '',
      ingestDelayMsMax: shedsNothingMs,
      store: 'none',
      pushProcesses: size.processes,
      heartbeatMs: 600_000,
    },
  })
  cleanup.add(service.stop)
  const target = { host: service.host, port: service.httpPort }
  await postLines(target, capLines(new Date().toISOString()))
  let round = 0
  return {
    name: 'service',
    portFor: () => service.streamPort,
    publish: async () => {
      const atUs = nowUs()
      await postEvent(target, capEvent(round++, new Date().toISOString()))
      return atUs
    },
    processes: () => readGroup(service.pid),
  }
}

const nginxConfig = (directory: string, port: number, { processes }: FanoutSize): string => `
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
worker_processes ${processes};
worker_rlimit_nofile 20000;
pid ${directory}/pid;
error_log ${directory}/error.log;
events { worker_connections 19000; }
http {
  access_log off;
  nchan_shared_memory_size 256M;
  server {
    listen ${host}:${port} reuseport backlog=4096;
    location = /sub { nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest; }
    location = /pub { nchan_publisher; nchan_channel_id bench; }
  }
}
`

const startNchan = async (size: FanoutSize, cleanup: Cleanup): Promise<FanoutTarget> => {
  const directory = await temporaryDirectory(cleanup)
  const [port = 0] = await freePorts(1)
  const config = join(directory, 'nginx.conf')
  await writeFile(config, nginxConfig(directory, port, size))
  const args = ['-p', directory, '-c', config]
  const nginx = await startGuarded('nginx', args, { directory, outputPath: join(directory, 'output') })
  cleanup.add(() => nginx.stop(stopWaitMs))
  await accepting(port)
  return {
    name: 'nchan',
    portFor: () => port,
    publish: async (body) => {
      const atUs = nowUs()
      const answer = await fetch(`http://${host}:${port}/pub`, { method: 'POST', body })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`nchan answered ${answer.status}`)
      return atUs
    },
    processes: () => readGroup(nginx.pid),
  }
}

const startNats = async (_: FanoutSize, cleanup: Cleanup): Promise<FanoutTarget> => {
  const directory = await temporaryDirectory(cleanup)
  const [port = 0, webSocketPort = 0] = await freePorts(2)
  const config = join(directory, 'nats.conf')
  await mkdir(directory, { recursive: true })
  await writeFile(
    config,
    `listen: "${host}:${port}"\nping_interval: "1h"\nwebsocket { listen: "${host}:${webSocketPort}", no_tls: true }\n`,
  )
  const server = await startGuarded('nats-server', ['-c', config], { directory, outputPath: join(directory, 'output') })
  cleanup.add(() => server.stop(stopWaitMs))
  await accepting(webSocketPort)
  const publisher = net.connect(port, host)
  cleanup.add(async () => {
    publisher.destroy()
  })
  publisher.on('data', () => undefined)
  publisher.write('CONNECT {"verbose":false}\r\n')
  return {
    name: 'nats',
    portFor: () => webSocketPort,
    publish: async (text) => {
      const atUs = nowUs()
      publisher.write(`PUB bench ${Buffer.byteLength(text)}\r\n${text}\r\n`)
      return atUs
    },
    processes: () => readGroup(server.pid),
  }
}

/** Resolves when somebody listens on the port. */
const accepting = async (port: number): Promise<void> => {
  const giveUpAt = Date.now() + askWaitMs
  while (Date.now() < giveUpAt) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, host)
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (connected) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nobody listens on port ${port}`)
}

const start: Record<DialectName, (size: FanoutSize, cleanup: Cleanup) => Promise<FanoutTarget>> = {
  floor: (size, cleanup) => startOwn('floor', size, cleanup),
  service: startReal,
  ws: (size, cleanup) => startOwn('ws', size, cleanup),
  'socket.io': (size, cleanup) => startOwn('socket.io', size, cleanup),
  nchan: startNchan,
  nats: startNats,
}

export const startTarget = (name: DialectName, size: FanoutSize, cleanup: Cleanup): Promise<FanoutTarget> =>
  start[name](size, cleanup)
