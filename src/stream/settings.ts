/**
 * The settings of both sides of the stream. Room config validates them and holds the defaults.
 */
import type { CatchUpSettings } from './catch-up.js'
import type { CoreLinkSettings } from './core-link.js'
import type { DoorSettings } from './door.js'
import type { ReceptionSettings } from './reception.js'
import type { RingSettings } from './ring.js'
import type { SocketsSettings } from './sockets.js'

export interface PushSettings
  extends ReceptionSettings,
    DoorSettings,
    SocketsSettings,
    CatchUpSettings,
    CoreLinkSettings,
    RingSettings {
  readonly host: string
  /** Shared by all push processes of a lane (SO_REUSEPORT); 0 takes a free one, which the library then does not share. */
  readonly port: number
  readonly helloWaitMs: number
  readonly cohortSubscribersMax: number
  /** Clients that the other processes would let in a second, together, if this one died. */
  readonly returnsPerSecond: number
  /** Control of the bench: share of deliveries that are silently left out, 0 to 1. 0 in service. */
  readonly faultDropRatio: number
}
