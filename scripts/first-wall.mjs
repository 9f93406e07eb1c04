/**
 * How long from `npm start` in a clone with its packages to the wall with the city's colours, in a real browser.
 *
 * `node scripts/first-wall.mjs`, in a clone that was never built and has no data directory: the build and the load of the
 * city are counted in, the download of packages is not. The browser stands ready before, as on a wall.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { root } from './prepare.mjs'

for (const left of ['dist', 'var'])
  if (existsSync(join(root, left))) throw new Error(`${join(root, left)} is there: this is no fresh clone`)

const httpPort = await freePort()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
page.setDefaultTimeout(300_000)

const startedMs = performance.now()
const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1)
const sets = [`httpPort=${httpPort}`, 'streamPort=0', 'criticalPort=0', 'gatePort=0', 'logLevel=warn']
const words = ['start', '--', ...sets.flatMap((set) => ['--set', set])]
const service = spawn('npm', words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], detached: true })
try {
  await opened(`http://127.0.0.1:${httpPort}/wall/?lang=zh`)
  console.log(`${seconds()} s: the page is there (everything is built)`)
  for (const [look, count] of Object.entries({ green: '1,079', yellow: '1', red: '1', frozen: '1' }))
    await page.locator(`.count[data-look="${look}"]`, { hasText: new RegExp(`^${count}$`) }).waitFor()
  await page.locator('.freezes', { hasText: '江门市城市管理和综合执法局' }).waitFor()
  await page.locator('.alerts', { hasText: '台山市农业农村局' }).waitFor()
  console.log(`${seconds()} s: every unit has its colour, the one 15 % over quota is frozen, the bureau is yellow`)
} finally {
  await browser.close()
  process.kill(-service.pid, 'SIGTERM')
  await new Promise((resolve) => service.once('close', resolve))
}

/** The port does not answer while it is built, and answers that it is starting before it serves. */
async function opened(address) {
  for (;;) {
    const answer = await page.goto(address).catch(() => undefined)
    if (answer?.ok()) return
    if (service.exitCode !== null) throw new Error(`npm start ended with ${service.exitCode}`)
    await sleep(200)
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
