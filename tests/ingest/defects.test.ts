/**
 * Defects of ours, made by a sequencer that throws where the test says: before it has counted an event, or after.
 */
import t from 'tap'
import type { QuotaEvent } from '../../src/core/event.js'
import type { UnixMs } from '../../src/core/names.js'
import { Sequencer } from '../../src/ingest/sequencer.js'
import type { Plan, Verdict } from '../../src/ingest/verdict.js'
import { entered, limits, MemoryLog, registered, send, service, startMs } from './fixtures.js'

class BrokenSequencer extends Sequencer {
  readonly #when: 'before' | 'after'

  constructor(when: 'before' | 'after') {
    super(limits)
    this.#when = when
  }

  override admit(event: QuotaEvent, timeMs: UnixMs, nowMs: UnixMs, plan: Plan): Verdict {
    if (event.id !== 'bad') return super.admit(event, timeMs, nowMs, plan)
    if (this.#when === 'after') super.admit(event, timeMs, nowMs, plan)
    throw new TypeError('hunter2 is not a function')
  }
}

const broken = (when: 'before' | 'after') => service({}, new BrokenSequencer(when), new MemoryLog(() => startMs))

t.test(
  'an event that makes us throw is kept like any that cannot be taken, and its neighbours are taken',
  async (t) => {
    const s = broken('before')
    await send(s, registered())
    const items = await send(s, entered({ id: 'good' }), entered({ id: 'bad' }), entered({ id: 'other' }))
    t.match(items, [
      { id: 'good', status: 'accepted', position: 2 },
      { id: 'bad', source: '/departments/hr', status: 'quarantined', position: 3, code: 'QW_INTERNAL' },
      { id: 'other', status: 'accepted', position: 4 },
    ])
    t.notMatch(JSON.stringify(items), /hunter2/, 'what went wrong is for the log of the service')
    t.match(s.defects, [{ message: /hunter2/ }])
    t.match(s.log.entries[2], { kind: 'quarantined', event: { id: 'bad' } })
    t.same(s.fatal, [])
  },
)

t.test(
  'when half of it was counted nothing is taken any more, and nothing of its request was acknowledged',
  async (t) => {
    const s = broken('after')
    await send(s, registered())
    const body = [entered({ id: 'good' }), entered({ id: 'bad' })].map((event) => JSON.stringify(event)).join('\n')
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await s.app.inject({ method: 'POST', url: '/v1/events', payload: body, headers })
    t.equal(answer.statusCode, 500)
    t.match(s.fatal, [{ message: /hunter2/ }])
    t.equal(s.log.entries.length, 1, 'the log holds what was acknowledged')
    const later = await s.app.inject({ method: 'POST', url: '/v1/events', payload: body, headers })
    t.match(later.json(), { code: 'QW_STOPPING' })
    t.equal(s.log.entries.length, 1)
  },
)
