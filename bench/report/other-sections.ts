/**
 * fanout, lane, scale and ingest as plots; every other bench shows its settings and whether it was kept.
 */
import type { FanoutResult } from '../fanout/fanout-report.js'
import type { LaneResult } from '../fanout/lane-report.js'
import type { ScalePoint } from '../scale.js'
import { barChart, lineChart } from './charts.js'

export const fanoutFacts = ({ targets = [], foreignCores }: Partial<FanoutResult>): string[] => [
  `last client: ${targets
    .map(({ name, toLastMs, toFloor }) => `${name} ${toLastMs} ms${toFloor ? ` (${toFloor.toLast})` : ''}`)
    .join(', ')}`,
  `others used ${foreignCores} cores`,
]

export const fanoutCharts = ({ targets = [] }: Partial<FanoutResult>): string => {
  const bars = (title: string, y: string, pick: (one: (typeof targets)[number]) => number) =>
    barChart({
      title,
      x: '',
      y,
      groups: targets.map(({ name }) => name),
      series: [{ name: y, values: targets.map(pick) }],
    })
  const rounds = lineChart({
    title: 'Time to the last client, round by round',
    x: 'round',
    y: 'ms',
    lines: targets.map(({ name, shots }) => ({
      name,
      points: shots.map(({ toLastMs }, i) => [i + 1, toLastMs] as const),
    })),
  })
  return (
    bars('Time to the last client, median', 'ms', ({ toLastMs }) => toLastMs) +
    rounds +
    bars('CPU of the server', 'µs a delivery', ({ serverUsPerDelivery }) => serverUsPerDelivery) +
    bars('Memory of the server', 'bytes a client', ({ bytesPerClient }) => bytesPerClient)
  )
}

export const laneFacts = ({ criticalMs, broadcasts, priority }: Partial<LaneResult>): string[] => [
  ...(criticalMs ? [`critical, meanwhile: p50 ${criticalMs.during.p50}, p99 ${criticalMs.during.p99} ms`] : []),
  `${priority ? 'with' : 'without'} the right to raise priority`,
  ...(broadcasts ? [`the last of all clients after ${broadcasts.toLastMs} ms`] : []),
]

export const laneCharts = ({ criticalMs }: Partial<LaneResult>): string => {
  if (criticalMs === undefined) return ''
  const { during, otherwise } = criticalMs
  const of = ({ p50, p90, p99, p999, max }: typeof during) => [p50, p90, p99, p999, max]
  return barChart({
    title: 'Latency of critical clients',
    x: '',
    y: 'ms',
    groups: ['p50', 'p90', 'p99', 'p99.9', 'max'],
    series: [
      { name: 'while a message goes to everybody', values: of(during) },
      { name: 'otherwise', values: of(otherwise) },
    ],
  })
}

export interface ScaleShape {
  readonly points?: readonly ScalePoint[]
}

export const scaleFacts = ({ points = [] }: ScaleShape): string[] => [`${points.length} points`]

export const scaleCharts = ({ points = [] }: ScaleShape): string =>
  (['clients', 'units', 'push'] as const)
    .map((grows) =>
      growth(
        grows,
        points.filter((point) => point.grows === grows),
      ),
    )
    .join('')

const growth = (grows: ScalePoint['grows'], points: readonly ScalePoint[]): string => {
  const xOf = ({ clients, units, pushProcesses }: ScalePoint): number =>
    ({ clients, units, push: pushProcesses })[grows]
  const x = grows === 'push' ? 'push processes' : grows
  const line = (name: string, pick: (one: ScalePoint['result']) => number) => ({
    name,
    points: points.map((point) => [xOf(point), pick(point.result)] as const),
  })
  return (
    lineChart({
      title: `Latency as ${x} grow`,
      x,
      y: 'ms (log)',
      yKind: 'log',
      lines: [line('p50', ({ latencyMs }) => latencyMs.p50), line('p99', ({ latencyMs }) => latencyMs.p99)],
      limit: { y: 50, label: '50 ms' },
    }) +
    lineChart({
      title: `Memory of the push processes as ${x} grow`,
      x,
      y: 'MB',
      lines: [
        line('without clients', ({ memory }) => memory.empty / 1e6),
        line('with clients', ({ memory }) => memory.connected / 1e6),
      ],
    })
  )
}

export interface IngestShape {
  readonly perSecond?: Readonly<Record<string, number>>
  readonly ratios?: Readonly<Record<string, number>>
}

export const ingestFacts = ({ ratios = {} }: IngestShape): string[] =>
  Object.entries(ratios).map(([name, value]) => `${name} ${value}`)

export const ingestCharts = ({ perSecond = {} }: IngestShape): string =>
  barChart({
    title: 'Events a second, median',
    x: '',
    y: 'events/s',
    groups: Object.keys(perSecond).map((name) => name.replace(/PerSecond$/, '')),
    series: [{ name: 'events/s', values: Object.values(perSecond) }],
  })
