/**
 * A seeded small city in which everything happens that the plan knows of, told to the engine and to an oracle that works
 * everything out anew. After each batch the colour of every rule on every subject, who looks after it, whether it is in hand
 * or silenced, every proposal, every freeze and the count of units by colour must be the same; the engine is restarted here and there, and woken when it wants to be.
 *
 * `SEED=7 node dist/tests/alerts/plan/simulation.test.js` replays one; `SEEDS=1000` looks at more.
 */
import process from 'node:process'
import t from 'tap'
import type { UnixMs } from '../../../src/core/names.js'
import { decisions } from '../../../src/core/order.js'
import type { ProposalState, Proposed } from '../../../src/core/transition.js'
import { Engine, type WorldBatch } from '../engine.js'
import { type Random, randomFrom } from '../random.js'
import { PlanOracle } from './oracle.js'
import { planWorld } from './world.js'

const { SEED, SEEDS = '16' } = process.env
const seeds = SEED === undefined ? Array.from({ length: Number(SEEDS) }, (_, at) => at + 1) : [Number(SEED)]

/** Of ever more: the first ones are for whoever looks for a fault, the last ones see years pass. */
const optionsOf = (seed: number) => ({ seed, units: 3 + (seed % 10), batches: 40 + (seed % 5) * 60 })

/** What must have been compared at least once, or the cities are not worth the comparison. */
const missing = new Set([
  ...['red unit', 'red county', 'red city', 'yellow county', 'in hand', 'silent until', 'then'],
  ...['open quota', 'open budget', 'open deny', 'withdrawn quota', 'withdrawn deny'],
  ...['approved quota', 'frozen', 'lifted'],
])

t.test(
  'the engine says what the oracle says, of every rule, rung, silence, proposal, freeze and unit, after every batch',
  async (t) => {
    for (const seed of seeds) {
      const wrong = firstDifference(seed)
      if (wrong !== undefined) t.fail(`SEED=${seed}: ${wrong}`)
    }
    t.ok(seeds.length > 0, `${seeds.length} cities`)
    if (SEED === undefined) t.same([...missing], [], 'never seen')
  },
)

function firstDifference(seed: number): string | undefined {
  const random = randomFrom(seed ^ 0x5eed)
  const engine = new Engine(random.whole(1, 3))
  const oracle = new PlanOracle()
  let step = 0
  let lastMs = 0
  for (const batch of planWorld(optionsOf(seed))) {
    for (const each of [...wakings(engine, lastMs, batch, random), batch]) {
      if (random.chance(0.05)) engine.restart()
      engine.step(each)
      oracle.take(each)
      const said = saidBy(oracle)
      noteSeen(said)
      const wrong = difference(shownBy(engine), said) ?? wrongWaking(engine, each)
      lastMs = each.nowMs
      if (wrong)
        return `batch ${step} at ${new Date(each.nowMs).toISOString()}: ${wrong} after ${inShort(each).slice(0, SEED ? undefined : 300)}`
    }
    step++
  }
  return undefined
}

function noteSeen(said: ReadonlyMap<string, string>): void {
  if (missing.size === 0) return
  const all = [...said.values()].join('\n')
  for (const word of missing) if (all.includes(word)) missing.delete(word)
}

/** A tick at the engine's next deadline, as the service would append it; or none, as after a long sleep. */
function wakings(engine: Engine, fromMs: number, { nowMs }: WorldBatch, random: Random): WorldBatch[] {
  const { nextDeadlineMs } = engine
  if (nextDeadlineMs === undefined || nextDeadlineMs >= nowMs || random.chance(0.5)) return []
  return [{ nowMs: Math.max(nextDeadlineMs, fromMs) as UnixMs, entries: [{ kind: 'tick' }] }]
}

