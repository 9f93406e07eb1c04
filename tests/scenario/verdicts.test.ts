/**
 * A whole year of the full city against the real validator, sequencer and engine: every verdict is the expected one, and
 * what happens is what the plan describes.
 */
import t from 'tap'
import { approvalCauses, type QuotaEvent } from '../../src/core/event.js'
import type { Order } from '../../src/core/order.js'
import { dataSchemas } from '../../src/ingest/data-schemas.js'
import { simulate } from '../../src/scenario/scenario.js'
import { events as city } from '../data/census.js'
import { calendar, PlayedService, startOf } from './service.js'

const seed = Number(process.env['QW_TEST_SEED'] ?? 2024)
t.comment(`seed ${seed}; again with QW_TEST_SEED=${seed}`)

const service = new PlayedService(city, startOf('2024-01'))
const unexpected: string[] = []
const sent: { readonly event: QuotaEvent; readonly verdict: string; readonly code?: string; readonly nowMs: number }[] =
  []
const orders: Order[] = []
const lentByDay: number[] = []
const contractByStep: number[] = []

interface Facts {
  readonly approved: number
  readonly movedByState: number
  readonly usable: number
  readonly filled: number
  readonly onLoan: number
  readonly contract: number
}
const factsOf = (scope: string): Facts =>
  (service.engine.readFold({ kind: 'summary', scope }) as { facts: Facts }).facts
const before = factsOf('city')
const institutionBefore = factsOf('kind/institution').approved

for (const step of simulate({ seed, from: '2024-01', to: '2024-12', city, calendar })) {
  unexpected.push(...service.play(step))
  orders.push(...step.orders)
  for (const { event, expected } of step.events)
    sent.push({ event: event as unknown as QuotaEvent, ...expected, nowMs: step.nowMs })
  if (step.events.length > 0) continue
  lentByDay.push(factsOf('city').onLoan)
  contractByStep.push(factsOf('city').contract)
}
const accepted = sent.filter(({ verdict }) => verdict === 'accepted').map(({ event }) => event)
const countOf = (events: readonly QuotaEvent[], type: QuotaEvent['type']): number =>
  events.filter((event) => event.type === type).length

t.test('every event has the verdict, and every refusal the code, that was expected', async (t) => {
  t.same(unexpected, [])
  t.ok(accepted.length > 15_000, `${accepted.length} were accepted`)
})

t.test('people order what people order, and what they order happens', async (t) => {
  const given = (name: Order['order']) => orders.filter(({ order }) => order === name).length
  for (const [name, least] of [
    ['acknowledge', 5],
    ['lift', 10],
    ['silence', 12],
    ['decide', 20],
  ] as const)
    t.ok(given(name) >= least, `${given(name)} orders ${name}`)
  const made = (kind: string, to: string) =>
    service.transitions.filter((transition) => transition.kind === kind && transition.to === to).length
  t.equal(made('acknowledgement', 'acknowledged'), given('acknowledge'))
  t.equal(made('freeze', 'lifted'), given('lift'))
  t.equal(made('silence', 'silenced'), given('silence'))
  const [onRequests, onProposals] = ['requestId', 'proposalId'].map(
    (id) => orders.filter((order) => order.order === 'decide' && id in order).length,
  )
  t.equal(made('request', 'approved') + made('request', 'refused'), onRequests)
  t.ok(made('request', 'refused') > 0)
  t.equal(made('proposal', 'approved') + made('proposal', 'refused'), onProposals)
  t.ok(made('proposal', 'approved') > 3 && made('proposal', 'refused') > 10)
  const lifts = service.transitions.filter(({ kind, from }) => kind === 'freeze' && from === 'lifted')
  t.ok(new Set(lifts.map(({ to }) => to)).size === 2, 'a lift ends: some are frozen again, some are free by then')
  t.ok(made('silence', 'audible') > 0)
})

t.test(
  'a proposal that was approved moved the quota of its unit by what was proposed, and rewards come out of cuts',
  async (t) => {
    const approved = service.transitions.flatMap((transition) =>
      transition.kind === 'proposal' && transition.to === 'approved' ? [transition] : [],
    )
    const moved = approved.map(({ proposed }) => (proposed.approved?.to ?? 0) - (proposed.approved?.from ?? 0))
    t.ok(moved.some((posts) => posts > 0) && moved.some((posts) => posts < 0))
    t.ok(moved.reduce((sum, posts) => sum + posts, 0) <= 0)
    const open = (service.engine.read({ kind: 'proposals' }) as { readonly rule: string }[]).filter(
      ({ rule }) => rule === 'annual-grade',
    )
    t.ok(open.length > 3, 'and some are left to the people at the screen')
  },
)

