/**
 * What goes wrong, and how often: chosen by the seed, one thing after the other, never twice the same way.
 */
import type { Fault } from './disk.js'
import type { Service } from './service.js'

type Trouble = (service: Service) => void

const kill =
  (process: 'coreLife' | 'writerLife' | 'pushLife'): Trouble =>
  (service) => {
    const life = service[process]
    if (life) service.machine.kill(life)
    service.checkAnswers()
  }

const fail =
  (fault: Fault, path: string): Trouble =>
  ({ disk }) => {
    disk.failure = { fault, path }
  }

/** In the middle of the next write or sync of such a file. */
const inTheMiddle =
  (path: string, act: Trouble): Trouble =>
  (service) => {
    service.files.interruption = { path, act: () => (service.isCalm ? undefined : act(service)) }
  }

/** When the next segment has its name, and that is not synced yet. */
const afterTheName = (act: Trouble): Trouble => inTheMiddle('rename /simulated/data/log', inTheMiddle('/data/log', act))

const cutPower: Trouble = (service) => service.losePower()

/** For so long one thing of a part is another. */
const setFor =
  <P extends keyof Service, Name extends keyof Service[P]>(
    msMax: number,
    part: P,
    name: Name,
    then: Service[P][Name],
    otherwise: Service[P][Name],
  ): Trouble =>
  (service) => {
    const { machine } = service
    service[part][name] = then
    const end = () => {
      service[part][name] = otherwise
    }
    machine.after(machine.random.whole(1, msMax), end, machine.outside)
  }

const stop: Trouble = ({ core, coreLife, machine }) => {
  if (core && coreLife) machine.after(0, () => void core.stop().finally(() => machine.kill(coreLife)), coreLife)
}

/** How often, of all. */
export const troubles: Readonly<Record<string, readonly [number, Trouble]>> = {
  'kill core': [5, kill('coreLife')],
  'kill writer': [4, kill('writerLife')],
  'kill writer in an insert': [
    3,
    (service) => {
      service.store.interruption = () => (service.isCalm ? undefined : kill('writerLife')(service))
    },
  ],
  'kill push': [3, kill('pushLife')],
  'stop core': [2, stop],
  'kill core in a write of the log': [4, inTheMiddle('.seg', kill('coreLife'))],
  'power cut': [3, cutPower],
  'power cut in a write of the log': [4, inTheMiddle('.seg', cutPower)],
  'power cut in the record': [2, inTheMiddle('/record/', cutPower)],
  'power cut in a snapshot': [2, inTheMiddle('/snapshots/', cutPower)],
  'power cut in the writer': [2, inTheMiddle('/writer/', cutPower)],
  'power cut in the next segment': [2, inTheMiddle('/next.tmp', cutPower)],
  'power cut before the next segment has its name': [2, inTheMiddle('rename /simulated/data/log', cutPower)],
  'power cut before its name is on the disk': [2, afterTheName(cutPower)],
  'kill core before its name is on the disk': [2, afterTheName(kill('coreLife'))],
  'next segment fails': [1, fail('write', '/next.tmp')],
  'next segment gets no name': [1, fail('rename', '/next.tmp')],
  'thread dies': [6, ({ threads }) => threads.killOne()],
  'log write fails': [3, fail('write', '.seg')],
  'record sync fails': [2, fail('sync', '/record/')],
  'record write fails': [1, fail('write', '/record/')],
  'snapshot sync fails': [1, fail('sync', '/snapshots/')],
  'writer sync fails': [1, fail('sync', '/writer/')],
  'directory sync fails': [1, fail('sync', '/data/log')],
  'disk full': [2, setFor(1500, 'disk', 'isFull', true, false)],
  'no descriptors': [2, setFor(1500, 'files', 'lacksDescriptors', true, false)],
  'disk slow': [2, setFor(500, 'files', 'stallMs', 40, 0)],
  'store away': [2, setFor(3000, 'store', 'isAway', true, false)],
  'connection breaks': [5, ({ network }) => network.breakSomething()],
  'clock jumps': [
    1,
    ({ machine }) => {
      machine.wallJumpMs += machine.random.whole(-300_000, 300_000)
    },
  ],
}

const urn = Object.entries(troubles).flatMap(([name, [share]]) => Array.from({ length: share }, () => name))

/** One after the other; gives their names. */
export function makeTrouble(service: Service, count: number): string[] {
  const { machine } = service
  const { random } = machine
  const made: string[] = []
  let atMs = 0
  for (let left = count; left > 0; left--) {
    atMs += random.whole(5, random.chance(0.3) ? 20 : 400)
    const name = random.pick(urn)
    const act = troubles[name]?.[1]
    machine.after(
      atMs,
      () => {
        if (service.isCalm) return
        made.push(`${machine.nowMs.toFixed(3)} ${name}`)
        act?.(service)
      },
      machine.outside,
    )
  }
  return made
}

/** Nothing more goes wrong. */
export function calm(service: Service): void {
  const { disk, files, store } = service
  service.isCalm = true
  disk.isFull = false
  disk.failure = undefined
  files.interruption = undefined
  files.stallMs = 0
  files.lacksDescriptors = false
  store.isAway = false
  store.troubleShare = 0
  store.interruption = undefined
}
