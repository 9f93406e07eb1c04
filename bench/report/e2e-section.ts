/**
 * e2e and its relatives (storm, slow): latency by percentile, by second, by stage.
 */
import type { E2eResult } from '../e2e-report.js'
import { stageNames } from '../messages.js'
import { barChart, lineChart } from './charts.js'

/** What the design promises. */
const promise = { y: 50, label: '50 ms' }

const stageLabels: Readonly<Record<(typeof stageNames)[number], string>> = {
  intendedToReceived: 'to the core',
  receivedToDurable: 'to the disk',
  durableToJudged: 'judged',
  judgedToPublished: 'published',
  publishedToClient: 'at the client',
}

/** Results of before the curve was kept have five points of it. */
const curveOf = ({ latencyCurve, latencyMs }: Partial<E2eResult>): readonly (readonly [number, number])[] => {
  if (latencyCurve !== undefined) return latencyCurve
  if (latencyMs === undefined) return []
  const { p50, p90, p99, p999 } = latencyMs
  return [
    [50, p50],
    [90, p90],
    [99, p99],
    [99.9, p999],
  ]
}

const byPercentile = (result: Partial<E2eResult>): string =>
  lineChart({
    title: 'Latency by percentile',
    x: 'percentile',
    y: 'ms (log)',
    xKind: 'percentile',
    yKind: 'log',
    lines: [{ name: 'latency', points: curveOf(result) }],
    limit: promise,
  })

const bySecond = ({ perSecond = [] }: Partial<E2eResult>): string => {
  const measured = perSecond.filter(({ deliveries }) => deliveries > 0)
  const line = (name: string, pick: (one: (typeof measured)[number]) => number) => ({
    name,
    points: measured.map((one) => [one.second, pick(one)] as const),
  })
  return lineChart({
    title: 'Latency by second',
    x: 'second',
    y: 'ms (log)',
    yKind: 'log',
    lines: [
      line('p50', ({ latencyMs }) => latencyMs.p50),
      line('p99', ({ latencyMs }) => latencyMs.p99),
      line('max', ({ latencyMs }) => latencyMs.max),
    ],
    limit: promise,
  })
}

const byStage = ({ stagesMs }: Partial<E2eResult>): string =>
  stagesMs === undefined
    ? ''
    : barChart({
        title: 'Latency by stage',
        x: 'from the intended time to the client, in order',
        y: 'ms',
        groups: stageNames.map((name) => stageLabels[name]),
        series: [
          { name: 'p50', values: stageNames.map((name) => stagesMs[name]?.p50) },
          { name: 'p99', values: stageNames.map((name) => stagesMs[name]?.p99) },
        ],
      })

const deliveries = ({ perSecond = [] }: Partial<E2eResult>): string =>
  lineChart({
    title: 'Deliveries by second',
    x: 'second',
    y: 'deliveries',
    lines: [{ name: 'deliveries', points: perSecond.map((one) => [one.second, one.deliveries] as const) }],
  })

export const e2eFacts = (result: Partial<E2eResult>): string[] => {
  const { latencyMs, deliveries: ledger, offeredPerSecond, memory, incident, cost } = result
  return [
    latencyMs ? `p50 ${latencyMs.p50}, p99 ${latencyMs.p99}, p99.9 ${latencyMs.p999}, max ${latencyMs.max} ms` : '',
    ledger ? `${ledger.received} of ${ledger.expected} frames, ${ledger.perSecond} deliveries/s` : '',
    offeredPerSecond ? `${offeredPerSecond} events/s` : '',
    memory ? `${memory.bytesPerClient} bytes a client` : '',
    incident ? `${incident.kind}: ${incident.disturbed} disturbed, all back after ${incident.allBackAfterMs} ms` : '',
    cost ? `others used ${cost.foreignCores} cores` : '',
  ].filter((fact) => fact !== '')
}

export const e2eCharts = (result: Partial<E2eResult>): string =>
  byPercentile(result) + bySecond(result) + byStage(result) + deliveries(result)
