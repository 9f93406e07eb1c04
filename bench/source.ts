/**
 * Where the clients come from: a loopback address for each client process, and a port for each connection.
 *
 * The port is named, because letting the kernel choose among 28,000 costs it a search that grows with what is taken:
 * 2 ms a connection with 100,000 of them. The addresses are new ones in each run, since the connections of the run
 * before may stand in TIME_WAIT for a minute.
 */
import { randomInt } from 'node:crypto'

export interface Source {
  readonly address: string
  /** The next port that this process has not tried yet; begins again when all were. */
  readonly port: () => number
}

const portMin = 10_000
const portsMax = 50_000
const blocks = 64 * 256

/** A run's own 256 addresses of 127.0.0.0/8. */
export const newBlock = (): number => randomInt(blocks)

/** `index` 0…250 within the block. */
export const addressOf = (block: number, index: number): string =>
  `127.${64 + (block >> 8)}.${block & 255}.${2 + index}`

export const sourceAt = (address: string): Source => {
  let tried = 0
  return { address, port: () => portMin + (tried++ % portsMax) }
}
