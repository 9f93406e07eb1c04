import fc from 'fast-check'
import t from 'tap'
import type { UnixMs } from '../../src/core/names.js'
import { ServiceClock } from '../../src/node/clock.js'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const settings = {
  kind: 'system',
  startMs: 0 as UnixMs,
  clockJumpMsMax: 10 * minuteMs,
  clockStartJumpMsMax: 7 * dayMs,
  clockHoldMs: hourMs,
} as const

/** A machine whose two clocks the test moves. */
class Machine {
  monotonic = 5000
  wall = Date.parse('2026-11-24T00:00:00Z')
  readonly wallMs = () => this.wall
  readonly monotonicMs = () => this.monotonic

  /** Time passes. */
  pass(ms: number): void {
    this.monotonic += ms
    this.wall += ms
  }
}

const open = (machine: Machine, over: Partial<{ startMs: UnixMs }> = {}) =>
  new ServiceClock({ ...settings, startMs: machine.wall as UnixMs, ...over }, machine)

t.test('it is the machine’s clock as long as that runs', async (t) => {
  const machine = new Machine()
  const clock = open(machine)
  for (const ms of [0, 1, 999.5, hourMs, 5 * dayMs]) {
    machine.pass(ms)
    t.equal(clock.nowMs(), Math.floor(machine.wall))
  }
  t.equal(clock.aheadMs, 0)
  t.equal(clock.jumps, 0)
})

t.test('small steps of the machine’s clock are followed at once ahead, and made up for behind', async (t) => {
  const machine = new Machine()
  const clock = open(machine)
  machine.wall += 10 * minuteMs
  t.equal(clock.nowMs(), machine.wall, 'exactly the bound is followed')
  const before = clock.nowMs()
  machine.wall -= 5000
  t.equal(clock.nowMs(), before, 'it does not go back')
  machine.pass(4000)
  t.equal(clock.nowMs(), before + 2000, 'it runs at half speed')
  t.equal(clock.aheadMs, 3000)
  machine.pass(6000)
  t.equal(clock.nowMs(), machine.wall, 'until it is caught up with')
  t.equal(clock.jumps, 0)
})

t.test('a jump far ahead is not followed until the machine has stood by it for long enough', async (t) => {
  const machine = new Machine()
  const clock = open(machine)
  const before = clock.nowMs()
  machine.wall += 365 * dayMs
  t.equal(clock.nowMs(), before)
  machine.pass(hourMs - 1)
  t.equal(clock.nowMs(), before + hourMs - 1, 'it goes on steadily')
  t.equal(clock.heldForMs, hourMs - 1)
  t.equal(clock.aheadMs, -365 * dayMs)
  t.equal(clock.jumps, 1)
  machine.pass(1)
  t.equal(clock.nowMs(), machine.wall, 'followed')
  t.equal(clock.heldForMs, undefined)
  t.equal(clock.jumps, 1)
})

t.test('a jump far ahead that is taken back has left no trace', async (t) => {
  const machine = new Machine()
  const clock = open(machine)
  machine.wall += 365 * dayMs
  clock.nowMs()
  machine.pass(minuteMs)
  machine.wall -= 365 * dayMs
  t.equal(clock.nowMs(), machine.wall)
  t.equal(clock.heldForMs, undefined)
  machine.wall += 365 * dayMs
  clock.nowMs()
  t.equal(clock.jumps, 2)
  machine.pass(hourMs - 1)
  clock.nowMs()
  t.equal(clock.heldForMs, hourMs - 1, 'the next one waits as long again')
})

t.test('a log that is ahead of the machine’s clock at the start is not gone back behind', async (t) => {
  const machine = new Machine()
  const startMs = (machine.wall + dayMs) as UnixMs
  const clock = open(machine, { startMs })
  t.equal(clock.nowMs(), startMs)
  t.equal(clock.jumps, 1)
  machine.pass(hourMs)
  t.equal(clock.nowMs(), startMs + hourMs / 2)
  machine.pass(2 * dayMs - hourMs)
  t.equal(clock.nowMs(), machine.wall)
})

t.test('a start takes up with the machine after a week, and holds back when it is further ahead', async (t) => {
  const machine = new Machine()
  const startMs = machine.wall as UnixMs
  machine.wall += 7 * dayMs
  t.equal(open(machine, { startMs }).nowMs(), machine.wall, 'the service was off for a week')
  machine.wall = startMs + 365 * dayMs
  const clock = open(machine, { startMs })
  t.equal(clock.nowMs(), startMs, 'a wrong year, or off for one')
  t.equal(clock.jumps, 1)
  t.equal(clock.heldForMs, 0)
  t.equal(clock.aheadMs, -365 * dayMs)
  machine.pass(hourMs - 1)
  t.equal(clock.nowMs(), startMs + hourMs - 1, 'it runs from where the log stood')
  t.equal(
    open(machine, { startMs: clock.nowMs() }).nowMs(),
    clock.nowMs(),
    'a core that dies meanwhile is no way round',
  )
  machine.pass(1)
  t.equal(clock.nowMs(), machine.wall, 'the machine has stood by it')
  t.equal(clock.heldForMs, undefined)
  t.equal(clock.jumps, 1, 'one jump')
})

t.test('a start that held back goes on with the machine when that is set right', async (t) => {
  const machine = new Machine()
  const startMs = machine.wall as UnixMs
  machine.wall += 365 * dayMs
  const clock = open(machine, { startMs })
  machine.pass(minuteMs)
  machine.wall -= 365 * dayMs
  t.equal(clock.nowMs(), machine.wall)
  t.equal(clock.heldForMs, undefined)
})

t.test('a scenario moves by order only', async (t) => {
  const machine = new Machine()
  const clock = new ServiceClock({ ...settings, kind: 'scenario', startMs: 1000 as UnixMs }, machine)
  machine.pass(dayMs)
  t.equal(clock.nowMs(), 1000)
  clock.moveTo(2000 as UnixMs)
  t.equal(clock.nowMs(), 2000)
  t.throws(() => clock.moveTo(1999 as UnixMs), { code: 'QW_CLOCK_BACKWARD' })
  t.throws(() => open(machine).moveTo(5 as UnixMs), { code: 'QW_CLOCK_KIND' })
  t.equal(clock.aheadMs, 0)
})

t.test('whatever the machine’s clock does: ours never goes back, never jumps, and comes back to it', async (t) => {
  const moves = fc.array(
    fc.record({
      passMs: fc.double({ min: 0, max: 2 * hourMs, noNaN: true }),
      jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -400 * dayMs, max: 400 * dayMs })),
    }),
    { maxLength: 60 },
  )
  t.doesNotThrow(() => fc.assert(fc.property(moves, holds), { numRuns: 500 }))
})

interface Move {
  readonly passMs: number
  readonly jumpMs: number
}

function holds(moves: readonly Move[]): boolean {
  const machine = new Machine()
  const clock = open(machine)
  const steady = moves.every(({ passMs, jumpMs }) => {
    const before = clock.nowMs()
    const mostMs = clock.heldForMs === undefined ? passMs + settings.clockJumpMsMax + 1 : Number.POSITIVE_INFINITY
    machine.pass(passMs)
    machine.wall += jumpMs
    const wentMs = clock.nowMs() - before
    return wentMs >= Math.floor(passMs / 2) - 1 && wentMs <= mostMs
  })
  // Sixty jumps of 400 days at most, made up for at half speed; and what was held is followed.
  machine.pass(2 * 60 * 400 * dayMs)
  clock.nowMs()
  machine.pass(2 * hourMs)
  return steady && clock.nowMs() === Math.floor(machine.wall)
}
