import t from 'tap'
import type { LogPosition } from '../../src/core/names.js'
import { Admission, type AdmissionParts } from '../../src/node/admission.js'

function parts(over: Partial<AdmissionParts> = {}): AdmissionParts {
  return {
    config: { judgeBacklogEntriesMax: 1000, pendingEntriesMax: 500, ingestDelayMsMax: 30 },
    disk: { isLow: false },
    log: { head: 100 as LogPosition, pendingEntries: 0 },
    record: { isBehind: false },
    judge: { position: 100 as LogPosition, backlogEntries: 0 },
    sequencer: { isFull: () => false },
    delay: { of: (waiting) => 1000 + waiting * 100, ofQueue: (waiting) => waiting * 100 },
    turns: { waitedUs: () => 0 },
    judged: () => new Promise(() => undefined),
    ...over,
  }
}

t.test('events are refused before they would be late, with how long to wait; orders are not', async (t) => {
  const judge = { position: 100 as LogPosition, backlogEntries: 0 }
  const log = { head: 200 as LogPosition, pendingEntries: 190 }
  const admission = new Admission(parts({ judge, log }))
  t.equal(admission.verdict('events'), undefined, '290 wait: 30 ms')
  log.pendingEntries = 191
  t.match(admission.verdict('events'), {
    code: 'QW_TOO_LATE',
    message: /judged in 30 ms, later than ingestDelayMsMax 30/,
    detail: { retryAfterSeconds: 1 },
  })
  t.equal(admission.verdict('order'), undefined)
  t.match(admission.refuses, { code: 'QW_TOO_LATE' })
  t.equal(admission.refused.delay, 1, 'who only looks is not counted')
  judge.position = 391 as LogPosition
  t.equal(admission.delayMs, 0)
  t.equal(admission.verdict('events'), undefined)
})

t.test('each bound refuses events and is counted by its reason; orders only where nothing can be kept', async (t) => {
  const full = { log: { head: 100 as LogPosition, pendingEntries: 500 } }
  for (const [over, reason, code, forOrders] of [
    [{ disk: { isLow: true } }, 'disk', 'QW_DISK_NEARLY_FULL', true],
    [full, 'log', 'QW_OVERLOADED', false],
    [{ sequencer: { isFull: () => true } }, 'memory', 'QW_OVERLOADED', false],
    [{ judge: { position: 100 as LogPosition, backlogEntries: 1000 } }, 'engine', 'QW_OVERLOADED', false],
    [{ record: { isBehind: true } }, 'record', 'QW_OVERLOADED', false],
  ] as const) {
    const admission = new Admission(parts(over))
    t.match(admission.verdict('events'), { code }, reason)
    t.equal(admission.refused[reason], 1)
    t.equal(admission.verdict('order') !== undefined, forOrders, `${reason} and an order`)
  }
  const stopping = new Admission(parts())
  stopping.isStopping = true
  t.match(stopping.verdict('order'), { code: 'QW_STOPPING' })
  t.equal(stopping.refused.stopping, 1)
})

t.test('before the service is whole only who carries the pass is let in, and that is said', async (t) => {
  const admission = new Admission(parts())
  t.equal(admission.notYet(undefined), undefined, 'nothing is being started')
  admission.starting = { state: 'the data set is being loaded', pass: 'abc' }
  const refusal = { code: 'QW_STARTING', message: /the data set is being loaded/ }
  for (const pass of [undefined, '', 'abd', ['abc']]) t.match(admission.notYet(pass), refusal, `pass ${pass}`)
  t.equal(admission.notYet('abc'), undefined)
  t.match(admission.refuses, refusal, 'readiness sees it')
  t.equal(admission.refused.starting, 4)
  admission.starting = undefined
  t.equal(admission.notYet(undefined), undefined)
  t.equal(admission.refuses, undefined)
})

t.test('what a request has waited before it was read is a part of its delay', async (t) => {
  let waitedUs = 30_000
  const admission = new Admission(parts({ turns: { waitedUs: () => waitedUs } }))
  t.equal(admission.verdict('events'), undefined)
  waitedUs = 31_000
  t.match(admission.verdict('events'), { code: 'QW_TOO_LATE', detail: { delayMs: 31 } })
  t.equal(admission.verdict('order'), undefined)
  t.equal(admission.refuses, undefined, 'who only looks has not waited')
})

t.test('there is room for another piece when half of the budget is left', async (t) => {
  const judge = { position: 100 as LogPosition, backlogEntries: 0 }
  const log = { head: 300 as LogPosition, pendingEntries: 0 }
  const asked: number[] = []
  const judged = async (position: LogPosition) => {
    asked.push(position)
    judge.position = (judge.position + 25) as LogPosition
  }
  await new Admission(parts({ judge, log, judged })).room()
  t.same(asked, [101, 126], 'until 150 wait: 15 ms of 30')
  await new Admission(parts({ judge, log, judged })).room()
  t.equal(asked.length, 2)
})

t.test('a body for which there is no room is counted', async (t) => {
  const admission = new Admission(parts())
  t.match(admission.tooMuch(), { code: 'QW_OVERLOADED', detail: { queue: 'bodies' } })
  t.equal(admission.refused.bodies, 1)
})
