/**
 * `npm run bench -- <bench> [flags]`: runs one bench, writes its JSON, and says by its exit code what to think of
 * it: 0 valid and kept, 1 the service failed (or the bench could not run), 2 not to be believed, 64 a wrong command line.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ArgumentError, describeFlags, type Flags, parseFlags, type Values } from './arguments.js'
import { Cleanup } from './cleanup.js'
import { e2eFlags, runE2e } from './e2e.js'
import { engineFlags, runEngine } from './engine/engine.js'
import { runSnapshot, snapshotFlags } from './engine/snapshot-pauses.js'
import { fanoutFlags, runFanout } from './fanout/fanout.js'
import { laneFlags, runLane } from './fanout/lane.js'
import { gateFlags, runGate } from './gate.js'
import { ingestFlags, runIngest } from './ingest.js'
import { overloadFlags, runOverload } from './overload/overload.js'
import { say } from './progress.js'
import { recoveryFlags, runRecovery } from './recovery/recovery.js'
import { reportAbout, runReport } from './report/report.js'
import { runScale, scaleFlags } from './scale.js'
import { runSlow, slowFlags } from './slow.js'
import { runStore, storeFlags } from './store.js'
import { runStorm, stormFlags } from './storm.js'

interface Bench<F extends Flags> {
  readonly about: string
  readonly flags: F
  readonly run: (
    settings: Values<F>,
    cleanup: Cleanup,
  ) => Promise<{ readonly result: object; readonly exitCode: number }>
}

interface Listed {
  readonly about: string
  readonly start: (name: string, words: readonly string[]) => Promise<number>
}

const bench = <F extends Flags>(one: Bench<F>): Listed => ({
  about: one.about,
  start: (name, words) => runOne(name, one, words),
})

const benches: Readonly<Record<string, Listed>> = {
  e2e: bench({
    about: 'HTTP request to client frame through the real service, open loop, every frame counted',
    flags: e2eFlags,
    run: runE2e,
  }),
  storm: bench({
    about: 'the same while a crowd of clients reconnects at once',
    flags: stormFlags,
    run: runStorm,
  }),
  slow: bench({
    about: 'the same while some clients do not read',
    flags: slowFlags,
    run: runSlow,
  }),
  fanout: bench({
    about: 'one message to everybody: the service, the floor under it, and its peers in turn',
    flags: fanoutFlags,
    run: runFanout,
  }),
  lane: bench({
    about: 'critical clients while a message goes to everybody',
    flags: laneFlags,
    run: runLane,
  }),
  scale: bench({
    about: 'the e2e load with more clients, more units, more push processes',
    flags: scaleFlags,
    run: runScale,
  }),
  engine: bench({
    about: 'the pure engine: events a second, heap a unit, what rules cost, replay',
    flags: engineFlags,
    run: runEngine,
  }),
  snapshot: bench({
    about: 'how long batches wait while a snapshot of the engine is made: none, in one piece, in pieces',
    flags: snapshotFlags,
    run: runSnapshot,
  }),
  gate: bench({
    about: 'how long the gate takes to answer, at rest and while ingest is saturated',
    flags: gateFlags,
    run: runGate,
  }),
  ingest: bench({
    about: 'single POSTs at saturation: a constant answer, the log only, the real service; and NDJSON',
    flags: ingestFlags,
    run: runIngest,
  }),
  overload: bench({
    about: 'twice the load that the service can take: what is accepted is in time, the rest is told so',
    flags: overloadFlags,
    run: runOverload,
  }),
  recovery: bench({
    about: 'processes killed under load, and the proof that nothing was lost or counted twice',
    flags: recoveryFlags,
    run: runRecovery,
  }),
  store: bench({
    about: 'rows a second into the embedded ClickHouse, from log to table, and bytes on the disk',
    flags: storeFlags,
    run: runStore,
  }),
  report: { about: reportAbout, start: (_, words) => runReport(words) },
}

const usageError = 64

const usage = (): string =>
  [
    'usage: npm run bench -- <bench> [flags]   (bench/README.md says what each figure means)',
    ...Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`),
    '  <bench> --help lists its flags',
  ].join('\n')

const runOne = async <F extends Flags>(name: string, one: Bench<F>, words: readonly string[]): Promise<number> => {
  const { values, json, help } = parseFlags(one.flags, words)
  if (help) {
    process.stdout.write(`${one.about}\n\nusage: npm run bench -- ${name} [flags]\n${describeFlags(one.flags)}\n`)
    return 0
  }
  const cleanup = new Cleanup()
  const interrupt = (): void => {
    say('interrupted')
    void cleanup.run().finally(() => process.exit(1))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const { result, exitCode } = await one.run(values, cleanup)
    const text = `${JSON.stringify(result, null, 2)}\n`
    if (json === undefined) process.stdout.write(text)
    else {
      mkdirSync(dirname(json), { recursive: true })
      writeFileSync(json, text)
    }
    return exitCode
  } finally {
    await cleanup.run()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

const main = async (words: readonly string[]): Promise<number> => {
  const [name, ...rest] = words
  if (name === '--help' || name === '-h') {
    process.stdout.write(`${usage()}\n`)
    return 0
  }
  const one = name === undefined ? undefined : benches[name]
  if (name !== undefined && one !== undefined) return one.start(name, rest)
  throw new ArgumentError(name === undefined ? 'which bench?' : `no bench ${name} is known`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof ArgumentError) {
    say(`${error.message}\n${usage()}`)
    process.exitCode = usageError
  } else {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = 1
  }
}
