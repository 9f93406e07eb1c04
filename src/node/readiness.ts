/**
 * What `/readyz` names: each part, its state in words, and whether it serves.
 */
import type { Part } from '../api/api.js'
import type { Config } from '../config/config.js'
import type { Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Bus } from '../stream/bus.js'
import type { Judge } from '../workers/judge.js'
import type { Admission } from './admission.js'
import type { StoreLink } from './store-link.js'

export interface ServiceParts {
  readonly config: Config
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly bus: Bus
  readonly admission: Admission
  readonly store: StoreLink | undefined
}

export function partsOf({ config, log, record, judge, sequencer, bus, admission, store }: ServiceParts): Part[] {
  const refused = admission.verdict()
  const wanted = config.pushProcesses + 1
  const { processes } = bus.stats()
  return [
    {
      name: 'ingest',
      state: refused === undefined ? 'taking events' : `refusing: ${refused.message}`,
      ready: refused === undefined,
    },
    { name: 'log', state: `durable up to position ${log.head}`, ready: true },
    { name: 'disk', state: admission.isDiskLow ? 'nearly full' : 'enough space', ready: !admission.isDiskLow },
    { name: 'engine', state: engineState(judge), ready: !judge.isRebuilding },
    { name: 'record', state: `holds transitions up to n ${record.head}`, ready: true },
    { name: 'push', state: `${processes} of ${wanted} processes connected`, ready: processes >= wanted },
    quarantinePart(sequencer),
    store?.part ?? { name: 'store', state: 'none is configured', ready: true },
  ]
}

/** Full or not, good events are taken. */
function quarantinePart({ quarantine }: Sequencer): Part {
  const { settledCount, waitingCount, fullBy } = quarantine
  const full = fullBy ? `full (${fullBy.option} ${fullBy.limit}), bad events are refused; ` : ''
  return {
    name: 'quarantine',
    state: `${full}${settledCount} events to be looked at, ${waitingCount} wait`,
    ready: true,
  }
}

function engineState({ position, n, isRebuilding, skippedEntries }: Judge): string {
  const aside = skippedEntries === 0 ? '' : `; ${skippedEntries} entries were set aside`
  return `${isRebuilding ? 'being built anew, ' : ''}judged up to position ${position}, n ${n}${aside}`
}
