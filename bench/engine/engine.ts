/**
 * How fast the pure engine judges, what a unit weighs, what rules cost, and whether replay says the same.
 *
 * Each row runs in a process of its own. Rows that are compared with each other take turns, round by round, and the
 * ratios are medians of the rounds' ratios: these machines are shared.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Values } from '../arguments.js'
import type { Cleanup } from '../cleanup.js'
import { describeCommit, describeMachine } from '../machine.js'
import { say } from '../progress.js'
import type { Row, RowResult } from './engine-rows.js'

export const engineFlags = {
  events: { default: 2_000_000, min: 10_000, max: 100_000_000, about: 'events of each row' },
  rounds: { default: 3, min: 1, max: 100, about: 'rounds; medians are quoted' },
  perBatch: { default: 256, min: 1, max: 10_000, about: 'events in one batch of the log' },
  hours: {
    default: 12,
    min: 1,
    max: 10_000,
    about: 'hours after 9:00 that the events lie in; 16 or more have midnights',
  },
  city: { default: 1100, min: 10, max: 100_000, about: 'units of the small row' },
  province: { default: 60_000, min: 10, max: 1_000_000, about: 'units of the middle row' },
  country: { default: 1_000_000, min: 10, max: 2_000_000, about: 'units of the large row' },
  rulesTimes: { default: 10, min: 2, max: 100, about: 'so many times the rules, in the middle row' },
  replayEvents: {
    default: 10_000_000,
    min: 0,
    max: 100_000_000,
    about: 'events that are judged twice; 0 leaves it out',
  },
  seed: { default: 1, min: 0, max: 2 ** 31 - 1, about: 'seed of the log' },
} as const

type EngineValues = Values<typeof engineFlags>

/** Targets of the issue "The engine judges the whole plan". */
const targets = { eventsPerSecond: 300_000, countryToProvince: 0.5, heapBytesPerUnit: 1536, rulesCost: 3 }

const names = ['city', 'province', 'country', 'manyRules'] as const
type Name = (typeof names)[number]

export async function runEngine(values: EngineValues, cleanup: Cleanup): Promise<{ result: object; exitCode: number }> {
  const rounds: Record<Name, RowResult>[] = []
  for (let round = 1; round <= values.rounds; round++) {
    const results: Partial<Record<Name, RowResult>> = {}
    for (const name of names) {
      results[name] = await measure(rowOf(values, name), cleanup)
      say(`round ${round}/${values.rounds} ${name}: ${results[name]?.eventsPerSecond} events/s`)
    }
    rounds.push(results as Record<Name, RowResult>)
  }
  const replay = values.replayEvents > 0 ? await replayTwice(values, cleanup) : undefined
  const figures = figuresOf(rounds)
  const failed = failures(figures, replay)
  // This file runs as dist/bench/engine/engine.js.
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
  const result = {
    bench: 'engine',
    machine: describeMachine(),
    commit: describeCommit(root),
    settings: values,
    ...figures,
    ...(replay ? { replay } : {}),
    targets,
    failed,
    rounds,
  }
  return { result, exitCode: failed.length > 0 ? 1 : 0 }
}

function rowOf({ events, perBatch, hours, seed, ...values }: EngineValues, name: Name): Row {
  const units = name === 'city' ? values.city : name === 'country' ? values.country : values.province
  const rulesTimes = name === 'manyRules' ? values.rulesTimes : 1
  return { units, events, perBatch, hours, seed, rulesTimes, hashed: false, restores: 0 }
}

/** The same log judged twice, the second time with restarts on the way: the record must be the same, byte for byte. */
async function replayTwice({ perBatch, hours, seed, city, replayEvents }: EngineValues, cleanup: Cleanup) {
  const row: Row = {
    units: city,
    events: replayEvents,
    perBatch,
    hours,
    seed,
    rulesTimes: 1,
    hashed: true,
    restores: 0,
  }
  say(`judging ${replayEvents} events, then again with three restarts`)
  const first = await measure(row, cleanup)
  const second = await measure({ ...row, restores: 3 }, cleanup)
  return {
    events: first.events,
    transitions: first.transitions,
    digests: [first.digest, second.digest],
    identical: first.digest === second.digest && first.transitions === second.transitions,
  }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

function figuresOf(rounds: readonly Record<Name, RowResult>[]) {
  const of = (pick: (round: Record<Name, RowResult>) => number) => median(rounds.map(pick))
  return {
    eventsPerSecond: Object.fromEntries(
      names.map((name) => [name, of((round) => round[name].eventsPerSecond)]),
    ) as Record<Name, number>,
    ratios: {
      countryToProvince: of(({ country, province }) => country.eventsPerSecond / province.eventsPerSecond),
      rulesCost: of(({ manyRules, province }) => manyRules.nanosecondsPerEvent / province.nanosecondsPerEvent),
    },
    heapBytesPerUnit: of(({ country }) => country.heapBytesPerUnit.afterEvents),
    transitionsPerEvent: of(({ city }) => city.transitions / city.events),
  }
}

type Figures = ReturnType<typeof figuresOf>

function failures({ eventsPerSecond, ratios, heapBytesPerUnit }: Figures, replay?: { identical: boolean }): string[] {
  const { city, province } = eventsPerSecond
  return [
    ...(Math.min(city, province) < targets.eventsPerSecond
      ? [`${Math.min(city, province)} events/s are under ${targets.eventsPerSecond}`]
      : []),
    ...(ratios.countryToProvince < targets.countryToProvince
      ? [`a million units reach ${ratios.countryToProvince} of the pace of 60,000`]
      : []),
    ...(heapBytesPerUnit > targets.heapBytesPerUnit ? [`${heapBytesPerUnit} bytes of heap a unit`] : []),
    ...(ratios.rulesCost >= targets.rulesCost ? [`ten times the rules cost ${ratios.rulesCost} times as much`] : []),
    ...(replay && !replay.identical ? ['the second judging said something else'] : []),
  ]
}

async function measure(row: Row, cleanup: Cleanup): Promise<RowResult> {
  const child = fork(fileURLToPath(new URL('./engine-process.js', import.meta.url)), [], {
    execArgv: ['--expose-gc', '--max-old-space-size=12000', '--max-semi-space-size=64'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  cleanup.add(async () => {
    if (child.exitCode === null && child.connected) child.disconnect()
  })
  const gone = once(child, 'exit')
  child.send(row)
  const answer = await Promise.race([once(child, 'message'), gone.then(() => undefined)])
  if (!answer) throw new Error(`a row of ${row.units} units ended without a figure`)
  await gone
  return answer[0] as RowResult
}
