/**
 * The fan-out bench: one message to everybody, by the service, by the floor under it and by its peers.
 *
 * All targets are started and all clients connected at first; then the targets take turns, so that whatever the machine
 * does to one it does to all, and ratios are taken within a round. Everybody sends the same bytes, those that the
 * service sends, and nobody has heartbeats meanwhile.
 */
import type { Flags, Values } from '../arguments.js'
import type { Cleanup } from '../cleanup.js'
import { host } from '../free-ports.js'
import { describeCommit, describeMachine } from '../machine.js'
import { watchMachine } from '../machine-cpu.js'
import { type ProcessCpu, readProcesses } from '../process-cpu.js'
import { say } from '../progress.js'
import { repositoryRoot } from '../service.js'
import { newBlock } from '../source.js'
import { Audience } from './audience.js'
import { type DialectName, dialects } from './dialects.js'
import { reportFanout, type Shot, summariseFanout, type TargetMeasured } from './fanout-report.js'
import { versionOf } from './installed.js'
import { type FanoutTarget, startTarget } from './targets.js'

const names = Object.keys(dialects) as DialectName[]

export const fanoutFlags = {
  clients: { default: 15_000, min: 1, max: 200_000, about: 'clients of each target' },
  processes: { default: 1, min: 1, max: 64, about: 'processes of each target that send' },
  rounds: { default: 11, min: 1, max: 1_000, about: 'times that every target takes its turn' },
  targets: { default: names, words: names, about: 'who takes part; those that are not installed are left out' },
  clientProcesses: {
    default: 0,
    min: 0,
    max: 64,
    about: 'processes that hold the clients of a target; 0: 12,500 each',
  },
  connectsInFlight: { default: 32, min: 1, max: 1_000, about: 'clients of a process that connect at the same time' },
  connectSeconds: { default: 300, min: 1, max: 3_600, about: 'all clients of a target must listen by then' },
  roundSeconds: { default: 30, min: 1, max: 600, about: 'everybody must have the message by then' },
  toFloorMax: {
    default: 0,
    min: 0,
    max: 1_000,
    fraction: true,
    about: 'the service fails when its last client comes later, as a multiple of the floor; 0: however late',
  },
  pauseMs: { default: 300, min: 0, max: 60_000, about: 'pause between two turns' },
} as const satisfies Flags

type Settings = Values<typeof fanoutFlags>

const clientsPerProcess = 12_500
const reportWaitMs = 30_000
/** One process may open 20,000 files: targets that have only one cannot hold more. */
const filesOfOneProcess = 19_500
/** Sent when the service does not take part: as long as a transition of the city. */
const stand = JSON.stringify({ type: 'transition', topic: 'city', n: 1, p: 0, filler: 'x'.repeat(560) })

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const bytesOf = (processes: readonly ProcessCpu[]): number =>
  processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
const cpuOf = (processes: readonly ProcessCpu[]): number => processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0)

interface Playing {
  readonly target: FanoutTarget
  readonly version: string
  readonly audience: Audience
  readonly bytesPerClient: number
  readonly shots: Shot[]
  broadcasts: number
}

/** Why a target is left out; undefined when it can take part. */
const hindrance = (name: DialectName, { clients, processes }: Settings): string | undefined => {
  if (versionOf(name) === undefined) return 'not installed'
  const sending = name === 'nats' ? 1 : processes
  return clients / sending > filesOfOneProcess ? `${sending} process cannot hold ${clients} clients` : undefined
}

const begin = async (
  name: DialectName,
  settings: Settings,
  block: { readonly block: number; readonly firstAddress: number },
  cleanup: Cleanup,
): Promise<Playing> => {
  const { clients, connectsInFlight } = settings
  const target = await startTarget(name, settings, cleanup)
  const empty = bytesOf(target.processes())
  const audience = await Audience.connect(
    {
      ...block,
      dialect: name,
      host,
      portFor: target.portFor,
      clients,
      processes: processesOf(settings),
      connectsInFlight,
      connectWaitMs: settings.connectSeconds * 1e3,
    },
    cleanup,
  )
  await pause(1_000)
  const bytesPerClient = Math.round((bytesOf(target.processes()) - empty) / clients)
  say(`${name}: ${clients} clients listen, ${bytesPerClient} bytes each`)
  return { target, version: versionOf(name) ?? '', audience, bytesPerClient, shots: [], broadcasts: 0 }
}

