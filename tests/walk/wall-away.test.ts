/** The wall when the service is away, is starting, or is an exercise: nobody may take an old picture for the present. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { visit } from './browser.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'
import { counts, live, openWorld, send, seriousFaults } from './wall-world.js'

const world = openWorld(t)

t.test('while the core is away nobody can take the picture for the present; when it is back, it goes on', async (t) => {
  const { browser, wall, service } = await world
  const { page } = await visit(t, browser, `${wall}?lang=zh`)
  await counts(page, 'red', '1')
  for (const core of service.children().core) process.kill(core, 'SIGKILL')
  const banner = page.locator('.banner.is-old')
  await banner.waitFor()
  t.match(await banner.textContent(), /数据已过时[\s\S]*自 \d\d:\d\d:\d\d[\s\S]*监测服务暂停更新/)
  t.match(await page.locator('.tally.look-green .word').textContent(), '已过时')
  t.same(await seriousFaults(page), [])
  await banner.waitFor({ state: 'detached' })
  await live(page)
  await send(service, 'staff.entered', 'KP-EDU-0001', { count: 700, basis: 'permanent' })
  await counts(page, 'red', '2')
})

t.test('a wall that is asked for while the core is starting comes by itself', async (t) => {
  const { browser, wall, service } = await world
  for (const core of service.children().core) process.kill(core, 'SIGKILL')
  await until(
    () =>
      fetch(wall)
        .then((answer) => answer.status)
        .catch(() => 0),
    (status) => status !== 0,
  )
  const { page } = await visit(t, browser, `${wall}?lang=zh`)
  await live(page)
})

t.test('while nothing answers at all, the page says so and comes back by itself', async (t) => {
  const { browser, wall, service } = await world
  const { page } = await visit(t, browser, `${wall}?lang=en`)
  await live(page)
  for (const push of service.children().push) process.kill(push, 'SIGKILL')
  const banner = page.locator('.banner.is-old')
  await banner.waitFor()
  t.match(await banner.textContent(), /DATA IS STALE[\s\S]*no connection to the service/)
  await banner.waitFor({ state: 'detached' })
  await live(page)
})

t.test('an exercise says on the page that it is one', async (t) => {
  const { browser } = await world
  const options = { clock: 'scenario', scenarioStart: '2025-06-01T09:00:00+08:00', rulesFile: 'rules/jiangmen.yaml' }
  const service = await startService({ directory: await temporaryDirectory(t), options })
  t.teardown(() => service.stop())
  const { page } = await visit(t, browser, `${service.http}/wall/?lang=zh`)
  await page.locator('.exercise-badge', { hasText: '演练' }).waitFor()
  t.equal(await page.locator('.watermark').count(), 1)
  await page.locator('.now', { hasText: '2025-06-01' }).waitFor()
  t.pass('and shows the time of the exercise')
  t.match(await page.title(), /^【演练】/)
  await isHatched(t, service, page)
})

/** Pixels of a county's tiles that are green. */
const greenPixels = (page: Page) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('canvas[data-county="PJ"]')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let green = 0
    for (let at = 0; at < data.length; at += 4) if (data[at + 1] > 2 * data[at] + 40) green += 1
    return green
  })()`) as Promise<number>

/** A feed falls silent in the scenario: the tile of which it told is green no longer, until the feed speaks again. */
async function isHatched(t: Test, service: Service, page: Page): Promise<void> {
  const unit = 'PJ-EDU-0001'
  const tell = async (id: string, time: string, type: string, data: object) => {
    const event = { specversion: '1.0', id, source: '/departments/hr', type, subject: unit, time, data }
    t.match(await ask(`${service.http}/v1/events`, event), { body: { items: [{ status: 'accepted' }] } })
  }
  const profile = { name: '学校', level: 'county', county: 'PJ', kind: 'institution', sector: 'education' }
  await tell('1', '2025-06-01T09:00:00+08:00', 'unit.registered', { ...profile, frontline: true })
  await tell('2', '2025-06-01T09:00:00+08:00', 'quota.approved', { approved: 10, cause: 'census' })
  await tell('3', '2025-06-01T09:00:00+08:00', 'staff.entered', { count: 10, basis: 'permanent' })
  await counts(page, 'green', '1')
  await until(
    () => greenPixels(page),
    (green) => green > 0,
  )
  t.equal((await ask(`${service.http}/v1/clock`, { now: '2025-06-12T09:00:00+08:00' })).status, 200)
  await page.locator('.old-count[data-old="1"]').waitFor()
  await counts(page, 'unknown', '1')
  t.equal(await page.locator('.county-PJ .badge.old').count(), 1)
  await until(
    () => greenPixels(page),
    (green) => green === 0,
  )
  await page.keyboard.press('t')
  await page.locator('td .old-word', { hasText: '数据陈旧' }).waitFor()
  t.same(await seriousFaults(page), [])
  await page.keyboard.press('t')
  await tell('4', '2025-06-12T09:00:00+08:00', 'contract.entered', { count: 1 })
  await page.locator('.old-count').waitFor({ state: 'detached' })
  await counts(page, 'green', '1')
  await until(
    () => greenPixels(page),
    (green) => green > 0,
  )
}
