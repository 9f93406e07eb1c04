/**
 * Two months of the full city through the real service: cut off in the middle, gone on with, and the same, transition by
 * transition, as what the engine says in one piece.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/config.js'
import type { N } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import { openRecord } from '../../src/log/record.js'
import { runCommandLine } from '../../src/node/commands/command-line.js'
import { dataPaths, openDataDirectory } from '../../src/node/data-directory.js'
import { simulate } from '../../src/scenario/scenario.js'
import { events as city } from '../data/census.js'
import { calendar, PlayedService, startOf } from '../scenario/service.js'
import { root, temporaryDirectory } from './service.js'
import { verified } from './verified.js'

const seed = 5

interface Played {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The command in this process, its service in processes of its own; ended when the status line shows `until`. */
async function playTo(directory: string, to: string, words: readonly string[] = [], until?: string): Promise<Played> {
  const ending = new AbortController()
  const out: string[] = []
  const err: string[] = []
  const sets = [
    'httpPort=0',
    'streamPort=0',
    'criticalPort=0',
    'gatePort=0',
    'criticalNiceness=0',
    'realtimePriority=0',
    'diskFreeBytesMin=0',
  ]
  const all = ['simulate', '--to', to, '--data', directory, ...sets.flatMap((set) => ['--set', set])]
  const code = await runCommandLine([...all, '--seed', String(seed), ...words], {
    out: (line) => {
      out.push(line)
    },
    err: (line) => err.push(line),
    status: (line) => {
      if (until !== undefined && line.includes(until)) ending.abort()
    },
    environment: {},
    directory: root,
    ended: ending.signal,
    colours: false,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function recorded(directory: string): Promise<readonly Transition[]> {
  const config = loadConfig({ directory, environment: {} }).config
  const record = await openRecord({
    ...config,
    directory: dataPaths(directory).recordPath,
    onFatal: (error) => t.fail(String(error)),
  })
  const transitions = await record.read(0 as N, 1_000_000)
  await record.close()
  return transitions
}

/** All but the log position, which counts what a start and a stop append, too. */
const inShort = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ position: _, ...rest }) => JSON.stringify(rest))

t.test('a play that was cut off goes on, with the transitions of one that was not', async (t) => {
  const directory = await temporaryDirectory(t)
  const first = await playTo(directory, '2024-02', [], '2024-01-24')
  t.equal(first.code, 0, first.err)
  t.match(first.out, /played to 2024-01-24; the same command goes on/)
  const second = await playTo(directory, '2024-02')
  t.equal(second.code, 0, second.out)
  t.match(second.out, /played to 2024-03-01\n/)
  t.match(second.out, /verdicts that were not expected: 0$/)
  const service = new PlayedService(city, startOf('2024-01'))
  for (const step of simulate({ seed, from: '2024-01', to: '2024-02', city, calendar })) service.play(step)
  const proof = await verified(directory)
  t.match(proof, { code: 0, report: { exercise: true, verdict: 'same', store: { behindEntries: 0 } } }, 'also stored')
  const kept = await recorded(directory)
  t.ok(kept.length > 40, `${kept.length} transitions`)
  t.same(inShort(kept), inShort(service.transitions))

  const other = await playTo(directory, '2024-03', ['--seed', '6'])
  t.match(other, { code: 1, err: /^QW_PLAY_DIFFERS .* was played with seed 5 from 2024-01/ })
})

t.test('a directory with the system clock is refused', async (t) => {
  const directory = join(await temporaryDirectory(t), 'system')
  await mkdir(directory)
  const made = await openDataDirectory(directory, 'system')
  made.release()
  t.match(await playTo(directory, '2024-01'), { code: 1, err: /^QW_CLOCK_KIND / })
})
