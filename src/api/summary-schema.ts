/**
 * The sums of a scope as JSON Schema: `GET /v1/summary`.
 */
import { colours } from '../core/names.js'
import { account, facts, flag, list, nullable, number, shape, text, time, whole } from './schema-words.js'

const measured = nullable('number')

/** What is measured of a county. */
const ofCounty = {
  areaKm2: measured,
  pilotWave: nullable('integer'),
  insuranceCoverageRatio: measured,
  negativeOpinionRatio: measured,
  satisfactionPoints: measured,
  stockActivationRatio: measured,
} as const

/** What is the city's alone. */
const ofCity = {
  densitySpread: measured,
  gdpPerEmployeeCny: measured,
  gdpGrowthRatio: measured,
  mobilityRatio: measured,
  movedByListThisYear: whole,
  pool: shape(['lent', 'loans', 'requests'], { lent: whole, loans: whole, requests: whole }),
  funds: list(
    shape(['account', 'budgetedCny', 'spentCny', 'ratio'], {
      account,
      budgetedCny: number,
      spentCny: number,
      ratio: measured,
    }),
  ),
  reserveOpened: flag,
  sources: list(
    shape(['source', 'heardAt'], {
      source: text,
      heardAt: time,
      silent: { type: 'string', enum: colours, description: 'of silent-source: what it told is old' },
    }),
  ),
} as const

/** A feed that told of what is answered, and is silent. */
export const staleFeed = {
  source: text,
  since: { ...time, description: 'heard last' },
  colour: { type: 'string', enum: colours, description: 'of silent-source' },
  facts: { ...list(text), description: 'what of this answer hangs on it' },
} as const

export const summary = shape(['scope', 'units', 'facts', 'policy', 'colours', 'frozen'], {
  scope: text,
  units: whole,
  facts: shape([...Object.keys(facts), 'movedByState', 'ratios'], {
    ...facts,
    movedByState: whole,
    ratios: { type: 'object', description: 'null over nothing', additionalProperties: nullable('number') },
    ...ofCounty,
    ...ofCity,
  }),
  policy: text,
  colours: shape(colours, Object.fromEntries(colours.map((each) => [each, whole]))),
  frozen: whole,
  stale: {
    ...shape(['units', 'feeds'], {
      units: { ...whole, description: 'of the scope, of which a silent feed told: each counted once' },
      feeds: list(
        shape([...Object.keys(staleFeed), 'units'], {
          ...staleFeed,
          units: { ...whole, description: 'of which this one told' },
        }),
      ),
    }),
    description: 'how much of the sums is old; absent while every feed speaks, and on the stream',
  },
})
