/**
 * The start of the core: the door first, then everything behind it. What the machine lacks is waited for with the door
 * open, so that `/readyz` says what it is; another process then tries again, because this one has half begun.
 */
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { createMetrics } from '../api/metrics.js'
import { Beginning, isOfTheMachine } from './beginning.js'
import { openCore } from './core.js'
import { connectionsAllowed } from './descriptors.js'
import { Door } from './door.js'
import { type Begin, StartAgain } from './role.js'

/** Starts the core; resolves to its stop when it serves. */
export async function startCore(begin: Begin): Promise<() => Promise<void>> {
  const { config, addresses } = begin
  const logger = pino({ level: config.logLevel, base: { process: 'core' } })
  const metrics = createMetrics()
  const beginning = new Beginning()
  metrics.parts(beginning.parts)
  const { httpHost: host, httpPort: port } = addresses
  const exercise = config.clock === 'scenario'
  try {
    const connectionsMax = connectionsAllowed(config.httpConnectionsMax, config.openFilesReserved)
    const spareMax = config.httpConnectionsSpareMax
    const door = await Door.open({ host, port, connectionsMax, spareMax, exercise, metrics, parts: beginning.parts })
    return await openCore({ begin, logger, metrics, beginning }, door)
  } catch (error) {
    if (!isOfTheMachine(error)) throw error
    logger.error({ err: error }, 'the start waits for the machine')
    beginning.state = `cannot start, tries again: ${(error as Error).message}`
    await setTimeout(config.startAgainMs)
    throw new StartAgain('the start has waited', { cause: error })
  }
}
