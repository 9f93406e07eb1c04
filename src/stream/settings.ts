/**
 * The settings of both sides of the stream. Room config validates them and holds the defaults.
 */
import type { CatchUpSettings } from './catch-up.js'
import type { CoreLinkSettings } from './core-link.js'
import type { RingSettings } from './ring.js'
import type { Role } from './token.js'

export interface ReceptionSettings {
  readonly lane: 'critical' | 'common'
  /** On the common lane: where walls and triggers are sent, as `ws://host:port/v1/stream`; false lets them stay. */
  readonly criticalAddress: string | false
  /** Hosts that pages may come from which open a connection; a client without an Origin is no page. */
  readonly originHosts: readonly string[]
  /** At least 32 bytes; without it no token is accepted. */
  readonly tokenSecret: string | undefined
  /** The role of a client without a token; without it a token is demanded. */
  readonly anonymousRole: Role | undefined
  readonly heartbeatMs: number
  readonly clientFrameBytesMax: number
  readonly clientFramesPerSecondMax: number
  readonly topicsPerClientMax: number
  /** How far apart clients are asked to come back after a `bye`. */
  readonly clientReturnSpreadMs: number
}

export interface PushSettings extends ReceptionSettings, CatchUpSettings, CoreLinkSettings, RingSettings {
  readonly host: string
  /** Shared by all push processes of a lane (SO_REUSEPORT); 0 takes a free one, which the library then does not share. */
  readonly port: number
  readonly clientsMax: number
  readonly helloWaitMs: number
  /** A client that owes us so much reading is given nothing more until it has read. */
  readonly sendQueueBytesMax: number
  readonly cohortSubscribersMax: number
  /** Control of the bench: share of deliveries that are silently left out, 0 to 1. 0 in service. */
  readonly faultDropRatio: number
}
