/**
 * The charts of the report: SVG as text, made when the report is, so that the page needs no script and no request.
 */
import { escapeText } from './html.js'
import { type Axis, type AxisKind, axisOf, shortNumber } from './scale-of-axis.js'

const width = 480
const height = 280
const left = 56
const right = 16
const top = 14
const bottom = 44
const plotWidth = width - left - right
const plotHeight = height - top - bottom
const yTicksMax = 5
const xTicksMax = 8
const letterWidth = 6.2

/** Told apart by those who see red and green alike, on light and dark ground. */
const colours = ['#2f7de1', '#e07b00', '#12a07f', '#c2479e', '#8a6fe8', '#8f8f3a'] as const
const colourOf = (i: number): string => colours[i % colours.length] ?? colours[0]

export interface Labels {
  readonly title: string
  readonly x: string
  readonly y: string
}

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

export interface LineChart extends Labels {
  readonly lines: readonly Line[]
  readonly xKind?: AxisKind
  readonly yKind?: AxisKind
  /** A target: a dashed line across. */
  readonly limit?: { readonly y: number; readonly label: string }
}

const xAt = (axis: Axis, value: number): number => round(left + axis.at(value) * plotWidth)
const yAt = (axis: Axis, value: number): number => round(top + plotHeight - axis.at(value) * plotHeight)
const round = (value: number): number => Math.round(value * 10) / 10

const yGrid = (axis: Axis): string =>
  axis.ticks
    .map(({ value, label }) => {
      const y = yAt(axis, value)
      return (
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/>` +
        `<text class="tick" text-anchor="end" x="${left - 6}" y="${y + 4}">${label}</text>`
      )
    })
    .join('')

const xTicks = (axis: Axis): string =>
  axis.ticks
    .map(
      ({ value, label }) =>
        `<text class="tick" text-anchor="middle" x="${xAt(axis, value)}" y="${top + plotHeight + 16}">${label}</text>`,
    )
    .join('')

const axisTitles = ({ x, y }: Labels): string =>
  `<text class="axis" text-anchor="middle" x="${left + plotWidth / 2}" y="${height - 8}">${escapeText(x)}</text>` +
  `<text class="axis" text-anchor="middle" transform="translate(13 ${top + plotHeight / 2}) rotate(-90)">${escapeText(y)}</text>`

const legend = (names: readonly string[]): string =>
  names.length < 2
    ? ''
    : `<p class="legend">${names
        .map((name, i) => `<span><i style="background:${colourOf(i)}"></i>${escapeText(name)}</span>`)
        .join('')}</p>`

const figure = (labels: Labels, names: readonly string[], drawing: string): string =>
  `<figure><figcaption>${escapeText(labels.title)}</figcaption>${legend(names)}` +
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(labels.title)}">${drawing}${axisTitles(labels)}</svg></figure>`

/** Beyond so many points the line alone is drawn. */
const dotsMax = 40

const drawLine = ({ name, points }: Line, i: number, x: Axis, y: Axis): string => {
  const colour = colourOf(i)
  const path = points.map(([a, b]) => `${xAt(x, a)},${yAt(y, b)}`).join(' ')
  const dots =
    points.length > dotsMax
      ? ''
      : points
          .map(
            ([a, b]) =>
              `<circle cx="${xAt(x, a)}" cy="${yAt(y, b)}" r="3" fill="${colour}">` +
              `<title>${escapeText(name)}: ${shortNumber(a)}, ${shortNumber(b)}</title></circle>`,
          )
          .join('')
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8"/>${dots}`
}

const drawLimit = (limit: LineChart['limit'], y: Axis): string => {
  if (limit === undefined) return ''
  const at = yAt(y, limit.y)
  return (
    `<line class="limit" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>` +
    `<text class="tick" text-anchor="end" x="${width - right}" y="${at - 4}">${escapeText(limit.label)}</text>`
  )
}

/** Empty text when there is nothing to draw. */
export const lineChart = (chart: LineChart): string => {
  const lines = chart.lines.filter(({ points }) => points.length > 0)
  if (lines.length === 0) return ''
  const all = lines.flatMap(({ points }) => points)
  const x = axisOf(
    chart.xKind ?? 'linear',
    all.map(([value]) => value),
    xTicksMax,
  )
  const limits = chart.limit === undefined ? [] : [chart.limit.y]
  const y = axisOf(chart.yKind ?? 'linear', [...all.map(([, value]) => value), ...limits], yTicksMax)
  const drawing =
    yGrid(y) + xTicks(x) + drawLimit(chart.limit, y) + lines.map((line, i) => drawLine(line, i, x, y)).join('')
  return figure(
    chart,
    lines.map(({ name }) => name),
    drawing,
  )
}

export interface BarChart extends Labels {
  readonly groups: readonly string[]
  /** One value for each group; undefined leaves a gap. */
  readonly series: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[]
  readonly limit?: LineChart['limit']
}

/** Empty text when there is nothing to draw. */
export const barChart = (chart: BarChart): string => {
  const { groups, series } = chart
  const values = series.flatMap((one) => one.values.flatMap((value) => value ?? []))
  if (values.length === 0) return ''
  const y = axisOf('linear', chart.limit === undefined ? values : [...values, chart.limit.y], yTicksMax)
  const slot = plotWidth / groups.length
  const barWidth = Math.min(46, (slot * 0.8) / series.length)
  const tight = groups.some(({ length }) => length * letterWidth > slot)
  const bars = groups.map((group, g) => {
    const middle = left + slot * (g + 0.5)
    const first = middle - (barWidth * series.length) / 2
    const drawn = series.map(({ name, values: own }, s) =>
      bar({ value: own[g], x: first + s * barWidth, barWidth, colour: colourOf(s), name: `${group}, ${name}`, y }),
    )
    // every second one lower, where they would run into each other
    const labelY = top + plotHeight + (tight && g % 2 === 1 ? 28 : 16)
    const label = `<text class="tick" text-anchor="middle" x="${round(middle)}" y="${labelY}">${escapeText(group)}</text>`
    return drawn.join('') + label
  })
  return figure(
    chart,
    series.map(({ name }) => name),
    yGrid(y) + drawLimit(chart.limit, y) + bars.join(''),
  )
}

interface Bar {
  readonly value: number | undefined
  readonly x: number
  readonly barWidth: number
  readonly colour: string
  readonly name: string
  readonly y: Axis
}

const bar = ({ value, x, barWidth, colour, name, y }: Bar): string => {
  if (value === undefined || !Number.isFinite(value)) return ''
  const at = yAt(y, Math.max(0, value))
  return (
    `<rect x="${round(x)}" y="${at}" width="${round(barWidth - 2)}" height="${round(top + plotHeight - at)}" fill="${colour}">` +
    `<title>${escapeText(name)}: ${shortNumber(value)}</title></rect>` +
    `<text class="value" text-anchor="middle" x="${round(x + barWidth / 2)}" y="${at - 3}">${shortNumber(value)}</text>`
  )
}