t.test('every type of event happens, and posts move for every cause but the census', async (t) => {
  const types = [...Object.keys(dataSchemas), 'assessment.published', 'assessment.closed', 'indicator.reported']
  for (const type of types) t.ok(countOf(accepted, type as QuotaEvent['type']) > 0, type)
  const causes = new Set(accepted.map((event) => (event.type === 'quota.approved' ? event.data.cause : undefined)))
  for (const cause of approvalCauses) if (cause !== 'census') t.ok(causes.has(cause), cause)
})

t.test(
  'what should not be sent is sent now and then: repeats, late reports, waiting ones and refused ones',
  async (t) => {
    const share = (count: number): number => count / sent.length
    const of = (verdict: string) => sent.filter((each) => each.verdict === verdict)
    t.ok(share(of('duplicate').length) > 0.002 && share(of('duplicate').length) < 0.01)
    t.ok(share(of('quarantined').length) > 0.0005 && share(of('quarantined').length) < 0.01)
    t.ok(of('waiting').length > 0)
    t.ok(new Set(of('quarantined').map(({ code }) => code)).size >= 8, 'of many kinds')
    const late = sent.filter(
      ({ event, verdict, nowMs }) => verdict === 'accepted' && nowMs - Date.parse(event.time) > 86_400_000,
    )
    t.ok(share(late.length) > 0.003 && share(late.length) < 0.05, `${late.length} came more than a day late`)
  },
)

t.test('one feed is silent for days and then sends what it kept', async (t) => {
  const longest = (source: string): number => {
    const heard = sent.filter(({ event, verdict }) => event.source === source && verdict === 'accepted')
    return Math.max(...heard.map(({ nowMs }, i) => nowMs - (heard[i - 1]?.nowMs ?? nowMs)))
  }
  const silences = ['education', 'health', 'finance'].map((feed) => longest(`/departments/${feed}`) / 86_400_000)
  t.ok(
    silences.some((days) => days >= 5),
    `the longest silences were ${silences.join(', ')} days`,
  )
})

t.test('about 8.3 % of the staff leave in 2024, and posts are filled again', async (t) => {
  const after = factsOf('city')
  const left = accepted
    .filter((event) => event.type === 'staff.left' && event.data.basis === 'permanent')
    .filter(({ source }) => source !== '/departments/organisation')
    .reduce((sum, event) => sum + (event.type === 'staff.left' ? event.data.count : 0), 0)
  t.ok(left / before.filled > 0.075 && left / before.filled < 0.1, `${left} of ${before.filled}`)
  t.ok(Math.abs(after.filled / after.usable - before.filled / before.usable) < 0.01)
})

t.test('the city stays under its cap but for moments, the pool under 500, and contract staff go down', async (t) => {
  const after = factsOf('city')
  t.ok(after.approved <= 60_000 + after.movedByState, `${after.approved} posts`)
  t.ok(after.approved > 59_800)
  t.ok(Math.max(...lentByDay) <= 500)
  t.ok(Math.max(...lentByDay) > 150, 'the pool is used')
  const ratio = after.contract / factsOf('kind/institution').approved
  t.ok(ratio < 0.73 && ratio > 0.6, `${ratio}`)
  t.ok(before.contract / institutionBefore > 0.76)
  t.ok(contractByStep.every((count, day) => count <= (contractByStep[day - 30] ?? before.contract) + 50))
})

t.test('rules fire at a rate that people can follow, and every colour comes back', async (t) => {
  const during = service.transitions.filter(({ at }) => at > startOf('2024-01'))
  const daily = during.length / 365
  t.ok(daily > 1.2 && daily < 12, `${daily} transitions a day`)
  for (const rule of ['over-quota', 'vacancy', 'progress', 'frozen-use'])
    for (const to of ['green', rule === 'vacancy' ? 'yellow' : 'red'])
      t.ok(
        during.some((each) => each.kind === 'alert' && each.rule === rule && each.to === to),
        `${rule} ${to}`,
      )
  const frozen = during.filter((each) => each.kind === 'freeze' && each.to === 'frozen').length
  const freed = during.filter((each) => each.kind === 'freeze' && each.to === 'none').length
  t.ok(frozen > 50 && frozen < 300, `${frozen} freezes`)
  t.ok(Math.abs(frozen - freed) < 30, `${freed} ended`)
})
