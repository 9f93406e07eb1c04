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
  readonly busPath: string
  /** Of the embedded ClickHouse. */
  readonly storePort: number
}

export type ToChild =
  | {
      readonly kind: 'begin'
      readonly config: Config
      readonly addresses: Addresses
      readonly index: number
      readonly epoch: string
    }
  | { readonly kind: 'stop' }

export type FromChild =
  | { readonly kind: 'ready' }
  /** An expected error at start that another try would not mend: main stops and says it. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'stopped' }