/** After a tick nothing may be due any more, or the service would tick for ever. */
function wrongWaking({ nextDeadlineMs }: Engine, { nowMs, entries }: WorldBatch): string | undefined {
  const isTick = entries.length === 1 && entries[0]?.kind === 'tick'
  return isTick && nextDeadlineMs !== undefined && nextDeadlineMs <= nowMs
    ? `still due at ${nextDeadlineMs}`
    : undefined
}

function inShort({ entries }: WorldBatch): string {
  return JSON.stringify(
    entries.map((entry) => (entry.kind === 'rules' || entry.kind === 'calendar' ? entry.kind : entry)),
  )
}

interface AlertShown {
  readonly subject: string
  readonly rule: string
  readonly colour: string
  readonly rung?: string
  readonly acknowledged?: object
  readonly silenced?: { readonly until: string }
  readonly silenceAhead?: { readonly from: string; readonly until: string }
}

interface ProposalShown {
  readonly proposalId: string
  readonly state: string
  readonly proposed: Proposed
}

interface FreezeShown {
  readonly unit: string
  readonly state: string
  readonly sequence: number
  readonly reasons: readonly string[]
}

interface CityShown {
  readonly colours: Readonly<Record<'green' | 'yellow' | 'red', number>>
  readonly frozen: number
}

function shownBy(engine: Engine): Map<string, string> {
  const alerts = [engine.read({ kind: 'alerts' }), engine.readFold({ kind: 'alerts' })].flat() as AlertShown[]
  const proposals = ['open', ...decisions].flatMap((state) => {
    const query = { kind: 'proposals', state: state as ProposalState } as const
    return [engine.read(query), engine.readFold(query)].flat() as ProposalShown[]
  })
  const states = ['none', 'frozen', 'lifted'] as const
  const freezes = states.flatMap((state) => engine.read({ kind: 'freezes', state }) as FreezeShown[])
  const { colours, frozen } = engine.readFold({ kind: 'summary', scope: 'city' }) as CityShown
  return new Map([
    ...alerts.map((alert) => [`${alert.rule} ${alert.subject}`, alertInShort(alert)] as const),
    ...proposals.map(({ proposalId, ...proposal }) => [`proposal ${proposalId}`, proposalInShort(proposal)] as const),
    ...freezes.map(
      ({ unit, state, sequence, reasons }) =>
        [`freeze ${unit}`, `${state} ${sequence} [${reasons.join(' ')}]`] as const,
    ),
    ['units', JSON.stringify({ ...colours, frozen })],
  ])
}

function alertInShort({ colour, rung, acknowledged, silenced, silenceAhead }: AlertShown): string {
  const ms = (text: string) => Date.parse(text)
  return [
    `${colour} ${rung}`,
    ...(acknowledged ? ['in hand'] : []),
    ...(silenced ? [`silent until ${ms(silenced.until)}`] : []),
    ...(silenceAhead ? [`then ${ms(silenceAhead.from)} to ${ms(silenceAhead.until)}`] : []),
  ].join(' ')
}

function proposalInShort({ state, proposed }: Omit<ProposalShown, 'proposalId'>): string {
  const { kind, ratio = '', approved } = proposed
  return `${state} ${kind} ${ratio} ${approved ? `${approved.from} to ${approved.to}` : ''}`
}

function saidBy({ alerts, freezes, counts, proposals }: PlanOracle): Map<string, string> {
  return new Map([
    ...alerts,
    ...proposals.shown,
    ...[...freezes].map(([unit, said]) => [`freeze ${unit}`, said] as const),
    ['units', JSON.stringify(counts)],
  ])
}

function difference(shown: ReadonlyMap<string, string>, said: ReadonlyMap<string, string>): string | undefined {
  const keys = [...new Set([...shown.keys(), ...said.keys()])].sort()
  const wrong = keys.filter((key) => shown.get(key) !== said.get(key))
  const line = (key: string) => `${key} is ${shown.get(key) ?? 'green'} instead of ${said.get(key) ?? 'green'}`
  return wrong.length === 0 ? undefined : wrong.map(line).join('; ')
}
