/**
 * What waited out of a load comes in after the load has ended: as the load's still, so that what follows from it is what
 * an importer would expect, through the real sequencer and the real engine.
 */
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition } from '../../src/core/names.js'
import { Sequencer } from '../../src/ingest/ingest.js'
import { Plan } from '../../src/ingest/verdict.js'
import { Engine, home, inShort, someRules } from '../alerts/engine.js'
import { dayMs, entered, event, limits, order, registered, type Service, send, service, startMs } from './fixtures.js'

const people = { by: '王', reason: 'census' }
const census = { load: 'census', time: '2019-01-01T08:00:00+08:00' }
const ofUnit = (subject: string) => ({ ...census, subject })
const staff = (subject: string, count: number) => entered({ ...ofUnit(subject), data: { count, basis: 'permanent' } })
const left = (subject: string, count: number) => event('staff.left', { count, basis: 'permanent' }, ofUnit(subject))
const approved = (subject: string, posts: number) =>
  event('quota.approved', { approved: posts, cause: 'census' }, ofUnit(subject))

/** A load that has come and gone, with these events of it waiting for their units. */
async function endedLoad(...events: readonly unknown[]): Promise<Service> {
  const s = service()
  await order(s, { order: 'load.open', load: 'census', until: new Date(startMs + dayMs).toISOString(), ...people })
  for (const item of await send(s, ...events)) if (!item.waiting) throw new Error(JSON.stringify(item))
  await order(s, { order: 'load.close', load: 'census', ...people })
  return s
}

const standing: readonly LogEntry[] = [
  { kind: 'policy', policy: home },
  { kind: 'rules', rules: someRules('over-quota', 'vacancy', 'frozen-use') },
]

/** Judged entry by entry, each a batch of its own: the worst case for a colour in between. */
function judged({ log }: Service) {
  const engine = new Engine()
  engine.step({ nowMs: startMs, entries: standing })
  for (const { nowMs, entries } of log.batches) for (const entry of entries) engine.step({ nowMs, entries: [entry] })
  return engine.transitions
}

const kinds = ({ log }: Service, from: number) =>
  log.entries.slice(from).map((entry) => (entry.kind === 'order' ? entry.order.order : entry.kind))

t.test('a unit is judged when all that waited for it is in, not after each piece', async (t) => {
  const s = await endedLoad(approved('U9', 10), staff('U9', 12), left('U9', 2))
  const before = s.log.entries.length
  await send(s, registered('U9'))
  t.same(kinds(s, before), ['event', 'load.open', 'event', 'event', 'event', 'load.close'])
  t.equal(s.sequencer.quarantine.waitingCount, 0)
  t.same(judged(s), [], 'ten of ten posts: that it had twelve people in between was said by nobody')
})

t.test('what is true in the end is said once, at the end', async (t) => {
  const s = await endedLoad(staff('U9', 12), approved('U9', 100), left('U9', 1), approved('U9', 10))
  await send(s, registered('U9'))
  const said = judged(s)
  t.same(said.map(inShort), ['over-quota U9 green>red', 'freeze U9 none>frozen 1 [over-quota]'])
  for (const { position, why } of said) {
    t.equal(position, standing.length + s.log.head)
    t.match(why, { cause: 'load', events: [] })
  }
})

t.test('the name stays used, and nothing else comes in under it', async (t) => {
  const s = await endedLoad(staff('U9', 1))
  await send(s, registered('U9'))
  t.match(await send(s, staff('U9', 1)), [{ code: 'QW_LOAD_NOT_OPEN' }])
  const until = new Date(startMs + dayMs).toISOString()
  t.match(await order(s, { order: 'load.open', load: 'census', until, ...people }), { status: 409 })
})

t.test('while the load is open nothing is opened once more', async (t) => {
  const s = service()
  await order(s, { order: 'load.open', load: 'census', until: new Date(startMs + dayMs).toISOString(), ...people })
  await send(s, staff('U9', 1), registered('U9', census))
  t.same(kinds(s, 0), ['load.open', 'quarantined', 'event', 'event'])
})

t.test('a crash between the opening and the closing leaves a load that ends by itself', async (t) => {
  const s = await endedLoad(staff('U9', 12), approved('U9', 10))
  await send(s, registered('U9'))
  const whole = s.log.entries
  const opened = whole.findLastIndex((entry) => entry.kind === 'order' && entry.order.order === 'load.open')
  for (let kept = opened + 1; kept < whole.length; kept++) {
    const sequencer = new Sequencer(limits)
    const lost = { firstPosition: 1 as LogPosition, nowMs: startMs, entries: whole.slice(0, kept) }
    sequencer.replay(lost)
    const plan = new Plan((kept + 1) as LogPosition)
    sequencer.settle(startMs, plan)
    t.equal(sequencer.quarantine.waitingCount, 0, `${kept} of ${whole.length} entries`)
    const engine = new Engine()
    engine.step({ nowMs: startMs, entries: [...standing, ...lost.entries, ...plan.entries] })
    const end = engine.nextDeadlineMs
    if (end !== undefined && engine.transitions.length === 0) engine.step({ nowMs: end, entries: [{ kind: 'tick' }] })
    t.same(engine.transitions.map(inShort), ['over-quota U9 green>red', 'freeze U9 none>frozen 1 [over-quota]'])
  }
})
