/**
 * The api before a city of a few units that stands still: what it reads is given, so answers can be told in full.
 */
import Fastify, { type FastifyInstance } from 'fastify'
import { type ApiDeps, type Play, type ReadQuery, registerApi } from '../../src/api/api.js'
import { createMetrics } from '../../src/api/metrics.js'
import { formatTime } from '../../src/core/day.js'
import { QwError } from '../../src/core/errors.js'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { firstPolicy } from '../../src/core/policy.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import type { Transition } from '../../src/core/transition.js'
import { installProblems, problemOptions } from '../../src/http/problem.js'

export const startMs = Date.parse('2024-01-02T00:00:00+08:00') as UnixMs

const alertOf = (subject: string, rule: string) => ({
  rule,
  ruleVersion: '0123456789ab',
  subject,
  colour: 'red',
  since: formatTime(startMs),
  n: 1,
  why: {
    figure: { numerator: '3', denominator: '1', value: 3 },
    threshold: { above: '0' },
    events: [{ source: '/departments/hr', id: 'hr-1' }],
    policy: 'home@1',
    assumed: false,
  },
})

const facts = {
  approved: 40,
  onLoan: 0,
  usable: 40,
  filled: 43,
  overBy: 3,
  vacancyRatio: -0.075,
  contract: 0,
  heads: { permanent: 43, seconded_in: 0, seconded_out: 0, posted_in: 0, posted_out: 0 },
}

export const unitOf = (id: string) => ({
  id,
  name: `第一小学 ${id}`,
  level: 'county',
  county: 'PJ',
  kind: 'institution',
  sector: 'education',
  frontline: true,
  facts,
  policy: 'home@1',
  colour: 'red',
  freeze: { state: 'frozen', reasons: ['over-quota'], sequence: 1, since: formatTime(startMs) },
  alerts: [alertOf(id, 'over-quota')],
  proposals: [proposalOf(id, 'open')],
  loans: [{ loanId: 'L-1', out: 2, dueOn: '2024-06-30', workingDaysPastDue: 0, project: '园区', investmentCny: 2e8 }],
  requests: [
    {
      requestId: 'R-1',
      kind: 'pool',
      count: 2,
      submittedAt: formatTime(startMs),
      workingDaysPending: 3,
      uncertain: true,
    },
  ],
  cases: [{ caseId: 'C-1', channel: 'hotline', openedAt: formatTime(startMs), workingDaysOpen: 1 }],
  tasks: [],
  assessments: [{ kind: 'annual', period: '2023', figure: 'failed', closed: true }],
  funds: [{ account: 'platform', budgetedCny: 10, spentCny: 9.5 }],
})

export const proposalOf = (subject: string, state: string) => ({
  proposalId: `annual-grade:${subject}:1`,
  rule: 'annual-grade',
  subject,
  unit: subject,
  county: 'PJ',
  state,
  since: formatTime(startMs),
  proposed: { kind: 'quota', ratio: '-0.10', approved: { from: 40, to: 36 }, assumed: true },
  ...(state === 'open' ? {} : { decidedBy: '王' }),
})

export const playbook = {
  id: 'over-quota',
  title: { zh: '超编处置预案', en: 'over quota' },
  owner: '县级分中心',
  steps: ['核实'],
  contacts: ['值班室'],
}

const title = { zh: '超编', en: 'over quota' }

export const ruleSet: RuleSet = {
  name: 'few',
  version: '0123456789ab',
  escalation: { county: { workingDays: 1 }, city: { ms: 1000 }, assumed: true },
  sources: { '/departments/hr': 1000 },
  rules: [
    {
      id: 'over-quota',
      title,
      scopes: ['unit'],
      plan: '3.3',
      figure: { numerator: 'overBy' },
      red: { above: '0', back: '0' },
      actions: ['freeze'],
      playbook: 'over-quota',
      version: '0123456789ab',
    },
    {
      id: 'contract-ratio',
      title,
      scopes: ['county', 'city'],
      plan: '2.1',
      figure: { numerator: 'contract', denominator: 'approved' },
      levelsOf: { county: { yellow: { above: { 2024: '0.6', 2025: '0.5' }, back: '0.01', assumed: true } } },
      red: { above: '0.762', or: 'approved == 0' },
      hold: { enterMs: 1, leaveMs: 2 },
      actions: ['notify'],
      proposals: [{ kind: 'quota', ratio: '-0.1', when: 'true', per: '1', assumed: true }],
      escalation: { county: { ms: 1 }, city: { ms: 2 } },
      closable: true,
      assumed: true,
      version: '0123456789ac',
    },
  ],
  playbooks: [playbook],
}

