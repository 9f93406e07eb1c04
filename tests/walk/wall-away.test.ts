/** The wall when the service is away, is starting, or is an exercise: nobody may take an old picture for the present. */
import t from 'tap'
import { visit } from './browser.js'
import { startService, temporaryDirectory, until } from './service.js'
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
  const options = { clock: 'scenario', scenarioStart: '2025-06-01T09:00:00+08:00' }
  const service = await startService({ directory: await temporaryDirectory(t), options })
  t.teardown(() => service.stop())
  const { page } = await visit(t, browser, `${service.http}/wall/?lang=zh`)
  await page.locator('.exercise-badge', { hasText: '演练' }).waitFor()
  t.equal(await page.locator('.watermark').count(), 1)
  await page.locator('.now', { hasText: '2025-06-01' }).waitFor()
  t.pass('and shows the time of the exercise')
})
