/**
 * `quotawatch log check` and `quotawatch log export`: the log as it lies on the disk, without changing a byte, past
 * whatever is damaged in it.
 */
import type { LogEntry } from '../../core/entry.js'
import { idPattern, type LogPosition } from '../../core/names.js'
import { checkLog, exportLog, type Fault, type LogFigures } from '../../log/check.js'
import type { LogKnown } from '../../log/log.js'
import { dataPaths } from '../data-directory.js'
import { knownOf } from '../evidence.js'
import { type Command, configOf, configOptions, type OptionValues, type Terminal, UsageError } from './command.js'
import { type ProgressBar, progressBar } from './progress-bar.js'

export const log: Command = {
  name: 'log',
  usage: 'check [--json] | export [--from POSITION] [--to POSITION] [--events [--load NAME]]',
  about: 'checks every byte of the log, or prints its entries, or its events, as lines of JSON',
  takesWords: true,
  options: {
    ...configOptions,
    json: { type: 'boolean' },
    from: { type: 'string' },
    to: { type: 'string' },
    events: { type: 'boolean' },
    load: { type: 'string' },
  },
  async run([what, ...rest], values, terminal) {
    if (rest.length > 0 || (what !== 'check' && what !== 'export')) throw new UsageError('log check, or log export')
    const wrong = Object.keys(values).find((name) => !(name in configOptions) && !flags[what].includes(name))
    if (wrong !== undefined) throw new UsageError(`--${wrong} is not an option of log ${what}`)
    const line = what === 'check' ? checking(values, terminal) : exporting(values, terminal)
    const { config } = configOf(values, terminal)
    const paths = dataPaths(config.dataDirectory)
    return line(paths.logPath, await knownOf(paths, config))
  },
}

const flags: Readonly<Record<'check' | 'export', readonly string[]>> = {
  check: ['json'],
  export: ['from', 'to', 'events', 'load'],
}

const checking =
  (values: OptionValues, terminal: Terminal) =>
  async (directory: string, known: LogKnown): Promise<number> => {
    const bar = progressBar(terminal)
    const figures = await checkLog(directory, known, onBytes(bar))
    bar.end()
    if (values['json'] === true) await terminal.out(JSON.stringify(figures))
    else await showFigures(figures, terminal)
    return figures.faults.length === 0 ? 0 : 1
  }

const onBytes =
  ({ tell }: ProgressBar) =>
  (done: number, total: number): void =>
    tell('of the log', done, total)

async function showFigures({ faults, ...figures }: LogFigures, { out }: Terminal): Promise<void> {
  for (const [name, figure] of Object.entries(figures)) await out(`${name.padEnd(14)}${figure}`)
  if (faults.length === 0) return
  for (const line of [...faultLines(faults), '', ...advice(faults)]) await out(line)
}

const faultLines = (faults: readonly Fault[]): string[] =>
  faults.map(({ file, offset, reason, from, to }) => `${rangeOf(from, to)}: ${file} at byte ${offset}: ${reason}`)

function rangeOf(from: LogPosition, to: LogPosition): string {
  if (to < from) return `damage before position ${from}, no entry is missing`
  return from === to ? `position ${from} is lost` : `positions ${from} to ${to} are lost`
}

/** What a person can do about a log that is damaged inside. */
function advice(faults: readonly Fault[]): string[] {
  const files = [...new Set(faults.map(({ file }) => file))].join(', ')
  return [
    'What can be done, the best first (docs/recovery.md says each step):',
    `  1. Put a good copy of ${files} in its place, from a backup or another disk, and check again.`,
    '  2. Go on without what is lost: quotawatch log export --events --load rescue > events.ndjson keeps every event that',
    '     can be read, to be sent to a new data directory within a load named rescue. The store, when there is one, holds',
    '     the lost entries too, in its table log.',
  ]
}

function exporting(values: OptionValues, terminal: Terminal): (directory: string, known: LogKnown) => Promise<number> {
  const range = {
    ...positionOf('from', values['from']),
    ...positionOf('to', values['to']),
  }
  const load = loadOf(values)
  const show = values['events'] === true ? (line: string) => eventOf(line, load) : (line: string) => line
  return async (directory, known) => {
    const bar = progressBar(terminal)
    const write = async (line: string) => {
      const shown = show(line)
      if (shown !== undefined) await terminal.out(shown)
    }
    const faults = await exportLog(directory, { ...range, ...known }, write, onBytes(bar))
    bar.end()
    for (const line of faultLines(faults)) terminal.err(line)
    return faults.length === 0 ? 0 : 1
  }
}

/** The event as it can be sent again; undefined for every other entry. */
function eventOf(line: string, load: string | undefined): string | undefined {
  const { entry } = JSON.parse(line) as { readonly entry: LogEntry }
  if (entry.kind !== 'event') return undefined
  return JSON.stringify(load === undefined ? entry.event : { ...entry.event, load })
}

function loadOf({ load, events }: OptionValues): string | undefined {
  if (load === undefined) return undefined
  if (events !== true) throw new UsageError('--load goes with --events')
  if (!new RegExp(idPattern).test(String(load))) throw new UsageError('--load must be the name of a load')
  return String(load)
}

function positionOf<Name extends 'from' | 'to'>(name: Name, text: unknown): { readonly [K in Name]?: LogPosition } {
  if (text === undefined) return {}
  if (!/^[1-9]\d{0,14}$/.test(String(text))) throw new UsageError(`--${name} must be a position: 1, 2, 3 …`)
  return { [name]: Number(text) as LogPosition } as { readonly [K in Name]?: LogPosition }
}
