/**
 * What room ingest is given by room node.
 */
import type { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import type { AppendLog, IngestObserver } from './intake.js'
import type { IngestLimits } from './limits.js'
import type { OrderDesk } from './prepared.js'
import type { Sequencer } from './sequencer.js'
import type { WorkingDays } from './working-days.js'

/** What wants to be taken. */
export type Request = 'events' | 'order'

export interface IngestDeps {
  readonly log: AppendLog
  readonly sequencer: Sequencer
  readonly limits: IngestLimits
  readonly observer: IngestObserver
  /** The service's clock; under `clock: scenario` that of the scenario. */
  readonly nowMs: () => UnixMs
  /** Asked when a request begins and again when it was read: the error to answer with instead, for example QW_STOPPING. */
  readonly admission: (request: Request) => QwError | undefined
  /** Asked between the pieces of a long request: resolves when another one makes nobody late. */
  readonly room: () => Promise<void>
  readonly desk: OrderDesk
  /** By the calendar that is in force; asked when the quarantine is read. */
  readonly workingDays: () => WorkingDays
}
