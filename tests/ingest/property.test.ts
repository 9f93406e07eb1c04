import fc from 'fast-check'
import t from 'tap'
import type { Batch } from '../../src/core/entry.js'
import type { QuotaEvent } from '../../src/core/event.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { Order } from '../../src/core/order.js'
import { openSequencer, restoreSequencer, Sequencer, snapshotSequencer } from '../../src/ingest/ingest.js'
import { Validator } from '../../src/ingest/validate.js'
import { Plan, type Verdict } from '../../src/ingest/verdict.js'
import { dayMs, limits, registered, startMs } from './fixtures.js'
import { Oracle } from './oracle.js'

type Step =
  | { readonly kind: 'event'; readonly event: Record<string, unknown> }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'load'; readonly load: string; readonly isOpening: boolean }
  | { readonly kind: 'refuse'; readonly text: string }
  /** What a person does about an item of the quarantine, or about one that is none. */
  | { readonly kind: 'correct'; readonly item: number; readonly event: Record<string, unknown> }
  | { readonly kind: 'dismiss'; readonly item: number }

// Few units, loans and ids, so that everything meets everything.
const unit = fc.constantFrom('U1', 'U2', 'U3')
const count = fc.integer({ min: 1, max: 3 })
const loanId = fc.constantFrom('L1', 'L2')
const taskId = fc.constantFrom('t1', 't2')
const task = { title: 'x', kind: 'reform', target: 1, startsOn: '2024-01-01', dueOn: '2024-12-31' }
const { data: described } = registered()
const body = fc.oneof(
  { weight: 2, arbitrary: unit.map((subject) => ({ type: 'unit.registered', subject, data: described })) },
  fc.record({
    type: fc.constant('unit.closed'),
    subject: unit,
    data: fc.oneof(
      fc.constant({}),
      unit.map((successor) => ({ successor })),
    ),
  }),
  fc.record({
    type: fc.constant('quota.approved'),
    subject: unit,
    data: fc.record({ approved: fc.integer({ min: 0, max: 1 }), cause: fc.constant('cut') }),
  }),
  fc.record({
    type: fc.constantFrom('staff.entered', 'staff.left'),
    subject: unit,
    data: fc.record({ count: fc.constant(1), basis: fc.constantFrom('permanent', 'seconded_in') }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('pool.lent'),
      subject: unit,
      data: fc.record({ loanId, count, dueOn: fc.constant('2024-12-31') }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('pool.returned'), subject: unit, data: fc.record({ loanId, count }) }),
  },
  fc.record({
    type: fc.constant('task.planned'),
    subject: fc.oneof(unit, fc.constant('city')),
    data: taskId.map((id) => ({ taskId: id, ...task })),
  }),
  fc.record({
    type: fc.constant('task.progressed'),
    subject: fc.oneof(unit, fc.constant('city')),
    data: taskId.map((id) => ({ taskId: id, done: 1 })),
  }),
)
const hours = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 0 }) },
  fc.constantFrom(-40 * 24, -30 * 24, -29 * 24, 24, 25),
)
const event = fc
  .tuple(
    body,
    fc.integer({ min: 1, max: 60 }),
    fc.constantFrom('/a', '/b'),
    hours,
    fc.constantFrom(undefined, undefined, undefined, 'census'),
  )
  .map(([it, id, source, hour, load]) => ({
    specversion: '1.0',
    id: String(id),
    source,
    time: new Date(startMs + hour * 3_600_000).toISOString(),
    ...it,
    ...(load === undefined ? {} : { load }),
  }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: event.map((it) => ({ kind: 'event' as const, event: it })) },
  { weight: 2, arbitrary: fc.constantFrom(1000, dayMs, 20 * dayMs).map((ms) => ({ kind: 'later' as const, ms })) },
  { weight: 1, arbitrary: fc.boolean().map((isOpening) => ({ kind: 'load' as const, load: 'census', isOpening })) },
  { weight: 1, arbitrary: fc.constantFrom('{', '}').map((text) => ({ kind: 'refuse' as const, text })) },
)
const personStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: step },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(40), event)
      .map(([item, it]) => ({ kind: 'correct' as const, item, event: { ...it, id: `c${it.id}` } })),
  },
  { weight: 1, arbitrary: fc.nat(40).map((item) => ({ kind: 'dismiss' as const, item })) },
)
// The same steps some of them twice, which is what senders do.
const twice = (one: fc.Arbitrary<Step>) =>
  fc
    .array(one, { minLength: 40, maxLength: 120 })
    .chain((all) => fc.shuffledSubarray(all).map((again) => [...all, ...again]))
