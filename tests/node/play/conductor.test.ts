import t from 'tap'
import { dayMs } from '../../../src/core/day.js'
import type { UnixMs } from '../../../src/core/names.js'
import { Conductor } from '../../../src/node/play/conductor.js'

const startMs = Date.parse('2024-01-02T00:00:00+08:00') as UnixMs
const at = (days: number): UnixMs => (startMs + days * dayMs) as UnixMs
const never = new AbortController().signal

t.test('without a speed every turn comes at once', async (t) => {
  const conductor = new Conductor(0, startMs, never)
  for (let day = 0; day < 1000; day++) t.ok(await conductor.turn(at(day)))
})

t.test('a paused play waits for a key; s plays to the next midnight and no further', async (t) => {
  const conductor = new Conductor(0, startMs, never)
  conductor.pause()
  t.ok(conductor.isPaused)
  conductor.key('s')
  t.ok(await conductor.turn(at(0.5)))
  t.ok(await conductor.turn(at(1)), 'the midnight itself is played')
  let came = false
  const next = conductor.turn(at(1.5)).then((turn) => {
    came = turn
    return turn
  })
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(came)
  conductor.key(' ')
  t.ok(await next)
  t.notOk(conductor.isPaused)
})

t.test('q, Ctrl-C and an ended terminal end a play, also a paused one', async (t) => {
  for (const key of ['q', '\u0003']) {
    const conductor = new Conductor(0, startMs, never)
    conductor.pause()
    const turn = conductor.turn(at(1))
    conductor.key(key)
    t.notOk(await turn)
  }
  const ending = new AbortController()
  const slow = new Conductor(0.000_001, startMs, ending.signal)
  const turn = slow.turn(at(1))
  ending.abort()
  t.notOk(await turn)
})
