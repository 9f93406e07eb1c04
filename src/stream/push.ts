/**
 * The push process: WebSocket clients on one side, the core on the other. The door of the push side.
 *
 * It keeps no truth. What it holds it can lose: clients then resume at another process, and it asks the core. Called by
 * the push processes of room node.
 */
import uWS from 'uWebSockets.js'
import { formatTime } from '../core/day.js'
import { type ErrorCode, QwError } from '../core/errors.js'
import { CatchUp } from './catch-up.js'
import type { Publisher } from './channel.js'
import { newStats, type PushStats } from './counters.js'
import { Crowd } from './crowd.js'
import { Directory } from './directory.js'
import { faultOf } from './fault.js'
import { FromCore } from './from-core.js'
import { isOriginAllowed } from './origin.js'
import { Reception } from './reception.js'
import { Ring } from './ring.js'
import type { Session } from './session.js'
import type { PushSettings } from './settings.js'
import type { Grant } from './token.js'
import { Turns } from './turns.js'
import { type Socket, type SocketData, WsSession } from './ws-session.js'

export type { PushStats } from './counters.js'
export type { PushSettings } from './settings.js'

export interface Push {
  readonly port: number
  stats(): PushStats
  /** Sends every client away, in cohorts, with QW_STOPPING, and ends the connection to the core. */
  stop(): Promise<void>
}

const statsEveryMs = 1000
/** A frame up to so many times over the limit is answered with 4413; beyond that the socket library hangs up. */
const oversizeAnswered = 4

const monotonicMs = (): number => Math.floor(performance.now())
const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)

/** Starts listening. `random` is for tests that must be repeatable. */
export function startPush(settings: PushSettings, random: () => number = Math.random): Promise<Push> {
  return new PushProcess(settings, random).listen()
}

class PushProcess {
  readonly #settings: PushSettings
  readonly #random: () => number
  readonly #app = uWS.App()
  readonly #stats = newStats()
  readonly #turns: Turns
  readonly #crowd: Crowd
  readonly #directory: Directory
  readonly #catchUp: CatchUp
  readonly #core: FromCore
  readonly #reception: Reception
  #timers: NodeJS.Timeout[] = []
  #listening: uWS.us_listen_socket | undefined