const steps = twice(step)
/** With people who correct and dismiss. */
const stepsAndPeople = twice(personStep)

/** Drives a sequencer and keeps what it would have appended. */
class Driver {
  readonly batches: Batch[] = []
  readonly sequencer: Sequencer
  nowMs: UnixMs = startMs
  private readonly validator = new Validator()

  constructor(sequencer = new Sequencer(sequencerLimits)) {
    this.sequencer = sequencer
  }

  take(step: Step): Verdict | undefined {
    const plan = new Plan((this.sequencer.position + 1) as LogPosition)
    const verdict = this.decide(step, plan)
    if (plan.entries.length > 0)
      this.batches.push({
        firstPosition: plan.first,
        nowMs: this.nowMs,
        entries: JSON.parse(JSON.stringify(plan.entries)),
      })
    return verdict
  }

  private decide(step: Step, plan: Plan): Verdict | undefined {
    if (step.kind === 'later') this.nowMs = (this.nowMs + step.ms) as UnixMs
    if (step.kind === 'load') this.order(step, plan)
    if (step.kind === 'refuse')
      return this.sequencer.refuse({ code: 'QW_LINE_NOT_JSON', reason: 'x', event: step.text }, this.nowMs, plan)
    if (step.kind === 'correct' || step.kind === 'dismiss') this.attend(step, plan)
    if (step.kind !== 'event') return undefined
    if (this.validator.check(step.event) !== undefined) throw new Error('the generator makes valid events only')
    return this.sequencer.admit(this.validator.event, this.validator.timeMs, this.nowMs, plan)
  }

  private attend(step: Step & { kind: 'correct' | 'dismiss' }, plan: Plan): void {
    const who = { by: 'a', reason: 'b' }
    const items = [...this.sequencer.quarantine.items()]
    const item = items[step.item % (items.length + 1)]?.item ?? '999'
    try {
      if (step.kind === 'dismiss') this.sequencer.dismiss(item, who, this.nowMs, plan)
      else if (this.validator.check(step.event) === undefined) {
        const { event, timeMs } = this.validator
        this.sequencer.correct(item, { event, timeMs, ...who }, this.nowMs, plan)
      }
    } catch {
      // Not there, or cannot be taken: refused with nothing changed, and that is tested elsewhere.
    }
  }

  private order(step: Step & { kind: 'load' }, plan: Plan): void {
    const by = { by: 'a', reason: 'b', load: step.load }
    const until = new Date(this.nowMs + 5 * dayMs).toISOString()
    const order: Order = step.isOpening ? { order: 'load.open', until, ...by } : { order: 'load.close', ...by }
    try {
      this.sequencer.order({ order }, this.nowMs, plan)
    } catch {
      // Opened twice or closed while not open: refused, and that is tested elsewhere.
    }
  }
}

const sequencerLimits = { ...limits, waitingEventsMax: 5, quarantineItemsMax: 15, quarantineDoneItemsMax: 4 }
const oracleLimits = { horizonMs: limits.duplicateHorizonMs, aheadMs: limits.timeAheadMsMax, waitingMax: 5 }

function subjectsOf(sequencer: Sequencer): string[] {
  const lines = [...sequencer.subjects.save()].map((saved) => JSON.stringify(saved))
  sequencer.subjects.endSave()
  return lines.sort()
}

function bytesOf(sequencer: Sequencer): Buffer {
  return Buffer.concat([...snapshotSequencer(sequencer).chunks])
}

