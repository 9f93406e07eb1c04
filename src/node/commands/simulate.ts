/**
 * `quotawatch simulate`: plays the scenario against a service, its own or one that runs already.
 */
import { EventEmitter, once } from 'node:events'
import { pino } from 'pino'
import { readCalendar } from '../../config/calendar.js'
import type { Config } from '../../config/config.js'
import { civilFromDay, dayOf, formatDay, formatTime } from '../../core/day.js'
import { QwError } from '../../core/errors.js'
import type { QuotaEvent } from '../../core/event.js'
import type { UnixMs } from '../../core/names.js'
import { boundsOf, simulate as stepsOf } from '../../scenario/scenario.js'
import { readConfigured } from '../configured-file.js'
import { type RunningService, startMain } from '../main.js'
import { hostOf } from '../messages.js'
import { CityClient } from '../play/city-client.js'
import { Conductor } from '../play/conductor.js'
import { play } from '../play/play.js'
import { PlayedDirectory, refuseOther } from '../play/played-directory.js'
import { createProgress } from '../play/progress.js'
import { waitForStore } from '../play/stored.js'
import { Tally } from '../play/tally.js'
import { wallWords } from '../wall-page.js'
import { type Command, configOf, configOptions, type OptionValues, type Terminal, UsageError } from './command.js'

interface Wanted {
  readonly from: string
  readonly to: string
  readonly seed: number
  readonly daysPerSecond: number
  readonly pauseOnRed: boolean
}

export const simulate: Command = {
  name: 'simulate',
  usage: '[--from 2024-01] [--to 2028-12] [--speed DAYS] [--seed N] [--pause-on red] [--data DIR | --address URL]',
  about: 'plays five years of the city; space pauses, s steps a day, q ends; goes on where it ended',
  takesWords: false,
  options: {
    ...configOptions,
    from: { type: 'string' },
    to: { type: 'string' },
    speed: { type: 'string' },
    seed: { type: 'string' },
    'pause-on': { type: 'string' },
    data: { type: 'string' },
    address: { type: 'string' },
  },
  async run(_words, values, terminal) {
    const wanted = wantedOf(values)
    if (wanted.pauseOnRed && !terminal.onKey)
      throw new UsageError('--pause-on needs a terminal: a key must end the pause')
    if (values['address'] === undefined) return playOnOwn(wanted, values, terminal)
    if (values['data'] !== undefined) throw new UsageError('--data is of a service of its own, so not with --address')
    return perform(addressOf(values['address']), wanted, configOf(values, terminal).config, terminal)
  },
}

function wantedOf(values: OptionValues): Wanted {
  const { from = '2024-01', to = '2028-12', speed = '0', seed = '1' } = values
  const pauseOn = values['pause-on']
  if (!/^\d{1,9}$/.test(String(seed))) throw new UsageError('--seed must be a whole number of up to nine digits')
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(String(speed)))
    throw new UsageError('--speed must be a number of days a second; 0 is as fast as possible')
  if (pauseOn !== undefined && pauseOn !== 'red') throw new UsageError('--pause-on must be red')
  const months = { from: String(from), to: String(to) }
  try {
    const { beginMs, endMs } = boundsOf(months)
    if (endMs <= beginMs) throw new RangeError(`${to} is before ${from}`)
  } catch (error) {
    throw new UsageError(`--from and --to: ${(error as Error).message}`)
  }
  return {
    ...months,
    seed: Number(seed),
    daysPerSecond: Number(speed),
    pauseOnRed: pauseOn === 'red',
  }
}

