/**
 * The page: a table of all runs, then each with its plots. It holds everything it needs and asks nobody for anything.
 */
import type { E2eResult } from '../e2e-report.js'
import type { FanoutResult } from '../fanout/fanout-report.js'
import type { LaneResult } from '../fanout/lane-report.js'
import { e2eCharts, e2eFacts } from './e2e-section.js'
import { escapeText } from './html.js'
import {
  fanoutCharts,
  fanoutFacts,
  type IngestShape,
  ingestCharts,
  ingestFacts,
  laneCharts,
  laneFacts,
  type ScaleShape,
  scaleCharts,
  scaleFacts,
} from './other-sections.js'
import type { AnyResult, NamedResult, ReadResults } from './results.js'

interface Section {
  readonly facts: readonly string[]
  readonly charts: string
}

/** A file says which bench wrote it; fields that an older one lacks are left out of its section. */
const sectionOf = (result: AnyResult): Section => {
  switch (result.bench) {
    case 'e2e':
    case 'storm':
    case 'slow': {
      const own = result as Partial<E2eResult>
      return { facts: e2eFacts(own), charts: e2eCharts(own) }
    }
    case 'fanout': {
      const own = result as Partial<FanoutResult>
      return { facts: fanoutFacts(own), charts: fanoutCharts(own) }
    }
    case 'lane': {
      const own = result as Partial<LaneResult>
      return { facts: laneFacts(own), charts: laneCharts(own) }
    }
    case 'scale':
      return { facts: scaleFacts(result as ScaleShape), charts: scaleCharts(result as ScaleShape) }
    case 'ingest':
      return { facts: ingestFacts(result as IngestShape), charts: ingestCharts(result as IngestShape) }
    default:
      return { facts: [], charts: '' }
  }
}

const verdictOf = ({ valid, failed = [], invalid = [] }: AnyResult): string => {
  if (failed.length > 0) return `<b class="bad">✕ failed</b>`
  if (valid === false || invalid.length > 0) return `<b class="doubt">? invalid</b>`
  return `<b class="good">✓ valid, kept</b>`
}

const commitOf = ({ commit }: AnyResult): string =>
  commit === undefined ? '' : `${commit.revision.slice(0, 7)}${commit.dirty ? '+' : ''}`

const row = ({ name, result }: NamedResult, id: string): string =>
  `<tr><td><a href="#${id}">${escapeText(name)}</a></td><td>${escapeText(result.bench)}</td>` +
  `<td>${verdictOf(result)}</td><td>${escapeText(sectionOf(result).facts[0] ?? '')}</td>` +
  `<td><code>${escapeText(commitOf(result))}</code></td><td>${escapeText((result.at ?? '').slice(0, 16))}</td></tr>`

const settingsOf = ({ settings = {} }: AnyResult): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' · ')

const machineOf = ({ machine }: AnyResult): string =>
  machine === undefined ? '' : `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}`

const reasons = ({ failed = [], invalid = [] }: AnyResult): string => {
  const all = [...failed.map((one) => `failed: ${one}`), ...invalid.map((one) => `invalid: ${one}`)]
  return all.length === 0 ? '' : `<ul class="bad">${all.map((one) => `<li>${escapeText(one)}</li>`).join('')}</ul>`
}

const article = ({ name, result }: NamedResult, id: string): string => {
  const { facts, charts } = sectionOf(result)
  return (
    `<article id="${id}"><h2>${escapeText(name)} <small>${escapeText(result.bench)}</small></h2>` +
    `<p>${verdictOf(result)} · commit <code>${escapeText(commitOf(result))}</code> · ${escapeText(result.at ?? '')}</p>` +
    `<p>${facts.map(escapeText).join(' · ')}</p>${reasons(result)}<div class="charts">${charts}</div>` +
    `<details><summary>settings and machine</summary><p>${escapeText(settingsOf(result))}</p>` +
    `<p>${escapeText(machineOf(result))}</p></details></article>`
  )
}

const style = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5c6877;--line:#d9dee5;--ground:#fff;--good:#0b7a5c;--bad:#b3261e;--doubt:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#9aa7b8;--line:#2c3848;--ground:#0f1722;--good:#3ad1a5;--bad:#ff8a80;--doubt:#ffc266}}
body{margin:0 auto;max-width:1100px;padding:24px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:0}small{color:var(--soft);font-weight:400}
table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
a{color:inherit}article{margin-top:2.4rem;border-top:2px solid var(--line);padding-top:1rem}p{margin:.35rem 0}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(420px,1fr));gap:1rem 1.6rem;margin:.8rem 0}
figure{margin:0}figcaption{font-weight:600;font-size:.9rem}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line)}.limit{stroke:var(--bad);stroke-dasharray:5 4}.tick,.axis,.value{fill:var(--soft);font:11px system-ui,sans-serif}.axis{font-size:12px}.value{fill:var(--ink);font-size:10px}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.8rem;margin:.2rem 0;color:var(--soft)}.legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.35em}
.good{color:var(--good)}.bad{color:var(--bad)}.doubt{color:var(--doubt)}details{font-size:.82rem;color:var(--soft)}
@media print{details{display:none}article{break-inside:avoid}}
`

export const pageOf = ({ results, skipped }: ReadResults, madeAt: string): string => {
  const ids = results.map((_, i) => `run-${i + 1}`)
  const rows = results.map((one, i) => row(one, ids[i] ?? '')).join('\n')
  const articles = results.map((one, i) => article(one, ids[i] ?? '')).join('\n')
  const left = skipped.map(({ file, why }) => `<li>${escapeText(file)}: ${escapeText(why)}</li>`).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>quotawatch: what the benches saw</title><style>${style}</style></head><body>
<h1>What the benches saw</h1>
<p>${results.length} runs, made into this page ${escapeText(madeAt)}. bench/README.md says what each figure means.</p>
<table><thead><tr><th>run</th><th>bench</th><th>verdict</th><th>seen</th><th>commit</th><th>when</th></tr></thead><tbody>
${rows}
</tbody></table>
${articles}
${left === '' ? '' : `<h2>Left out</h2><ul>${left}</ul>`}
</body></html>
`
}