/** Everything a sequencer knows, in an order of its own. */
function dumpOf(sequencer: Sequencer, oldestHour: number): unknown {
  const words = [...sequencer.memory.slots(sequencer.position)].flatMap((slots) => [...slots])
  const pairs: string[] = []
  for (let at = 0; at < words.length; at += 6) {
    const hour = (words[at + 5] as number) & 0xfffff
    if (hour === 0 || hour >= oldestHour) pairs.push(words.slice(at, at + 6).join())
  }
  return {
    position: sequencer.position,
    loads: sequencer.loads.save(),
    subjects: subjectsOf(sequencer),
    items: [...sequencer.quarantine.items()].map((item) => JSON.stringify(item)),
    done: [...sequencer.quarantine.doneItems()].map((item) => JSON.stringify(item)),
    characters: sequencer.quarantine.settledCharacters,
    pairs: pairs.sort(),
  }
}

const logOf = (batches: readonly Batch[]) => ({
  async *read(from: LogPosition) {
    for (const batch of batches) if (batch.firstPosition + batch.entries.length > from) yield batch
  },
})

function askBoth(driver: Driver, oracle: Oracle, step: Step): { expected: string; got: string } | undefined {
  const verdict = driver.take(step)
  oracle.nowMs = driver.nowMs
  const last = driver.batches.at(-1)?.entries.at(-1)
  if (step.kind === 'load' && last?.kind === 'order' && 'load' in last.order)
    oracle.loads.set('census', last.order.order === 'load.open' ? Date.parse(last.order.until) : 0)
  if (step.kind !== 'event' || verdict === undefined) return undefined
  const expected = oracle.admit(step.event as unknown as QuotaEvent, Date.parse(String(step.event['time'])))
  const got = verdict.status === 'quarantined' ? verdict.code : verdict.status
  // The oracle says apart what the answer says alike: it waits already.
  return { expected, got: expected === 'again' && /UNKNOWN|EXCEEDS/.test(got) ? 'again' : got }
}

t.test('the sequencer decides as the plain oracle does, and takes in the same events in the same order', async (t) => {
  const seen = new Set<string>()
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(steps, (all) => {
        const driver = new Driver(new Sequencer({ ...sequencerLimits, quarantineItemsMax: 1000 }))
        const oracle = new Oracle(oracleLimits)
        for (const step of all) {
          const answers = askBoth(driver, oracle, step)
          if (answers?.expected !== answers?.got) throw new Error(`${JSON.stringify(step)}: ${JSON.stringify(answers)}`)
          if (answers !== undefined) seen.add(answers.expected)
        }
        const taken = driver.batches.flatMap((batch) => batch.entries).filter((entry) => entry.kind === 'event')
        const same =
          JSON.stringify(taken.map((it) => it.event)) === JSON.stringify(oracle.accepted.map((it) => it.event))
        return same && driver.sequencer.quarantine.waitingCount === oracle.waiting.length
      }),
      { numRuns: 300 },
    ),
  )
  for (const verdict of [
    'accepted',
    'duplicate',
    'again',
    'QW_ID_CONFLICT',
    'QW_TIME_TOO_OLD',
    'QW_UNIT_UNKNOWN',
    'QW_UNIT_CLOSED',
    'QW_UNIT_NOT_EMPTY',
    'QW_LOAN_UNKNOWN',
    'QW_RETURN_EXCEEDS_LOAN',
    'QW_TASK_UNKNOWN',
    'QW_WAITING_FULL',
    'QW_LOAD_NOT_OPEN',
    'QW_TIME_AHEAD',
  ])
    t.ok(seen.has(verdict), `${verdict} was met`)
})

t.test('reading the log back gives the same state', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(stepsAndPeople, async (all) => {
        const driver = new Driver()
        for (const step of all) driver.take(step)
        const replayed = await openSequencer(sequencerLimits, logOf(driver.batches))
        const { oldestHour } = driver.sequencer
        return JSON.stringify(dumpOf(replayed, oldestHour)) === JSON.stringify(dumpOf(driver.sequencer, oldestHour))
      }),
      { numRuns: 100 },
    ),
  )
})

