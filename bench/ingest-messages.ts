/**
 * What the ingest bench says to its load process and to its small servers, and hears from them.
 */
interface Aim {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly connections: number
  readonly seconds: number
  readonly units: number
  readonly run: string
  readonly time: string
}

export type ToCannon =
  | ({ readonly kind: 'single' } & Aim)
  /** NDJSON bodies of `lines` events. */
  | ({ readonly kind: 'lines'; readonly lines: number } & Aim)

export interface Shot {
  /** Events answered `accepted`. */
  readonly events: number
  readonly tookMs: number
  /** CPU of the load process per wall time. */
  readonly clientCores: number
  /** Requests (NDJSON: events) that were not. */
  readonly refused: number
  /** NDJSON requests answered 503 and sent again: the target said that it has enough. */
  readonly overloaded: number
}

export type FromCannon = ({ readonly kind: 'single' } & Shot) | ({ readonly kind: 'lines' } & Shot)

/** `constant`: parse, validate, answer. `log`: the real sequencer and log, no engine behind it. */
export type ServerMode = 'constant' | 'log'

export type ToServer = { readonly kind: 'listen'; readonly mode: ServerMode; readonly directory: string }
export type FromServer = { readonly kind: 'listen'; readonly port: number; readonly pid: number }