export const transitionOf = (n: number): Transition => ({
  kind: 'freeze',
  n: n as N,
  topics: { all: (n - 1) as N, freezes: (n - 1) as N },
  position: (n + 10) as LogPosition,
  subject: 'PJ-1',
  unit: 'PJ-1',
  county: 'PJ',
  from: 'none',
  to: 'lifted',
  sequence: n,
  reasons: ['over-quota'],
  until: (startMs + 3_600_000) as UnixMs,
  by: '王',
  at: startMs,
  why: { events: [], policy: 'home@1', assumed: false, order: { order: 'lift', by: '王', reason: '搬迁' } },
})

export interface City {
  readonly units: string[]
  readonly alerts: { subject: string; rule: string }[]
  readonly asked: ReadQuery[]
  transitions: number
  nowMs: number
  play?: Play | undefined
  parts: { name: string; state: string; ready: boolean }[]
}

export const standingCity = (): City => ({
  units: [],
  alerts: [],
  asked: [],
  transitions: 0,
  nowMs: startMs,
  parts: [{ name: 'log', state: 'writing', ready: true }],
})

const ofCity = {
  densitySpread: null,
  gdpPerEmployeeCny: 123_000,
  movedByListThisYear: 0,
  pool: { lent: 1, loans: 1, requests: 0 },
  funds: [{ account: 'special', budgetedCny: 0, spentCny: 0, ratio: null }],
  reserveOpened: false,
  sources: [{ source: '/departments/hr', heardAt: formatTime(startMs) }],
}

const summaryOf = (scope: string, units: number) => ({
  scope,
  units,
  facts: { ...facts, movedByState: 0, ratios: { contract: null, frontline: 0.4 }, ...(scope === 'city' ? ofCity : {}) },
  policy: 'home@1',
  colours: { green: 0, yellow: 0, red: units },
  frozen: units,
})

const noChange = { total: 0, items: [] }
/** With the file that was asked about in the place of a rule, so that a test sees how the body was read. */
const previewOf = (n: number, file: string) => ({
  n,
  at: formatTime(startMs),
  from: { name: 'few', version: '0123456789ab' },
  to: { name: 'other', version: '0123456789ac' },
  sentence: { zh: '现在启用将冻结 1 个单位。', en: 'Activated now it would freeze 1 unit.' },
  counts: {
    alertsRaised: 0,
    alertsRed: 0,
    alertsWorse: 0,
    alertsEased: 0,
    alertsCleared: 0,
    unitsFrozen: 1,
    unitsReleased: 0,
    proposalsOpened: 0,
    proposalsWithdrawn: 0,
    escalations: 0,
  },
  rules: { added: [file], removed: [], changed: [{ id: 'vacancy', parts: ['yellow'] }], set: ['escalation'] },
  freezes: { total: 1, items: [{ kind: 'freeze', subject: 'PJ-1', from: 'none', to: 'frozen' }] },
  alerts: noChange,
  proposals: noChange,
  others: noChange,
})

/** What the engine would answer, from the fixture's lists. */
function answerOf(city: City, query: ReadQuery): unknown {
  switch (query.kind) {
    case 'unit':
      return city.units.includes(query.id) ? unitOf(query.id) : undefined
    case 'units':
      return city.units
        .filter((id) => id > (query.after ?? ''))
        .sort()
        .slice(0, query.limit)
        .map(unitOf)
    case 'alerts':
      return city.alerts
        .filter(({ rule }) => query.rule === undefined || rule === query.rule)
        .map(({ subject, rule }) => alertOf(subject, rule))
    case 'freezes':
      return city.units.map((unit) => ({ unit, ...unitOf(unit).freeze }))
    case 'proposals':
      return city.units.map((unit) => proposalOf(unit, query.state ?? 'open'))
    case 'standing':
      return { rules: ruleSet, policy: firstPolicy }
    case 'summary':
      return summaryOf(query.scope, city.units.length)
  }
}

