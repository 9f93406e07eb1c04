/**
 * The wall in a real browser, on a real service with the shipped city: from an event over HTTP to a word on the screen.
 */
import t from 'tap'
import { visit } from './browser.js'
import { ask } from './service.js'
import { counts, live, openWorld, send, seriousFaults } from './wall-world.js'

const world = openWorld(t)

t.test('the first day: every unit, the sums of the city, and the two units that the plan names', async (t) => {
  const { browser, wall, service } = await world
  const { page, asked, complaints } = await visit(t, browser, `${wall}?lang=zh`)
  await live(page)
  await counts(page, 'green', '1,079')
  await counts(page, 'yellow', '1')
  await counts(page, 'red', '1')
  await counts(page, 'frozen', '1')
  await counts(page, 'unknown', '0')
  t.match(await page.locator('.city-figures').textContent(), /60,000[\s\S]*57,510[\s\S]*4\.2 %[\s\S]*32,000/)
  t.match(await page.locator('.freezes').textContent(), '江门市城市管理和综合执法局')
  t.match(
    await page.locator('.alerts').textContent(),
    /超编 18 > 0[\s\S]*台山市农业农村局[\s\S]*空编率 21\.0 % > 20\.0 %/,
  )
  await page.evaluate('document.fonts.ready')
  const hosts = new Set(asked.map((address) => new URL(address).host))
  t.same([...hosts].sort(), [new URL(service.http).host, new URL(service.critical).host].sort(), 'no request leaves')
  t.ok(
    asked.some((address) => address.endsWith('.woff2')),
    'not for fonts either',
  )
  t.same(complaints, [], 'nothing was against the content security policy, and nothing was thrown')
})

t.test('no serious fault of accessibility: tiles, one county, table, details', async (t) => {
  const { browser, wall } = await world
  for (const query of ['?lang=zh', '?lang=en&county=TS', '?lang=zh&view=table&unit=SZ-GRA-0004']) {
    const { page } = await visit(t, browser, `${wall}${query}`)
    await counts(page, 'green', '1,079')
    if (query.includes('unit=')) await page.locator('.detail .facts').waitFor()
    t.same(await seriousFaults(page), [], query)
  }
})

t.test('what an event does is seen on the open page, in every place where it matters', async (t) => {
  const { browser, wall, service } = await world
  const { page } = await visit(t, browser, `${wall}?lang=zh`)
  await counts(page, 'red', '1')
  await send(service, 'staff.entered', 'XH-EDU-0001', { count: 500, basis: 'permanent' })
  await counts(page, 'red', '2')
  await counts(page, 'frozen', '2')
  const { body } = await ask(`${service.http}/v1/units/XH-EDU-0001`)
  const { name } = body as { name: string }
  for (const place of ['.freezes', '.alerts', '.ticker']) await page.locator(place, { hasText: name }).waitFor()
  await page.locator('.city-figures', { hasText: '58,010' }).waitFor()
  await page.locator('.county-XH', { hasText: '冻结' }).waitFor()
  await send(service, 'staff.left', 'XH-EDU-0001', { count: 500, basis: 'permanent' })
  await counts(page, 'red', '1')
  await counts(page, 'frozen', '1')
  await page.locator('.freezes', { hasText: name }).waitFor({ state: 'detached' })
  t.match(await page.locator('.ticker li').first().textContent(), name, 'the ticker remembers')
})

t.test('details follow their unit while they are open', async (t) => {
  const { browser, wall, service } = await world
  const { page } = await visit(t, browser, `${wall}?lang=en&unit=PJ-EDU-0001`)
  await page.locator('.detail .state.look-green').waitFor()
  await send(service, 'staff.entered', 'PJ-EDU-0001', { count: 900, basis: 'permanent' })
  await page.locator('.detail .alert-card', { hasText: 'over quota' }).waitFor()
  await page.locator('.detail .freeze-line', { hasText: 'frozen' }).waitFor()
  t.match(await page.locator('.detail .events').textContent(), '/walk')
  await send(service, 'staff.left', 'PJ-EDU-0001', { count: 900, basis: 'permanent' })
  await page.locator('.detail .state.look-green').waitFor()
})

