/**
 * What the coordinator of the fan-out benches says to its children (bench/fanout/fanout.ts, bench/fanout/lane.ts).
 */
import type { DialectName } from './dialects.js'

export interface AudienceSettings {
  readonly dialect: DialectName
  readonly host: string
  readonly port: number
  readonly sourceAddress: string
  readonly count: number
  readonly connectsInFlight: number
  /** Gives way to others every few reads (bench/gathering.ts). */
  readonly givesWay?: boolean
}

export type ToAudience =
  | ({ readonly kind: 'connect' } & AudienceSettings)
  /** Answered when everybody here has got so many broadcasts. */
  | { readonly kind: 'expect'; readonly broadcasts: number }
  | { readonly kind: 'report' }
  | { readonly kind: 'leave' }

export type FromAudience =
  | { readonly kind: 'connect'; readonly ready: number; readonly reasons: readonly string[] }
  | ({ readonly kind: 'expect' } & Arrival)
  | ({ readonly kind: 'report' } & AudienceReport)
  | { readonly kind: 'leave' }

/** Of one broadcast to one process. */
export interface Arrival {
  readonly firstUs: number
  readonly lastUs: number
  /** CPU of this process since the broadcast before. */
  readonly cpuUs: number
  /** The payload, of the last one. */
  readonly text: string
}

export interface AudienceReport {
  readonly clients: number
  readonly lost: number
  readonly received: number
  /** Fewest and most broadcasts that one client got. */
  readonly fewest: number
  readonly most: number
}

export type ServerKind = 'floor' | 'ws' | 'socket.io'

export type ToServer =
  | { readonly kind: 'listen'; readonly server: ServerKind; readonly port: number }
  | { readonly kind: 'publish'; readonly text: string }

export type FromServer = { readonly kind: 'listen'; readonly port: number } | { readonly kind: 'publish' }