function addressOf(address: unknown): string {
  if (!URL.canParse(String(address)) || !/^https?:\/\//.test(String(address)))
    throw new UsageError('--address must be a URL that begins with http:// or https://')
  return String(address).replace(/\/+$/, '')
}

/** What the command changes in the service's options; whoever sets one says so by `--set`. */
function ownConfig(values: OptionValues, terminal: Terminal): Config {
  const dataDirectory = String(values['data'] ?? 'var/scenario')
  const set = [
    'clock=scenario',
    `dataDirectory=${dataDirectory}`,
    'logLevel=warn',
    // A play is watched by one wall, not by a city.
    'pushProcesses=1',
    ...((values['set'] ?? []) as string[]),
  ]
  const { config } = configOf({ ...values, set }, terminal)
  if (config.clock !== 'scenario')
    throw new QwError('QW_CLOCK_KIND', { clock: config.clock, reason: 'a play moves the clock' })
  return config
}

async function playOnOwn(wanted: Wanted, values: OptionValues, terminal: Terminal): Promise<number> {
  const config = ownConfig(values, terminal)
  new PlayedDirectory(config.dataDirectory).refuseOther(wanted)
  const service = await startOwn(config, terminal)
  if (service === undefined) return 0
  try {
    terminal.err(`演练 exercise: ${service.address}, wall ${wallWords(service.address)}`)
    const code = await perform(service.address, wanted, config, terminal)
    if (config.store !== 'none') {
      const onWait = (state: string) => terminal.status?.(state)
      const lacks = await waitForStore(new CityClient(service.address), { waitMs: storeWaitMs, onWait })
      terminal.status?.('')
      if (lacks !== undefined) terminal.err(lacks)
    }
    return code
  } finally {
    service.running.stop()
    await service.running.ended
  }
}

// Far longer than what a play leaves to be stored takes, and an embedded ClickHouse to begin.
const storeWaitMs = 60_000

/** Undefined when it was ended before it served. Once it serves, a play that is ended finishes its step first. */
async function startOwn(
  config: Config,
  { ended }: Terminal,
): Promise<{ readonly address: string; readonly running: RunningService } | undefined> {
  const log = pino({ name: 'main', level: config.logLevel }, pino.destination({ fd: 2, sync: true }))
  const hooks = new EventEmitter()
  const serving = once(hooks, 'serving')
  const running = await startMain(config, {
    say: (level, message) => log[level](message),
    onServing: ({ httpHost, httpPort }) => hooks.emit('serving', `http://${hostOf(httpHost)}:${httpPort}`),
  })
  if (ended.aborted) running.stop()
  else ended.addEventListener('abort', running.stop, { once: true })
  const [address] = await Promise.race([serving, running.ended.then((): unknown[] => [])])
  ended.removeEventListener('abort', running.stop)
  return address === undefined ? undefined : { address: String(address), running }
}

async function perform(address: string, wanted: Wanted, { dataSet }: Config, terminal: Terminal): Promise<number> {
  const client = new CityClient(address)
  const { nowMs, kind, play: known } = await client.clock()
  if (kind !== 'scenario') throw new QwError('QW_CLOCK_KIND', { clock: kind, reason: 'a play moves the clock' })
  const { beginMs, endMs } = boundsOf(wanted)
  refuseOther(known, wanted)
  if (!known && nowMs > beginMs) throw tooEarly(wanted, nowMs)
  // The service begins with the same file; a play of a city that it does not know would be refused event by event.
  const city = await readCity(dataSet)
  if (await client.isEmpty()) throw new QwError('QW_NOT_FOUND', { what: `city in the service at ${address}` })
  const { seed, from } = wanted
  await client.moveClock(nowMs, { seed, from })
  if (nowMs >= endMs) {
    await terminal.out(`the clock stands at ${formatTime(nowMs)}; there is nothing left to play to ${wanted.to}`)
    return 0
  }
  const conductor = new Conductor(wanted.daysPerSecond, Math.max(nowMs, beginMs) as UnixMs, terminal.ended)
  const tally = new Tally()
  const progress = createProgress(terminal, beginMs, endMs)
  let atMs = nowMs
  const show = () =>
    progress({ nowMs: atMs, events: tally.events, unexpected: tally.unexpected, isPaused: conductor.isPaused })
  const release = terminal.onKey?.((key) => {
    conductor.key(key)
    show()
  })
  const reachedMs = await play(stepsOf({ ...wanted, city, calendar: readCalendar() }), {
    client,
    conductor,
    tally,
    nowMs,
    pauseOnRed: wanted.pauseOnRed,
    onStep: (step) => {
      atMs = step.nowMs
      show()
    },
  }).finally(release)
  terminal.status?.('')
  await terminal.out(
    `演练 played to ${formatDay(dayOf(reachedMs))}${reachedMs < endMs ? '; the same command goes on' : ''}`,
  )
  for (const line of tally.lines()) await terminal.out(line)
  return tally.unexpected === 0 ? 0 : 1
}

/** What happened before the clock's time would never be sent, and what comes after it builds on that. */
function tooEarly({ from }: Wanted, nowMs: UnixMs): QwError {
  const { year, month } = civilFromDay(dayOf(nowMs))
  const thisMonth = monthOf(year, month)
  const isOver = nowMs > boundsOf({ from: thisMonth, to: thisMonth }).beginMs
  const first = isOver ? monthOf(month === 12 ? year + 1 : year, (month % 12) + 1) : thisMonth
  return new QwError('QW_PLAY_TOO_EARLY', { from, now: formatTime(nowMs), first })
}

const monthOf = (year: number, month: number): string => `${year}-${String(month).padStart(2, '0')}`

async function readCity(file: string): Promise<QuotaEvent[]> {
  if (file === '') throw new QwError('QW_NOT_FOUND', { what: 'city to play: the option dataSet is empty' })
  const lines = (await readConfigured('dataSet', file)).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as QuotaEvent)
}