  constructor(settings: PushSettings, random: () => number) {
    this.#settings = settings
    this.#random = random
    this.#turns = new Turns(settings.cohortSubscribersMax)
    this.#crowd = new Crowd(settings, this.#turns)
    const ring = new Ring(settings)
    const publisher: Publisher = {
      publish: (cohort, frame) => this.#app.publish(cohort, frame),
      turns: this.#turns,
      stats: this.#stats,
      cohortSubscribersMax: settings.cohortSubscribersMax,
      fault: faultOf(settings.faultDropRatio),
      nowUs: monotonicUs,
    }
    this.#catchUp = new CatchUp(settings, {
      ring,
      publisher,
      send: (need) => this.#core.need(need),
      nowMs: monotonicMs,
      end: (subscription) => this.#directory.close(subscription),
      bye: (session, code) => this.#reception.bye(session, code),
      onResynced: () => this.#core.settle(),
    })
    const onInterest = (base: string, wanted: boolean) => this.#core.interest(base, wanted)
    this.#directory = new Directory({ ring, publisher, onInterest }, this.#catchUp)
    this.#core = new FromCore(settings, settings.lane, {
      ring,
      directory: this.#directory,
      catchUp: this.#catchUp,
      publisher,
      tell: (frame) => this.#crowd.tell(frame),
      onOtherHistory: () => this.#leaveHistory(),
      random,
    })
    this.#reception = this.#openReception()
    this.#route()
  }

  listen(): Promise<Push> {
    const { host, port } = this.#settings
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, (listening) => {
        if (!listening) {
          this.#core.close()
          const option = this.#settings.lane === 'critical' ? 'criticalPort' : 'streamPort'
          reject(new QwError('QW_PORT_IN_USE', { option, host, port }))
          return
        }
        this.#listening = listening
        this.#timers = [
          setInterval(() => this.#beat(), this.#crowd.turnEveryMs),
          setInterval(() => this.#core.tick(statsEveryMs), statsEveryMs),
        ]
        resolve({
          port: uWS.us_socket_local_port(listening as unknown as uWS.us_socket),
          stats: () => structuredClone(this.#stats),
          stop: () => this.#stop(),
        })
      })
    })
  }

  #openReception(): Reception {
    return new Reception({
      settings: this.#settings,
      directory: this.#directory,
      catchUp: this.#catchUp,
      stats: this.#stats,
      monotonicMs,
      random: this.#random,
      welcome: (grant) => this.#welcome(grant),
      epoch: () => this.#core.epoch,
      onAdmitted: (session) => this.#admitted(session),
    })
  }

  #route(): void {
    const { clientFrameBytesMax, sendQueueBytesMax } = this.#settings
    this.#app
      .get('/livez', (res) => {
        res.writeHeader('content-type', 'text/plain').end('ok')
      })
      .ws<SocketData>('/v1/stream', {
        compression: uWS.DISABLED,
        maxPayloadLength: clientFrameBytesMax * oversizeAnswered,
        maxBackpressure: sendQueueBytesMax,
        // Heartbeats are ours: the library's own timeouts would ping in one sweep.
        idleTimeout: 0,
        sendPingsAutomatically: false,
        upgrade: (res, req, context) => this.#upgrade(res, req, context),
        open: (socket) => this.#opened(socket),
        message: (socket, bytes, isBinary) => {
          const { session } = socket.getUserData()
          if (session) this.#reception.received(session, bytes, isBinary)
        },
        pong: (socket, bytes) => this.#ponged(socket, Buffer.from(bytes).toString()),
        dropped: (socket) => this.#dropped(socket),
        close: (socket) => this.#closed(socket),
      })
  }

  #upgrade(res: uWS.HttpResponse, req: uWS.HttpRequest, context: uWS.us_socket_context_t): void {
    if (!this.#listening || this.#crowd.size >= this.#settings.clientsMax) {
      res.writeStatus('503 Service Unavailable').writeHeader('retry-after', '1').end()
      return
    }
    // A browser lets any page open a WebSocket to any host and tells only where the page came from.
    if (!isOriginAllowed(req.getHeader('origin'), this.#settings.originHosts)) {
      res.writeStatus('403 Forbidden').end('QW_NOT_ALLOWED this origin may not open a stream')
      return
    }
    res.upgrade<SocketData>(
      {},
      req.getHeader('sec-websocket-key'),
      req.getHeader('sec-websocket-protocol'),
      req.getHeader('sec-websocket-extensions'),
      context,
    )
  }

  #opened(socket: Socket): void {
    const session = new WsSession(socket, this.#settings, monotonicMs(), this.#catchUp)
    socket.getUserData().session = session
    this.#crowd.came(session)
    this.#stats.clients += 1
  }

  #welcome({ role }: Grant): string | undefined {
    const { clock, epoch } = this.#core
    if (!clock) return undefined
    const { heartbeatMs, lane } = this.#settings
    const { kind, nowMs } = clock
    const exercise = kind === 'scenario'
    return JSON.stringify({
      type: 'welcome',
      v: 1,
      epoch,
      now: formatTime(nowMs),
      clock: kind,
      exercise,
      heartbeatMs,
      lane,
      role,
    })
  }

  /** Clients come back, name the history that they hold, and are given this one. */
  #leaveHistory(): void {
    this.#catchUp.otherHistory()
    for (const session of this.#crowd.everybody()) this.#reception.bye(session, 'QW_OTHER_HISTORY')
  }

  #admitted(session: Session): void {
    this.#crowd.admitted(session)
    const { staleFrame } = this.#core
    if (staleFrame !== undefined) session.send(staleFrame)
  }

  /** The client has read what was sent before the ping: it may be given more. */
  #ponged(socket: Socket, text: string): void {
    const { session } = socket.getUserData()
    if (!session) return
    session.ponged(text)
    if (session.catching > 0 && !session.full) this.#catchUp.queue(session)
  }

  /**
   * The library dropped a frame because the client owes us too much reading. Later frames might pass again and leave a
   * hole, so the connection ends; not here, in the middle of the library's own loop over subscribers, but in a moment.
   */
  #dropped(socket: Socket): void {
    const { session } = socket.getUserData()
    if (!session?.open) return
    session.dropped = true
    this.#stats.drops += 1
    setImmediate(() => this.#reception.bye(session, 'QW_TOO_SLOW'))
  }

  #closed(socket: Socket): void {
    const { session } = socket.getUserData()
    if (!session) return
    session.state = 'closed'
    for (const subscription of session.subscriptions) this.#directory.close(subscription)
    this.#crowd.left(session)
    this.#stats.clients -= 1
  }

  #beat(): void {
    const nowMs = monotonicMs()
    for (const session of this.#crowd.turn()) this.#ping(session as WsSession, nowMs)
    for (const session of this.#crowd.late(nowMs)) this.#reception.bye(session, 'QW_HELLO_LATE')
    this.#catchUp.expire(nowMs)
  }

  #ping(session: WsSession, nowMs: number): void {
    const reason = reasonToEnd(session)
    if (reason !== undefined) {
      this.#reception.bye(session, reason)
      return
    }
    const heads: Record<string, number> = {}
    for (const { channel, progress, sentN } of session.subscriptions) {
      const head = progress.kind === 'live' ? Math.max(progress.cohort.sentN, sentN) : sentN
      if (head > 0) heads[channel.topic.name] = head
    }
    session.pingOpen = nowMs
    session.send(JSON.stringify({ type: 'ping', t: nowMs, heads }))
  }

  async #stop(): Promise<void> {
    if (this.#listening) uWS.us_listen_socket_close(this.#listening)
    this.#listening = undefined
    for (const timer of this.#timers) clearInterval(timer)
    let sent = 0
    for (const session of this.#crowd.everybody()) {
      this.#reception.bye(session, 'QW_STOPPING')
      sent += 1
      if (sent % this.#settings.cohortSubscribersMax === 0) await nextTurn()
    }
    await nextTurn()
    this.#turns.stop()
    this.#core.close()
  }
}

/** Why a client's heartbeat is its last: its token ended, or it does not answer, and then whether it reads at all. */
function reasonToEnd(session: WsSession): ErrorCode | undefined {
  if ((session.grant?.untilMs ?? 0) <= Date.now()) return 'QW_TOKEN_INVALID'
  if (session.pingOpen === undefined) return undefined
  return session.full ? 'QW_TOO_SLOW' : 'QW_PONG_LATE'
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
