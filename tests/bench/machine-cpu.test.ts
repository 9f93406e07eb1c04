import t from 'tap'
import { watchMachine } from '../../bench/machine-cpu.js'
import { readGroup, readProcess, readProcesses, sharesBetween } from '../../bench/process-cpu.js'

const skip = process.platform === 'linux' ? false : 'only Linux has /proc'

/** Turns until this process has used `cpuMs` more CPU: the amount is what counts, not how long it takes. */
const burn = (cpuMs: number): void => {
  const before = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1e3 >= cpuMs) return
  }
}

t.test('CPU of a watched process is its own; unwatched it is foreign', { skip }, async (t) => {
  const watched = watchMachine(() => readProcesses([process.pid]))
  const unwatched = watchMachine(() => [])
  burn(300)
  t.ok(watched().ownCores > 0)
  const { ownCores, foreignCores } = unwatched()
  t.equal(ownCores, 0)
  t.ok(foreignCores > 0)
})

t.test('a process is found by its group and not by another', { skip }, async (t) => {
  const own = readProcess(process.pid)
  t.equal(own?.pid, process.pid)
  t.ok((own?.residentBytes ?? 0) > 1_000_000)
  t.equal(readProcess(process.pid, -1), undefined)
  t.strictSame(readGroup(-1), [])
  t.strictSame(readProcesses([2 ** 30]), [])
})

t.test('shares are CPU time over wall time; a process that is new is charged with all it has', async (t) => {
  const at = (pid: number, cpuMs: number) => ({ pid, name: 'x', cpuMs, residentBytes: 1 })
  const shares = sharesBetween([at(1, 100)], [at(1, 600), at(2, 250)], 1_000)
  t.strictSame(
    shares.map(({ cores }) => cores),
    [0.5, 0.25],
  )
})