t.test('a new unit appears with its name, and a name is text, whatever stands in it', async (t) => {
  const { browser, wall, service } = await world
  const { page, complaints } = await visit(t, browser, `${wall}?lang=zh`)
  await counts(page, 'green', '1,079')
  const name = '<img src=x onerror="document.title=1"><b>局</b>'
  const attributes = { level: 'county', county: 'EP', kind: 'institution', sector: 'general', frontline: false }
  await send(service, 'unit.registered', 'EP-XXX-0001', { name, ...attributes })
  await counts(page, 'unknown', '1')
  await send(service, 'quota.approved', 'EP-XXX-0001', { approved: 10, cause: 'list' })
  await send(service, 'staff.entered', 'EP-XXX-0001', { count: 11, basis: 'permanent' })
  await page.locator('.freezes', { hasText: name }).waitFor()
  await page.locator('.ticker', { hasText: name }).waitFor()
  t.equal(await page.locator('#wall img, #wall b').count(), 0)
  t.not(await page.title(), '1')
  t.same(complaints, [])
  await send(service, 'staff.left', 'EP-XXX-0001', { count: 11, basis: 'permanent' })
  await send(service, 'quota.approved', 'EP-XXX-0001', { approved: 0, cause: 'cut' })
  await send(service, 'unit.closed', 'EP-XXX-0001', {})
})

t.test('a tile is opened by pointer and by keyboard, and the address says what is shown', async (t) => {
  const { browser, wall } = await world
  const { page } = await visit(t, browser, `${wall}?lang=zh`)
  await counts(page, 'red', '1')
  await page.locator('canvas[data-county="TS"]').click({ position: { x: 6, y: 6 } })
  await page.locator('.detail h2', { hasText: '台山市农业农村局' }).waitFor()
  t.match(page.url(), 'unit=TS-AGR-0001')
  await page.keyboard.press('Escape')
  await page.locator('.detail').waitFor({ state: 'detached' })
  t.notMatch(page.url(), 'unit=')
  await page.locator('.county-JH .tiles').focus()
  await page.keyboard.press('ArrowRight')
  const spoken = await page.locator('.county-JH [aria-live]').textContent()
  await page.keyboard.press('Enter')
  const heading = page.locator('.detail h2')
  await heading.waitFor()
  await page.locator('.detail .facts').waitFor()
  t.match(spoken, await heading.textContent(), 'what was read out is what was opened')
  await page.keyboard.press('8')
  await page.locator('.county-SZ').waitFor()
  t.equal(await page.locator('.county').count(), 1)
  t.match(page.url(), 'county=SZ')
  await page.reload()
  await counts(page, 'red', '1')
  t.equal(await page.locator('.county').count(), 1, 'the address is enough to come back')
})

t.test('the table mirrors the tiles, the worst first', async (t) => {
  const { browser, wall } = await world
  const { page } = await visit(t, browser, `${wall}?lang=zh&view=table`)
  await counts(page, 'red', '1')
  const rows = page.locator('.table tbody tr')
  t.match(await rows.nth(0).textContent(), /冻结[\s\S]*江门市城市管理和综合执法局/)
  t.match(await rows.nth(1).textContent(), /预警[\s\S]*台山市农业农村局/)
  t.match(await rows.nth(2).textContent(), '正常')
  await rows.nth(1).locator('button').click()
  await page.locator('.detail h2', { hasText: '台山市农业农村局' }).waitFor()
})

t.test(
  'a screen of any size shows everything without scrolling sideways, and a wall without scrolling at all',
  async (t) => {
    const { browser, wall } = await world
    for (const { width, height } of [
      { width: 1920, height: 1080 },
      { width: 3840, height: 2160 },
      { width: 3840, height: 1080 },
      { width: 390, height: 844 },
    ]) {
      const { page } = await visit(t, browser, `${wall}?lang=zh`, { viewport: { width, height } })
      await counts(page, 'red', '1')
      const [wide, high] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
      )) as [number, number]
      t.equal(wide, width, `${width} x ${height}`)
      if (width > 1000) t.equal(high, height, `${width} x ${height}`)
    }
  },
)

t.test('the scale in the address sizes everything', async (t) => {
  const { browser, wall } = await world
  const { page } = await visit(t, browser, `${wall}?lang=zh&scale=1.5`)
  await live(page)
  t.equal(await page.evaluate('getComputedStyle(document.documentElement).fontSize'), '24px')
})

t.test('who asked for less motion gets none', async (t) => {
  const { browser, wall } = await world
  for (const reducedMotion of ['reduce', 'no-preference'] as const) {
    const { page } = await visit(t, browser, `${wall}?lang=zh`, { reducedMotion })
    await counts(page, 'red', '1')
    const moving = (await page.evaluate('document.getAnimations().length')) as number
    t.equal(moving > 0, reducedMotion === 'no-preference', reducedMotion)
  }
})
