/**
 * How long the wall takes from a frame off the network to the painted picture, at 1920x1080 and 3840x2160.
 *
 * Measured in the page from `onmessage` to a task posted after the next animation frame, which runs when that frame was
 * painted. `node scripts/wall-latency.mjs [events a second] [seconds]`; every event moves a unit of its own in or out of
 * over quota, so each makes two transitions and a changed tile.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, buildWallWhenStale, installMissing } from './prepare.mjs'

const [eventsPerSecond = 200, seconds = 20] = process.argv.slice(2).map(Number)
const batchesPerSecond = 10
let sent = 0

installMissing()
for (const { ok, output } of [build(), buildWallWhenStale()]) if (!ok) throw new Error(output)
const { openBrowser } = await import('../dist/tests/walk/browser.js')
const { shippedCity, startService } = await import('../dist/tests/walk/service.js')

/** Runs in the page before its own scripts. */
const probe = `
  window.samples = []
  const paint = new MessageChannel()
  let waiting = []
  paint.port1.onmessage = () => {
    const now = performance.now()
    for (const at of waiting.splice(0)) window.samples.push(now - at)
  }
  const listen = WebSocket.prototype.addEventListener
  WebSocket.prototype.addEventListener = function (type, listener) {
    if (type !== 'message') return listen.call(this, type, listener)
    return listen.call(this, type, (event) => {
      const at = performance.now()
      listener(event)
      if (!event.data.startsWith('{"type":"transition"')) return
      if (waiting.push(at) === 1) requestAnimationFrame(() => paint.port2.postMessage(0))
    })
  }`

const directory = mkdtempSync(join(tmpdir(), 'quotawatch-latency-'))
const service = await startService({ directory, options: { dataSet: shippedCity } })
const browser = await openBrowser()
try {
  const { items } = await (await fetch(`${service.http}/v1/units?limit=1000`)).json()
  const units = items.filter(({ colour }) => colour === 'green').map(({ id }) => id)
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 3840, height: 2160 },
  ])
    console.log(`${viewport.width} x ${viewport.height}: ${await measure(viewport, units)}`)
} finally {
  await browser.close()
  await service.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function measure(viewport, units) {
  const page = await browser.newPage({ viewport })
  await page.addInitScript(probe)
  await page.goto(`${service.http}/wall/?lang=zh`)
  await page.locator('.ticker li').first().waitFor()
  const inspector = await page.context().newCDPSession(page)
  await inspector.send('Performance.enable')
  const busyMs = async () => {
    const { metrics } = await inspector.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000
  }
  const before = { busy: await busyMs(), at: performance.now() }
  await sendEvents(units)
  const busyShare = ((await busyMs()) - before.busy) / (performance.now() - before.at)
  const samples = (await page.evaluate('window.samples')).sort((a, b) => a - b)
  await page.close()
  const at = (share) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))]?.toFixed(1)
  const main = `main thread ${(busyShare * 100).toFixed(1)} % busy`
  return `${samples.length} transitions, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms, ${main}`
}

/** Batches at their intended times; a unit is put over quota and taken back by turns. */
async function sendEvents(units) {
  const perBatch = Math.round(eventsPerSecond / batchesPerSecond)
  const startedMs = performance.now()
  const answers = []
  for (let batch = 0; batch < seconds * batchesPerSecond; batch++) {
    const dueMs = startedMs + (batch * 1000) / batchesPerSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())))
    const lines = Array.from({ length: perBatch }, () => eventAt(units))
    const headers = { 'content-type': 'application/x-ndjson' }
    answers.push(fetch(`${service.http}/v1/events`, { method: 'POST', headers, body: lines.join('\n') }))
  }
  for (const answer of await Promise.all(answers)) if (answer.status !== 202) throw new Error(await answer.text())
}

function eventAt(units) {
  const type = Math.floor(sent / units.length) % 2 === 0 ? 'staff.entered' : 'staff.left'
  const subject = units[sent % units.length]
  sent += 1
  const data = { count: 1000, basis: 'permanent' }
  const time = new Date().toISOString()
  return JSON.stringify({ specversion: '1.0', id: `latency-${sent}`, source: '/latency', type, subject, time, data })
}
