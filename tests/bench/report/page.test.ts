import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { lineChart } from '../../../bench/report/charts.js'
import { pageOf } from '../../../bench/report/page.js'
import { runReport } from '../../../bench/report/report.js'
import { readResults } from '../../../bench/report/results.js'

const seen = fileURLToPath(new URL('../../../../bench/seen', import.meta.url))

const directory = (t: Test, files: Readonly<Record<string, string>>): string => {
  const path = mkdtempSync(join(tmpdir(), 'quotawatch-report-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

/** Every address that a browser would ask for. */
const requests = (page: string): string[] =>
  [...page.matchAll(/(?:src=|href=|url\(|@import )["']?([^"')>]+)/g)].map((match) => match[1] ?? '')

const count = (page: string, mark: string): number => page.split(mark).length - 1

t.test('the results that lie in the repository make a page that asks nobody for anything', async (t) => {
  const all = readResults([seen])
  t.strictSame(all.skipped, [])
  const page = pageOf(all, '2024-07-03T00:00:00Z')
  t.equal(count(page, '<article'), all.results.length)
  t.ok(requests(page).every((address) => address.startsWith('#')))
  t.notMatch(page, /<script|javascript:| on[a-z]+=/)
  t.notMatch(page, /NaN|undefined|Infinity/)
  t.equal(count(page, '<svg'), count(page, '</svg>'))
  t.ok(count(page, '<svg') > all.results.length)
})

t.test('what is no result is named and left out, and a bench without plots has its row', async (t) => {
  const path = directory(t, {
    'broken.json': '{',
    'list.json': '[]',
    'other.json': '{"hello":1}',
    'text.txt': 'not looked at',
    'new.json': JSON.stringify({ bench: 'of-tomorrow', valid: true, settings: { a: 1 } }),
  })
  const all = readResults([path, join(path, 'nowhere')])
  t.equal(all.skipped.length, 3)
  const page = pageOf(all, 'now')
  t.equal(count(page, '<article'), 1)
  t.match(page, /of-tomorrow/)
  for (const { why } of all.skipped) t.ok(why.length > 0)
})

t.test('what a result says is shown as text, whatever it looks like', async (t) => {
  const evil = '<script>alert(1)</script>"\'&'
  const result = { bench: evil, failed: [evil], settings: { [evil]: evil }, commit: { revision: evil, dirty: false } }
  const page = pageOf({ results: [{ name: evil, result }], skipped: [{ file: evil, why: evil }] }, evil)
  t.notMatch(page, /<script/)
  t.match(page, /&lt;script&gt;alert\(1\)/)
})

t.test('a run that failed and one that is invalid are not shown as kept', async (t) => {
  const of = (over: object) =>
    pageOf({ results: [{ name: 'x', result: { bench: 'e2e', ...over } }], skipped: [] }, 'now')
  t.match(of({ valid: true }), /valid, kept/)
  t.notMatch(of({ valid: false, invalid: ['late'] }), /valid, kept/)
  t.notMatch(of({ valid: true, failed: ['lost'] }), /valid, kept/)
  t.match(of({ valid: true, failed: ['lost'] }), /failed: lost/)
})

t.test('a line goes through its points, from the lower left to the upper right', async (t) => {
  const chart = lineChart({
    title: 'x',
    x: 'x',
    y: 'y',
    lines: [
      {
        name: 'a',
        points: [
          [0, 0],
          [10, 10],
        ],
      },
    ],
  })
  const points = /<polyline points="([^"]+)"/.exec(chart)?.[1]?.split(/[ ,]/).map(Number) ?? []
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = points
  t.ok(x2 > x1 && y2 < y1)
  t.equal(lineChart({ title: 'x', x: '', y: '', lines: [{ name: 'a', points: [] }] }), '')
})

t.test('report writes the page, and says by its exit code when there was nothing to write', async (t) => {
  const html = join(directory(t, {}), 'page.html')
  t.equal(await runReport(['--html', html, seen]), 0)
  t.match(readFileSync(html, 'utf8'), /^<!doctype html>/)
  t.equal(await runReport(['--html', html, directory(t, {})]), 1)
  await t.rejects(runReport(['--nonsense']), { name: 'ArgumentError' })
})
