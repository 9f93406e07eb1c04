/**
 * How many common push processes there are, and how many clients each may take.
 *
 * A client is an open file, and a process may open a limited number of them (20,000 is common). One process may die, and
 * its clients go to the others: so there is one more than the planned clients fill. Used by main before it starts them.
 */
import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'

/** Files of a push process that are no clients: the program, the loop, listening, the core, and what is just closing. */
const filesReserved = 256

/** Processes cost memory and a wake-up each at every transition: no more than an operator could ask for. */
const processesMax = 64

export interface PushCount {
  readonly pushProcesses: number
  readonly clientsPerProcessMax: number
  /** Clients that there is room for when one of the processes has died. */
  readonly roomFor: number
}

/** QW_OPTION_INVALID when so few files may be opened that no client would have room. */
export function pushCount(config: Config, filesMax: number = openFilesMax()): PushCount {
  const clientsPerProcessMax = Math.min(config.clientsPerProcessMax, filesMax - filesReserved)
  if (clientsPerProcessMax < 1)
    throw new QwError('QW_OPTION_INVALID', {
      option: 'clientsPerProcessMax',
      value: config.clientsPerProcessMax,
      must: `needs more open files than the ${filesMax} that this system permits a process`,
    })
  const full = Math.ceil(config.clientsPlanned / clientsPerProcessMax)
  const pushProcesses = config.pushProcesses === 0 ? Math.min(full + 1, processesMax) : config.pushProcesses
  return { pushProcesses, clientsPerProcessMax, roomFor: (pushProcesses - 1) * clientsPerProcessMax }
}

/** What the system permits: Node raises its soft limit to the hard one when it starts, and so does every child. */
function openFilesMax(): number {
  const line = /^Max open files +(\w+) +(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return line?.[2] === undefined || line[2] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line[2])
}
