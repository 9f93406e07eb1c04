/**
 * What is done to some clients while the others are measured: their push process is killed, they all reconnect at
 * once, they stop reading. Those who were left alone must not notice; those who were not must be made whole.
 */
import { readdirSync } from 'node:fs'
import { nowUs } from './clock.js'
import type { Group } from './e2e-clients.js'
import type { FromClients, ToClients } from './messages.js'
import { readGroup } from './process-cpu.js'

/** As the product's own client (client/stream.ts). */
export const asTheClientDoes = { reconnectMsMin: 500, reconnectMsMax: 30_000 }

/** What an incident may use of the run. */
export interface Scene {
  /** Process id of the service's main. */
  readonly servicePid: number
  /** Asks the processes that hold the clients apart. */
  readonly askApart: <K extends ToClients['kind']>(
    message: Extract<ToClients, { kind: K }>,
  ) => Promise<Extract<FromClients, { readonly kind: K }>[]>
}

export interface Incident {
  readonly kind: 'kill' | 'storm' | 'slow'
  /** Second of the measured time in which it happens. */
  readonly atSecond: number
  /** Clients of its own, in processes of their own. */
  readonly apart?: Pick<Group, 'clients' | 'processes' | 'niceness'> & { readonly only?: 'county' }
  readonly begin: (scene: Scene) => Promise<void>
  /** After the measured time. */
  readonly end?: (scene: Scene) => Promise<void>
}

export interface HappenedIncident {
  readonly kind: Incident['kind']
  readonly atSecond: number
  /** When it really began. */
  readonly beganUs: number
}

const filesOpen = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Kills the push process with the most clients: the critical one, which has none, is not it. */
export const killPush = (atSecond: number): Incident => ({
  kind: 'kill',
  atSecond,
  begin: async ({ servicePid }) => {
    const pushes = readGroup(servicePid).filter(({ name }) => name === 'push-process.js')
    const [victim] = pushes.map(({ pid }) => ({ pid, files: filesOpen(pid) })).sort((a, b) => b.files - a.files)
    if (victim === undefined) throw new Error('no push process to kill was found')
    process.kill(victim.pid, 'SIGKILL')
  },
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits for its second and begins it; `windowStartUs` is when the measured time begins. */
export const happen = async (incident: Incident, scene: Scene, windowStartUs: number): Promise<HappenedIncident> => {
  await pause(Math.max(0, windowStartUs + incident.atSecond * 1e6 - nowUs()) / 1e3)
  const beganUs = nowUs()
  await incident.begin(scene)
  return { kind: incident.kind, atSecond: incident.atSecond, beganUs }
}
