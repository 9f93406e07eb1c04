/**
 * How far has the log once gone? Snapshots, the record and the store's writer are given only what is durable in it. So
 * one that lies behind its end shows that the end is gone: not a torn tail, which nobody was told of, but entries that
 * were acknowledged. Asked before a log is opened and anything of it cut, by `log check`, `log export` and by verify.
 */
import type { Config } from '../config/config.js'
import type { LogPosition } from '../core/names.js'
import type { LogKnown, ProvenEnd } from '../log/log.js'
import { lastRecorded } from '../log/reader.js'
import { begunIn } from '../store/store.js'
import { listSnapshots } from '../workers/snapshot-file.js'
import { type DataPaths, unlessMissing } from './data-directory.js'

/** What the log must hold, for whoever opens it or looks at it. */
export const knownOf = async (paths: DataPaths, { logKeepMs }: Pick<Config, 'logKeepMs'>): Promise<LogKnown> => ({
  proven: await provenEnd(paths),
  mayBeTrimmed: logKeepMs > 0,
})

/** The furthest; undefined when there is nothing that shows anything. Changes no file. */
export async function provenEnd({ snapshotPath, recordPath, writerPath }: DataPaths): Promise<ProvenEnd | undefined> {
  const [snapshots, last, begun] = await Promise.all([
    listSnapshots(snapshotPath).catch(unlessMissing),
    lastRecorded(recordPath).catch(unlessMissing),
    begunIn(writerPath),
  ])
  const [newest] = snapshots ?? []
  const ends: ProvenEnd[] = []
  if (newest) ends.push({ position: newest.position, shownBy: `the snapshot ${newest.path}` })
  if (last) ends.push({ position: last.position as LogPosition, shownBy: `transition ${last.n} of the record` })
  for (const { path, position } of begun) ends.push({ position, shownBy: `what the store was sent (${path})` })
  return ends.reduce<ProvenEnd | undefined>((far, end) => (far && far.position >= end.position ? far : end), undefined)
}