const processesOf = ({ clients, clientProcesses }: Settings): number =>
  clientProcesses || Math.max(2, Math.ceil(clients / clientsPerProcess))

/** One message to everybody of one target. */
const shoot = async (playing: Playing, text: string, roundMs: number): Promise<Shot & { readonly text: string }> => {
  const { target, audience } = playing
  playing.broadcasts += 1
  const machine = watchMachine(() => [...target.processes(), ...readProcesses(audience.pids)])
  const before = cpuOf(target.processes())
  const everybody = audience.got(playing.broadcasts, roundMs)
  const [askedUs, arrival] = await Promise.all([target.publish(text), everybody])
  const cpuMs = cpuOf(target.processes()) - before
  return {
    toLastMs: (arrival.lastUs - askedUs) / 1e3,
    judgedToLastMs: judgedUsOf(arrival.text, arrival.lastUs),
    serverCpuMs: cpuMs,
    clientCpuMs: arrival.cpuUs / 1e3,
    foreignCores: machine().foreignCores,
    text: arrival.text,
  }
}

/** From the moment the core had judged to the last client; only the service stamps its frames. */
const judgedUsOf = (text: string, lastUs: number): number | undefined => {
  const judged = /"judged":([0-9]+)/.exec(text)?.[1]
  return judged === undefined ? undefined : (lastUs - Number(judged)) / 1e3
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runFanout = async (settings: Settings, cleanup: Cleanup) => {
  const at = new Date().toISOString()
  const skipped = settings.targets.flatMap((name) => {
    const why = hindrance(name, settings)
    return why === undefined ? [] : [{ name, why }]
  })
  for (const { name, why } of skipped) say(`${name} takes no part: ${why}`)
  const block = newBlock()
  const playing: Playing[] = []
  for (const name of settings.targets.filter((one) => !skipped.some((other) => other.name === one)))
    playing.push(await begin(name, settings, { block, firstAddress: playing.length * processesOf(settings) }, cleanup))
  await play(playing, settings)
  const targets: TargetMeasured[] = []
  for (const { target, version, audience, bytesPerClient, shots, broadcasts } of playing)
    targets.push({
      name: target.name,
      version,
      bytesPerClient,
      shots,
      broadcasts,
      reports: await audience.report(reportWaitMs),
    })
  const machine = { machine: describeMachine(), commit: describeCommit(repositoryRoot), at }
  const { result, exitCode } = reportFanout({ settings, targets, skipped, ...machine })
  say(summariseFanout(result))
  return { result, exitCode }
}

const play = async (playing: readonly Playing[], settings: Settings): Promise<void> => {
  const roundMs = settings.roundSeconds * 1e3
  const service = playing.find(({ target }) => target.name === 'service')
  // A round that is not counted: everything is warm afterwards, and it gives the bytes that all will send.
  const text = service ? (await shoot(service, '', roundMs)).text : stand
  for (const one of playing.filter((each) => each !== service)) await shoot(one, text, roundMs)
  for (let round = 0; round < settings.rounds; round += 1) {
    for (const [i] of playing.entries()) {
      // everybody is first once: what comes after whom must not decide
      const one = playing[(round + i) % playing.length]
      if (one === undefined) continue
      await pause(settings.pauseMs)
      const { text: _, ...shot } = await shoot(one, text, roundMs)
      one.shots.push(shot)
    }
    const line = playing.map(({ target, shots }) => `${target.name} ${Math.round(shots.at(-1)?.toLastMs ?? 0)}`)
    say(`round ${round + 1} of ${settings.rounds}, ms to the last: ${line.join(', ')}`)
  }
}
