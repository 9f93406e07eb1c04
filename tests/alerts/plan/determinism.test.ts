/**
 * All rules, all events, all orders: the same log gives the same bytes and the same numbers, whatever the count of shards
 * and wherever it was restarted.
 */
import process from 'node:process'
import fc from 'fast-check'
import t from 'tap'
import type { Transition } from '../../../src/core/transition.js'
import { Engine, shippedRules } from '../engine.js'
import { planWorld } from './world.js'

/** The same worlds in every run; another SEED, or more RUNS, for who looks for a fault. */
const { SEED = '2024', RUNS = '15' } = process.env
const runs = { seed: Number(SEED), numRuns: Number(RUNS) }

/** fast-check prints the seed of a world that fails; `planWorld` with it replays the log. */
const anyWorld = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  units: fc.integer({ min: 3, max: 20 }),
  batches: fc.integer({ min: 20, max: 160 }),
})

t.test('1, 2, 3 and 8 shards, restarted here and there, say the same bytes under the same n', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, fc.array(fc.nat({ max: 160 }), { maxLength: 8 }), (options, restarts) => {
        const world = planWorld(options)
        const steady = new Engine()
        const others = [1, 2, 3, 8].map((shards) => new Engine(shards))
        return world.every((batch, at) => {
          const said = JSON.stringify(steady.step(batch))
          return (
            others.every((engine, of) => {
              // Not all at the same moment.
              if (restarts.includes(at - of)) engine.restart()
              return JSON.stringify(engine.step(batch)) === said && engine.nextDeadlineMs === steady.nextDeadlineMs
            }) &&
            (at % 20 > 0 || others.every(({ fold }) => fold.snapshot() === steady.fold.snapshot()))
          )
        })
      }),
      runs,
    ),
  )
})

t.test('of every alert, freeze, proposal, silence and rung each step begins where the one before ended', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWorld, (options) => {
        const last = new Map<string, string>()
        for (const transition of new Engine().run(planWorld(options)).transitions) {
          const wrong = breakOf(transition, last)
          if (wrong) throw new Error(wrong)
        }
        return true
      }),
      runs,
    ),
  )
})

const first: Readonly<Record<Transition['kind'], string>> = {
  alert: 'green',
  freeze: 'none',
  escalation: '',
  acknowledgement: 'open',
  silence: 'audible',
  proposal: 'none',
  request: 'pending',
}

/** What does not follow from what was said of it before. */
function breakOf(transition: Transition, last: Map<string, string>): string | undefined {
  const { kind, subject, from, to, n } = transition
  const of = 'rule' in transition ? transition.rule : 'requestId' in transition ? transition.requestId : ''
  const key = `${kind} ${subject} ${kind === 'proposal' ? transition.proposalId : of}`
  if (kind === 'alert') {
    // Another colour may begin at the bottom again, and whoever had it in hand may have lost it without a word.
    last.delete(`escalation ${subject} ${of}`)
    last.set(`acknowledgement ${subject} ${of}`, 'open or not')
  }
  const was = last.get(key) ?? (kind === 'escalation' ? from : first[kind])
  last.set(key, to)
  const isSame = from === to && to !== 'lifted' && to !== 'silenced' && to !== 'acknowledged'
  if (was === 'open or not' || (was === from && !isSame)) return undefined
  return `${n}: ${key} ${from} to ${to} after ${was}`
}

t.test('the worlds are eventful: every level of every rule is entered and left, by every kind of cause', async (t) => {
  const seeds = Array.from({ length: 32 }, (_, seed) => seed)
  const runs = seeds.map((seed) => new Engine().run(planWorld({ seed, units: 12, batches: 500 })))
  const seen = new Set(runs.flatMap(({ transitions }) => transitions.flatMap(wordsOf)))
  const levels = shippedRules.rules.flatMap(({ id, yellow, red }) => [
    `${id} green`,
    ...(yellow ? [`${id} yellow`] : []),
    ...(red ? [`${id} red`] : []),
  ])
  for (const expected of [
    ...levels,
    ...['freeze none>frozen', 'freeze frozen>none', 'freeze frozen>lifted', 'freeze lifted>frozen'],
    ...['freeze lifted>none', 'freeze none>lifted'],
    ...['event', 'order', 'deadline', 'rules', 'policy', 'load', 'calendar', 'closed', 'settled', 'alarm'],
    ...['escalation unit>county', 'escalation county>city', 'silence audible>silenced', 'silence silenced>audible'],
    ...['acknowledgement open>acknowledged', 'acknowledgement acknowledged>open'],
    ...['proposal none>open', 'proposal open>withdrawn', 'request pending>approved'],
  ])
    t.ok(seen.has(expected), expected)
})

function wordsOf(transition: Transition): string[] {
  const { kind, from, to, why } = transition
  const moved = kind === 'alert' ? `${transition.rule} ${to}` : `${kind} ${from}>${to}`
  return [moved, why.cause ?? (why.order ? 'order' : 'event')]
}
