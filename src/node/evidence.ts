/**
 * Did the log once go further than it does? A snapshot and the record are written only of what is durable in the log, so
 * one that lies behind the log's end shows that the end is gone: not a torn tail, which nobody was told of, but entries
 * that were acknowledged. Asked by recovery.ts, before anything is built on the log as it is.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import type { TransitionRecord } from '../log/record.js'
import { listSnapshots } from '../workers/snapshot-file.js'

/** QW_LOG_SHORT when something is of a position behind `head`. */
export async function mustReach(head: LogPosition, record: TransitionRecord, snapshotPath: string): Promise<void> {
  const [newest] = await listSnapshots(snapshotPath)
  if (newest && newest.position > head) throw short(head, newest.position, `the snapshot ${newest.path}`)
  const [last] = record.head === 0 ? [] : await record.read((record.head - 1) as N, 1)
  if (last && last.position > head) throw short(head, last.position, `transition ${last.n} of the record`)
}

const short = (head: LogPosition, position: LogPosition, evidence: string): QwError =>
  new QwError('QW_LOG_SHORT', { head, position, evidence })
