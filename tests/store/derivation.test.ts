/** The engine is the oracle: after the same log it must know the same figures of every unit, and the same sums. */
import fc from 'fast-check'
import t from 'tap'
import { bases, counties, type UnixMs } from '../../src/core/names.js'
import { Derivation } from '../../src/store/derivation.js'
import { sumNames } from '../../src/store/hourly.js'
import type { StoredBatch } from '../../src/store/source.js'
import { tableOf } from '../../src/store/tables.js'
import type { Field } from '../../src/store/tsv.js'
import { Engine, shippedRules } from '../alerts/engine.js'
import { type CitySettings, makeCity } from './city.js'

type Fields = Record<string, Field>

const columnsAfter = (table: 'unit_state' | 'hourly', count: number): string[] =>
  tableOf(table)
    .columns.slice(count)
    .map(({ name }) => name)

/** The last row of each unit, and of each county and sector, after everything. */
class Shown {
  readonly units = new Map<string, Fields>()
  readonly cells = new Map<string, Fields>()

  add(derivation: Derivation, batch: StoredBatch, engine: Engine): void {
    const derived = derivation.step(batch, engine.step(batch))
    for (const { unit, fields } of derived.units) this.units.set(unit, named(columnsAfter('unit_state', 3), fields))
    for (const { county, sector, sums } of derived.hours)
      this.cells.set(`${county}/${sector}`, named(columnsAfter('hourly', 4), sums))
  }

  sumsOf(county: string): Record<(typeof sumNames)[number], number> {
    const cells = [...this.cells].filter(([cell]) => cell.startsWith(`${county}/`))
    const sum = (name: string) => cells.reduce((total, [, sums]) => total + Number(sums[name]), 0)
    return Object.fromEntries(sumNames.map((name) => [name, sum(name)])) as Record<(typeof sumNames)[number], number>
  }
}

const named = (names: readonly string[], fields: readonly Field[]): Fields =>
  Object.fromEntries(names.map((name, at) => [name, fields[at]]))

/** The city with the shipped rules, and a last tick an hour later that ends every hour. */
function batchesOf(settings: CitySettings): StoredBatch[] {
  const batches = makeCity(settings).batches.map((batch, at): StoredBatch => {
    if (at > 0) return batch
    return { ...batch, entries: [{ kind: 'rules', rules: shippedRules }, ...batch.entries.slice(1)] }
  })
  const last = batches.at(-1) as StoredBatch
  const firstPosition = (last.firstPosition + last.entries.length) as StoredBatch['firstPosition']
  return [
    ...batches,
    { firstPosition, nowMs: (last.nowMs + 3_600_000) as UnixMs, entries: [{ kind: 'tick' }], lines: ['{}'] },
  ]
}

interface UnitView {
  readonly county: string
  readonly sector: string
  readonly frontline: boolean
  readonly closed?: true
  readonly facts: Readonly<Record<string, unknown>> & { readonly heads: Readonly<Record<string, number>> }
  readonly policy: string
  readonly colour: string
  readonly freeze: { readonly state: string }
}

const cities = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  units: fc.integer({ min: 1, max: 12 }),
  batches: fc.integer({ min: 2, max: 60 }),
  entriesPerBatch: fc.integer({ min: 1, max: 30 }),
  stepMs: fc.constantFrom(1000, 3_600_000, 86_400_000),
})

t.test('the row of a unit shows what the engine knows of it', (t) => {
  const property = fc.property(cities, (settings) => {
    const [engine, derivation, shown] = [new Engine(), new Derivation(), new Shown()]
    for (const batch of batchesOf(settings)) shown.add(derivation, batch, engine)
    for (const [id, fields] of shown.units) {
      const view = engine.read({ kind: 'unit', id }) as UnitView | undefined
      if (!view) continue
      const { facts } = view
      const expected = {
        county: view.county,
        sector: view.sector,
        frontline: view.frontline,
        stands: view.closed === undefined,
        approved: facts['approved'],
        on_loan: facts['onLoan'],
        usable: facts['usable'],
        filled: facts['filled'],
        over_by: facts['overBy'],
        ...Object.fromEntries(bases.map((basis) => [basis, facts.heads[basis]])),
        contract: facts['contract'],
        colour: view.colour,
        freeze: view.freeze.state,
        policy: view.policy,
      }
      const { level: _level, kind: _kind, ...found } = fields
      if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected))) fail(id, found, expected)
    }
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 40 }))
  t.end()
})

t.test('the sums of a county are the ones that the engine adds up', (t) => {
  const property = fc.property(cities, (settings) => {
    const [engine, derivation, shown] = [new Engine(), new Derivation(), new Shown()]
    for (const batch of batchesOf(settings)) shown.add(derivation, batch, engine)
    for (const county of counties) {
      const summary = engine.fold.read({ kind: 'summary', scope: `county/${county}` }) as {
        readonly units: number
        readonly facts: Readonly<Record<string, number>>
        readonly colours: Readonly<Record<string, number>>
        readonly frozen: number
      }
      const found = shown.sumsOf(county)
      const { approved, onLoan, usable, filled, contract } = summary.facts
      const expected = {
        units: summary.units,
        approved,
        on_loan: onLoan,
        usable,
        filled,
        contract,
        ...summary.colours,
        frozen: summary.frozen,
      }
      const { over_posts: _over, institution_approved: _institution, ...compared } = found
      if (JSON.stringify(sorted(compared)) !== JSON.stringify(sorted(expected))) fail(county, compared, expected)
    }
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 40 }))
  t.end()
})

t.test('a derivation that goes on from a checkpoint gives the same rows', (t) => {
  const property = fc.property(cities, fc.nat(), (settings, cut) => {
    const [engine, other] = [new Engine(), new Engine()]
    const whole = new Derivation()
    let resumed = new Derivation()
    const batches = batchesOf(settings)
    batches.forEach((batch, at) => {
      const rows = whole.step(batch, engine.step(batch))
      const again = resumed.step(batch, other.step(batch))
      if (JSON.stringify(again) !== JSON.stringify(rows)) fail(`batch ${at}`, again, rows)
      if (at !== cut % batches.length) return
      const kept = resumed.kept()
      resumed = new Derivation(JSON.parse(JSON.stringify({ ...kept, units: [...kept.units] })))
    })
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 40 }))
  t.end()
})

function sorted(record: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

function fail(what: string, found: unknown, expected: unknown): never {
  throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
}