t.test('a snapshot taken while events go on, and the rest of the log, give the same state', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(stepsAndPeople, fc.nat(200), async (all, from) => {
        const driver = new Driver()
        const begin = Math.min(from, all.length)
        for (const step of all.slice(0, begin)) driver.take(step)
        const { position, chunks } = snapshotSequencer(driver.sequencer)
        const bytes: Uint8Array[] = []
        for (const step of all.slice(begin)) {
          const next = chunks.next()
          if (!next.done) bytes.push(Uint8Array.from(next.value))
          driver.take(step)
        }
        for (const chunk of chunks) bytes.push(chunk)
        const restored = await restoreSequencer(sequencerLimits, [Buffer.concat(bytes)], 'x')
        if (restored.position !== position) return false
        const resumed = await openSequencer(sequencerLimits, logOf(driver.batches), restored)
        const { oldestHour } = driver.sequencer
        return JSON.stringify(dumpOf(resumed, oldestHour)) === JSON.stringify(dumpOf(driver.sequencer, oldestHour))
      }),
      { numRuns: 200 },
    ),
  )
})

t.test('a crash between an entry and what it lets in is made good at the start', async (t) => {
  const driver = new Driver()
  const loan = { type: 'pool.lent', subject: 'U1', data: { loanId: 'L1', count: 2, dueOn: '2024-12-31' } }
  const base = { specversion: '1.0', source: '/a', time: new Date(startMs).toISOString() }
  driver.take({ kind: 'event', event: { ...base, ...loan, id: '1' } })
  driver.take({ kind: 'event', event: { ...base, ...registered(), id: '2', source: '/a' } })
  const torn = driver.batches.map((batch) => ({ ...batch, entries: batch.entries.slice(0, 1) }))
  const reopened = await openSequencer(sequencerLimits, logOf(torn))
  t.equal(reopened.quarantine.waitingCount, 1)
  const plan = new Plan(3 as LogPosition)
  reopened.settle(startMs, plan)
  t.match(plan.entries, [{ kind: 'event', released: '1', event: { id: '1' } }])
  const again = new Plan(4 as LogPosition)
  reopened.settle(startMs, again)
  t.same(again.entries, [])
})

t.test('a snapshot that was cut or changed anywhere is recognised', async (t) => {
  const driver = new Driver()
  for (const id of ['1', '2', '3'])
    driver.take({ kind: 'event', event: { ...registered(`U${id}`), time: new Date(startMs).toISOString() } })
  driver.take({ kind: 'refuse', text: '{' })
  const whole = bytesOf(driver.sequencer)
  const small = Array.from({ length: Math.ceil(whole.length / 7) }, (_, i) => whole.subarray(i * 7, i * 7 + 7))
  t.equal((await restoreSequencer(limits, small, 'x')).position, 4, 'in pieces of any size')
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] as number) ^ 0x10
    const code = await restoreSequencer(limits, [changed], 'x').catch((error) => error.code)
    if (code !== 'QW_SNAPSHOT_DAMAGED') t.fail(`byte ${at} changed: ${code}`)
    const cut = await restoreSequencer(limits, [whole.subarray(0, at)], 'x').catch((error) => error.code)
    if (cut !== 'QW_SNAPSHOT_DAMAGED') t.fail(`cut at byte ${at}: ${cut}`)
  }
  await t.rejects(restoreSequencer(limits, [whole, Buffer.from('x')], 'x'), { code: 'QW_SNAPSHOT_DAMAGED' })
  t.equal((await restoreSequencer(limits, [whole], 'x')).position, 4)
})

t.test('one snapshot at a time, and one that is given up makes way', async (t) => {
  const { sequencer } = new Driver()
  const one = snapshotSequencer(sequencer)
  t.throws(() => snapshotSequencer(sequencer))
  one.close()
  t.ok(bytesOf(sequencer).length > 0)
})
