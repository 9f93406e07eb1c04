/**
 * A data directory as a service leaves it behind that was stopped: a log by chance, and the record that follows from it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { engineVersion } from '../../src/alerts/shard.js'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import { openLog } from '../../src/log/log.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { Engine, type WorldBatch } from '../alerts/engine.js'
import { makeWorld } from '../alerts/world.js'
import { settingsFor } from '../log/fixtures.js'
import { writeState } from './state-file.js'
import { type Said, say } from './terminal.js'

export interface Made {
  readonly directory: string
  readonly transitions: readonly Transition[]
  readonly head: number
}

/** Who judges is an entry of the log. */
export const judgedBy = (version: string): LogEntry => ({ kind: 'engine', version })

/** One to each batch of the log. `snapshotAt`: after so many batches one is kept. */
export async function makeDirectory(t: Test, batches: readonly WorldBatch[], snapshotAt?: number): Promise<Made> {
  const directory = t.testdir({})
  const paths = dataPaths(directory)
  for (const path of Object.values(paths)) mkdirSync(path)
  const engine = new Engine()
  for (const [index, batch] of batches.entries()) {
    await appendTo(directory, batch)
    engine.step(batch)
    if (index + 1 === snapshotAt) await keepSnapshot(directory, engine, batches.slice(0, snapshotAt))
  }
  writeRecord(directory, engine.transitions)
  const head = batches.reduce((sum, { entries }) => sum + entries.length, 0)
  return { directory, transitions: engine.transitions, head }
}

/** A log by chance, judged by the engine of this version. */
export function world(seed: number, version = engineVersion): WorldBatch[] {
  return makeWorld({ seed, units: 8, batches: 60 }).map(({ nowMs, entries }) => ({
    nowMs,
    entries: entries.map((entry) => (entry.kind === 'engine' ? judgedBy(version) : entry)),
  }))
}

export async function appendTo(directory: string, { nowMs, entries }: WorldBatch): Promise<void> {
  const log = await openLog(
    settingsFor(dataPaths(directory).logPath, { segmentBytesMax: 20_000, clock: () => nowMs as UnixMs }),
  )
  await log.append(entries).durable
  await log.close()
}

const recordFiles = (directory: string): string[] =>
  readdirSync(dataPaths(directory).recordPath)
    .sort()
    .map((name) => join(dataPaths(directory).recordPath, name))

/** In files of twenty lines. */
export function writeRecord(directory: string, transitions: readonly Transition[]): void {
  const perFile = 20
  for (let from = 0; from < transitions.length; from += perFile) {
    const lines = transitions.slice(from, from + perFile).map((transition) => `${JSON.stringify(transition)}\n`)
    const name = `${String(from + 1).padStart(16, '0')}.ndjson`
    writeFileSync(join(dataPaths(directory).recordPath, name), lines.join(''))
  }
}

export function changeRecord(directory: string, n: number, change: (line: string) => string): void {
  for (const file of recordFiles(directory)) {
    const lines = readFileSync(file, 'utf8').split('\n')
    const at = lines.findIndex((line) => line !== '' && (JSON.parse(line) as Transition).n === n)
    if (at >= 0)
      writeFileSync(file, [...lines.slice(0, at), change(lines[at] as string), ...lines.slice(at + 1)].join('\n'))
  }
}

export const recordFileAt = (directory: string, index: number): string => recordFiles(directory).at(index) as string

async function keepSnapshot(directory: string, engine: Engine, batches: readonly WorldBatch[]): Promise<void> {
  const position = batches.reduce((sum, { entries }) => sum + entries.length, 0) as LogPosition
  const standing = { engine: { kind: 'engine', version: engineVersion } as const }
  await writeState(dataPaths(directory).snapshotPath, position, engine, standing)
}

/** `quotawatch verify` on it, its report, and its exit code. */
export async function verified(directory: string, ...words: string[]): Promise<Said & { report: Report }> {
  const sets = ['--set', `dataDirectory=${directory}`, '--set', 'store=none']
  const said = await say(['verify', '--json', ...words, ...sets], { directory: '/' })
  return { ...said, report: JSON.parse(said.out) as Report }
}
type Report = import('../../src/node/verify/report.js').Report
