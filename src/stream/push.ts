/**
 * The push process: WebSocket clients on one side, the core on the other. The door of the push side.
 *
 * It keeps no truth. What it holds it can lose: clients then resume at another process, and it asks the core. Called by
 * the push processes of room node.
 */
import uWS from 'uWebSockets.js'
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import { CatchUp } from './catch-up.js'
import type { Publisher } from './channel.js'
import { newStats, type PushStats } from './counters.js'
import { Crowd } from './crowd.js'
import { Directory } from './directory.js'
import { Door } from './door.js'
import { faultOf } from './fault.js'
import { type Clock, FromCore } from './from-core.js'
import { giveWay } from './give-way.js'
import { Reception } from './reception.js'
import { Returns } from './returns.js'
import { Ring } from './ring.js'
import type { Session } from './session.js'
import type { PushSettings } from './settings.js'
import { Sockets } from './sockets.js'
import type { Grant } from './token.js'
import { Turns } from './turns.js'

export type { PushStats } from './counters.js'
export type { PushSettings } from './settings.js'

export interface Push {
  readonly port: number
  stats(): PushStats
  /** Sends every client away, in cohorts, with QW_STOPPING, and ends the connection to the core. */
  stop(): Promise<void>
}

const statsEveryMs = 1000

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
  readonly #door: Door
  readonly #reception: Reception
  readonly #sockets: Sockets
  readonly #returns: Returns
  #timers: NodeJS.Timeout[] = []
  #listening: uWS.us_listen_socket | undefined

  constructor(settings: PushSettings, random: () => number) {
    this.#settings = settings
    this.#random = random
    this.#returns = new Returns(settings.returnsPerSecond)
    this.#turns = new Turns(settings.cohortSubscribersMax, giveWay)
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
    this.#door = this.#openDoor()
    this.#reception = this.#openReception()
    this.#sockets = this.#openSockets()
    this.#sockets.route(this.#app)
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
          setInterval(() => this.#core.tick(this.#count(), statsEveryMs), statsEveryMs),
        ]
        resolve({
          port: uWS.us_socket_local_port(listening as unknown as uWS.us_socket),
          stats: () => structuredClone(this.#count()),
          stop: () => this.#stop(),
        })
      })
    })
  }

  #openDoor(): Door {
    return new Door({
      settings: this.#settings,
      crowd: this.#crowd,
      monotonicMs,
      random: this.#random,
      lateMs: () => this.#core.takeLateMs(),
      isOpen: () => this.#core.clock !== undefined,
      onAdmitted: (session, grant) => this.#admitted(session, grant),
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
      epoch: () => this.#core.epoch,
      door: this.#door,
    })
  }

  #openSockets(): Sockets {
    return new Sockets({
      settings: this.#settings,
      crowd: this.#crowd,
      catchUp: this.#catchUp,
      reception: this.#reception,
      epoch: () => this.#core.epoch,
      monotonicMs,
      onLeft: (session) => this.#left(session),
      onDropped: () => {
        this.#stats.drops += 1
      },
    })
  }

  #welcome({ role }: Grant, { nowMs, kind }: Clock, returnAfterMs: number): string {
    const { heartbeatMs, lane } = this.#settings
    return JSON.stringify({
      type: 'welcome',
      v: 1,
      epoch: this.#core.epoch,
      now: formatTime(nowMs),
      clock: kind,
      exercise: kind === 'scenario',
      heartbeatMs,
      lane,
      role,
      returnAfterMs,
    })
  }

  /** Clients come back, name the history that they hold, and are given this one. */
  #leaveHistory(): void {
    this.#catchUp.otherHistory()
    for (const session of this.#everybody()) this.#reception.bye(session, 'QW_OTHER_HISTORY')
  }

  /** All that can be said at once leaves in one write: in a storm a write is most of what a client costs. */
  #admitted(session: Session, grant: Grant): void {
    const { clock, staleFrame } = this.#core
    if (!clock) return
    this.#crowd.admitted(session)
    const returnAfterMs = this.#returns.afterMs(this.#crowd.size)
    session.cork(() => {
      session.greet(this.#welcome(grant, clock, returnAfterMs), returnAfterMs)
      if (staleFrame !== undefined) session.send(staleFrame)
      this.#reception.serveEarly(session)
    })
    const { farewell } = session
    if (farewell) this.#reception.bye(session, farewell.code, farewell.detail)
  }

  #left(session: Session): void {
    session.state = 'closed'
    for (const subscription of session.subscriptions) this.#directory.close(subscription)
    this.#door.leave(session)
    this.#crowd.left(session)
  }

  #beat(): void {
    const nowMs = monotonicMs()
    for (const [session, code] of this.#crowd.beat(nowMs)) this.#reception.bye(session, code)
    this.#catchUp.expire(nowMs)
  }

  #count(): PushStats {
    this.#stats.clients = this.#crowd.size
    this.#stats.waiting = this.#door.waiting.size
    return this.#stats
  }

  #everybody(): Session[] {
    return [...this.#crowd.everybody(), ...this.#door.waiting]
  }

  async #stop(): Promise<void> {
    if (this.#listening) uWS.us_listen_socket_close(this.#listening)
    this.#listening = undefined
    this.#sockets.closed = true
    for (const timer of this.#timers) clearInterval(timer)
    let sent = 0
    for (const session of this.#everybody()) {
      this.#reception.bye(session, 'QW_STOPPING')
      sent += 1
      if (sent % this.#settings.cohortSubscribersMax === 0) await nextTurn()
    }
    await nextTurn()
    this.#door.close()
    this.#turns.stop()
    this.#core.close()
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