/** It is in the store, and nowhere else any more. */
export const closedLongAgo = 'PJ-OLD-0001'
/** The store is behind. */
export const notStoredYet = 'PJ-NEW-0001'

const figuresThen = {
  ...{ approved: null, onLoan: 0, usable: null, filled: 7, overBy: null, contract: 0 },
  ...{ colour: 'green', freeze: 'none', policy: 'home@1' },
}
const sumsThen = {
  sums: {
    ...{ units: 3, approved: 9, onLoan: 0, usable: 9, filled: 7, overPosts: 0, institutionApproved: 4, contract: 1 },
    ...{ green: 3, yellow: 0, red: 0, frozen: 0 },
  },
  policy: null,
}

export function depsOf(city: City, clock: 'system' | 'scenario'): ApiDeps {
  return {
    version: '0.0.0-test',
    streamDocument: { asyncapi: '3.0.0' },
    gate: ({ unit, count }) => {
      if (!city.units.includes(unit)) throw new QwError('QW_NOT_FOUND', { what: `unit ${unit}` })
      const reasons = count > 1 ? [{ code: 'QW_GATE_FROZEN', rule: 'over-quota', text: 'frozen' } as const] : []
      return { allow: reasons.length === 0, reasons, n: city.transitions as N }
    },
    read: async (query) => {
      city.asked.push(query)
      return { n: city.transitions as N, value: answerOf(city, query) }
    },
    transitions: async (since, limit) =>
      Array.from({ length: city.transitions }, (_, i) => transitionOf(i + 1))
        .filter(({ n }) => n > since)
        .slice(0, limit),
    history: async ({ subject, toMs = startMs, fromMs = (toMs - 30 * 86_400_000) as UnixMs, stepMs }) => {
      if (subject === 'away') throw new QwError('QW_STORE_AWAY', { reason: 'connection refused' })
      const moments = Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, i) => fromMs + i * stepMs)
      const storedTo = { position: 17 as LogPosition, atMs: startMs }
      const points = (figures: object) => moments.map((atMs) => ({ atMs: atMs as UnixMs, ...figures }))
      if (subject === 'city')
        return { of: 'sums', isKnown: true, storedTo, points: points(sumsThen), latest: { atMs: startMs, ...sumsThen } }
      if (subject === closedLongAgo)
        return {
          of: 'unit',
          isKnown: true,
          storedTo,
          points: points({ ...figuresThen, closed: true }),
          closedAtMs: startMs,
        }
      const isKnown = subject !== notStoredYet && city.units.includes(subject)
      return { of: 'unit', isKnown, storedTo, points: isKnown ? points(figuresThen) : [] }
    },
    preview: async (text) => previewOf(city.transitions, text),
    previewBytesMax: 1000,
    head: () => city.transitions as N,
    clock: {
      kind: clock,
      nowMs: () => city.nowMs as UnixMs,
      play: () => city.play,
      moveTo: async (ms, play) => {
        if (clock === 'system') throw new QwError('QW_CLOCK_KIND', { clock, reason: 'nobody sets it' })
        if (ms < city.nowMs) throw new QwError('QW_CLOCK_BACKWARD', { now: formatTime(city.nowMs as UnixMs) })
        if (city.play && play && play.seed !== city.play.seed) throw new QwError('QW_PLAY_DIFFERS', { ...city.play })
        city.nowMs = ms
        city.play ??= play
      },
    },
    parts: () => city.parts,
    metrics: createMetrics(),
  }
}

export async function serve(city: City, clock: 'system' | 'scenario' = 'scenario'): Promise<FastifyInstance> {
  const app = Fastify({ ...problemOptions, routerOptions: { maxParamLength: 1000 } })
  installProblems(app)
  await registerApi(app, depsOf(city, clock))
  return app
}
