/**
 * What main and the processes it started say to each other, over the channel that `fork` opens.
 *
 * The channel is also how a child notices that main is gone (`disconnect`): then it ends at once.
 */
import type { Config } from '../config/config.js'

/** Where the service answers, once all ports are known. */
export interface Addresses {
  readonly httpHost: string
  readonly httpPort: number
  readonly streamHost: string
  readonly streamPort: number
  readonly criticalPort: number
  /** At `httpHost`. */
  readonly gatePort: number
  readonly busPath: string
  /** Of the embedded ClickHouse. */
  readonly storePort: number
}

/** As it stands in an address: one of IPv6 in brackets (RFC 3986, 3.2.2). */
export const hostOf = (host: string): string => (host.includes(':') ? `[${host}]` : host)

export type ToChild =
  | {
      readonly kind: 'begin'
      readonly config: Config
      readonly addresses: Addresses
      readonly index: number
      readonly epoch: string
    }
  | { readonly kind: 'stop' }

/** On the command line of a process that is to wait with its modules loaded, until it is told to begin. */
export const spareWord = 'spare'

/** A child says `alive` so often; one that does not turns its loop no more, and main ends it. */
export const aliveEveryMs = 1000

export type FromChild =
  | { readonly kind: 'alive' }
  | { readonly kind: 'ready' }
  /** An expected error at start: main stops and says it, unless `retryable` and the child has served before. */
  | { readonly kind: 'refused'; readonly message: string; readonly retryable: boolean }
  /** It ends, has waited itself, and wants to be started again at once. */
  | { readonly kind: 'again' }
  | { readonly kind: 'stopped' }
