/**
 * A snapshot file of an engine that a test has run in one thread.
 */
import type { LogPosition } from '../../src/core/names.js'
import { StateWriter } from '../../src/node/snapshots.js'
import type { Standing } from '../../src/node/standing.js'
import type { Engine } from '../alerts/engine.js'

export async function writeState(
  directory: string,
  position: LogPosition,
  { fold, shards }: Engine,
  standing: Standing,
): Promise<void> {
  const writer = await StateWriter.begin(directory, { position, n: fold.n, shards: shards.length, standing })
  for (const [section, of] of [fold, ...shards].entries()) await writer.engine(section, Buffer.from(of.snapshot()))
  await writer.sequencer(Buffer.from('of a test'))
  await writer.commit(3)
}
