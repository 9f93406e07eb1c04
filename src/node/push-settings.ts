/**
 * What a push process is told: the configuration's words in room stream's terms.
 */
import type { Config } from '../config/config.js'
import type { PushSettings } from '../stream/push.js'
import { connectionsAllowed } from './descriptors.js'
import type { Addresses } from './messages.js'

export function pushSettings(
  config: Config,
  addresses: Addresses,
  lane: PushSettings['lane'],
  tokenSecret: string,
): PushSettings {
  const { streamHost, streamPort, criticalPort, busPath } = addresses
  // Where the only process of a lane dies, its successor lets everybody in.
  const others = lane === 'critical' ? 1 : Math.max(1, config.pushProcesses - 1)
  return {
    ...config,
    lane,
    clientsMax: connectionsAllowed(config.clientsPerProcessMax, config.openFilesReserved),
    host: streamHost,
    port: lane === 'critical' ? criticalPort : streamPort,
    criticalAddress: `ws://${streamHost}:${criticalPort}/v1/stream`,
    returnsPerSecond: others * config.admissionsPerSecondMax,
    originHosts: [...new Set(['localhost', '127.0.0.1', '[::1]', config.httpHost, streamHost])],
    tokenSecret,
    anonymousRole: config.anonymousRole === 'none' ? undefined : config.anonymousRole,
    corePath: busPath,
    messageBytesMax: config.busMessageBytesMax,
    reconnectMinMs: config.coreReconnectMs,
    reconnectMaxMs: config.coreReconnectMsMax,
  }
}
