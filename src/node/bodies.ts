/**
 * The bodies of requests that are being read or taken now, together: ten thousand connections with the largest body each
 * would be 160 GB. One that would be too much is refused before any of it is read.
 *
 * Small ones are not counted: `httpConnectionsMax` bounds how many there are, and they are most. One that does not say how
 * long it is counts as the longest.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Up to here a body is small. Nearly all single events are under 1 KiB. */
export const smallBodyBytes = 16_384

export interface BodiesSettings {
  readonly bodiesBytesMax: number
  readonly bodyBytesMax: number
}

export class Bodies {
  readonly #settings: BodiesSettings
  #bytes = 0

  constructor(settings: BodiesSettings) {
    this.#settings = settings
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False when there is no room for it; else it has its room until it is answered, or its connection is gone. */
  take({ headers }: IncomingMessage, response: ServerResponse): boolean {
    const bytes = this.#bytesOf(headers)
    if (bytes <= smallBodyBytes) return true
    // One that is too large in itself is refused for that (413).
    if (bytes > this.#settings.bodyBytesMax) return true
    if (this.#bytes + bytes > this.#settings.bodiesBytesMax) return false
    this.#bytes += bytes
    response.once('close', () => {
      this.#bytes -= bytes
    })
    return true
  }

  #bytesOf(headers: IncomingMessage['headers']): number {
    const said = headers['content-length']
    if (said !== undefined) return Number(said)
    return headers['transfer-encoding'] === undefined ? 0 : this.#settings.bodyBytesMax
  }
}
