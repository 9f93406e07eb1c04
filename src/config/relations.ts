/**
 * What must hold between options. Each line says which option is at fault and what it must be.
 */
import { isIPv4 } from 'node:net'
import { refuse } from './option-value.js'
import type { Config, OptionName } from './options.js'

/** The smaller one first: its value must not be above the other's. */
const ordered: readonly (readonly [OptionName, OptionName])[] = [
  ['restartBackoffMs', 'restartBackoffMsMax'],
  ['coreReconnectMs', 'coreReconnectMsMax'],
  ['storeBackoffMs', 'storeBackoffMsMax'],
  ['batchBytesMax', 'segmentBytesMax'],
  // A part that is larger than what a client may owe could never be sent.
  ['snapshotPartBytesMax', 'sendQueueBytesMax'],
  ['quarantinedEventBytesMax', 'quarantineBytesMax'],
  ['batchEntriesMax', 'pendingEntriesMax'],
  ['bodyBytesMax', 'bodiesBytesMax'],
  // A request is taken as a whole or not at all, so the queue must have room for the largest one.
  ['eventsPerRequestMax', 'pendingEntriesMax'],
  ['eventsPerRequestMax', 'judgeBacklogEntriesMax'],
]

const ports = ['httpPort', 'streamPort', 'criticalPort', 'gatePort', 'storePort'] as const

/** Throws QW_OPTION_INVALID for the first relation that does not hold. */
export function checkRelations(config: Config): void {
  for (const [smaller, larger] of ordered)
    if (config[smaller] > config[larger])
      throw refuse(smaller, config[smaller], `must not be above ${larger} ${config[larger]}`)
  ports.forEach((name, index) => {
    const same = ports.slice(0, index).find((other) => config[other] === config[name] && config[name] !== 0)
    if (same) throw refuse(name, config[name], `must not be the same as ${same}`)
  })
  if (!isLoopback(config.httpHost))
    throw refuse(
      'httpHost',
      config.httpHost,
      'must be a loopback address: the HTTP interface does not ask who calls; put a proxy that does in front of it',
    )
  if (!isLoopback(config.streamHost) && config.anonymousRole !== 'none')
    throw refuse('anonymousRole', config.anonymousRole, `must be none while streamHost is ${config.streamHost}`)
}

/** 127.0.0.0/8 (RFC 1122), ::1, and the name that stands for them. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
