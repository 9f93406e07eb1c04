/**
 * How many alerts stood, over the moments that the journal remembers. A canvas needs a text beside it: the table.
 */
import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type Trend, trendOf } from '../model/journal.js'
import { palette } from '../model/look.js'
import { shownClock, shownDay } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { city, clockMs, glance, journal, say } from './state.js'

const rowsShown = 10

export function TrendPanel() {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  useEffect(() => {
    if (!box.current) return
    const chart = new uPlot(chartOptions(box.current), [[], [], []], box.current)
    plot.current = chart
    const observer = new ResizeObserver(() => {
      if (box.current) chart.setSize(sizeOf(box.current))
    })
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [])
  useSignalEffect(() => {
    if (glance.value < 0) return
    const { seconds, red, yellow } = trendNow()
    plot.current?.setData([[...seconds], [...red], [...yellow]])
  })
  return (
    <section class="panel trend" aria-labelledby="trend">
      <h2 id="trend">
        {say(texts.trend)} <span class="aside look-red">■</span> <span class="aside look-yellow">▲</span>
      </h2>
      <div class="plot" ref={box} aria-hidden="true" />
      <TrendTable />
    </section>
  )
}

function TrendTable() {
  glance.value
  const { seconds, red, yellow } = trendNow()
  return (
    <div class="visually-hidden">
      <table>
        <caption>{say(texts.trendTable)}</caption>
        <tbody>
          {seconds.slice(-rowsShown).map((second, at) => {
            const index = Math.max(0, seconds.length - rowsShown) + at
            return (
              <tr key={second}>
                <th scope="row">
                  {shownDay(second * 1000)} {shownClock(second * 1000)}
                </th>
                <td>■ {red[index]}</td>
                <td>▲ {yellow[index]}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function trendNow(): Trend {
  const counts = { red: 0, yellow: 0 }
  for (const { colour } of city.standing.alerts.values()) if (colour !== 'green') counts[colour] += 1
  return trendOf(journal.entries, counts, clockMs.peek())
}

const sizeOf = (box: HTMLElement) => ({ width: box.clientWidth, height: box.clientHeight })

function chartOptions(box: HTMLElement): uPlot.Options {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const font = `${Math.round(rem * 0.7)}px 'Noto Sans SC Variable', sans-serif`
  const axis = {
    stroke: palette.unknown,
    font,
    grid: { stroke: 'rgba(139,151,171,0.14)', width: 1 },
    ticks: { show: false },
  }
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  const series = (stroke: string) => ({
    stroke,
    width: rem / 8,
    points: { show: false },
    ...(stepped && { paths: stepped }),
  })
  return {
    ...sizeOf(box),
    legend: { show: false },
    cursor: { show: false },
    // uPlot's own clock is this computer's; ticks fall on the hours of Asia/Shanghai.
    tzDate: (second) => uPlot.tzDate(new Date(second * 1000), 'Asia/Shanghai'),
    axes: [
      { ...axis, space: rem * 5, size: rem * 1.4, values: (_plot, splits) => shownSplits(splits) },
      { ...axis, size: rem * 2, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000] },
    ],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(2, Math.ceil(high * 1.2))] } },
    series: [{}, series(palette.red), { ...series(palette.yellow), dash: [6, 4] }],
  }
}

/** Days when the picture spans several, else the time of day. */
function shownSplits(splits: readonly number[]): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0)
  return splits.map((second) =>
    span > 172_800 ? shownDay(second * 1000).slice(5) : shownClock(second * 1000).slice(0, 5),
  )
}
