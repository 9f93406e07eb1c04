/**
 * One alert on the wall, in a real browser on a real service: what it says, what to do, and who takes it in hand.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import t from 'tap'
import { openBrowser, visit } from './browser.js'
import { event, school, send } from './reported.js'
import { ask, root, startService, temporaryDirectory, until } from './service.js'

const time = '2024-01-02T00:00:00+08:00'
const schoolOf = (unit: string, approved: number, permanent: number) =>
  school(unit, { name: `江门市第${unit}小学`, approved, heads: { permanent }, time })

/** The walk's rules with a threshold that is ours, spans that are ours, and a place to meet. */
async function rulesWithAssumptions(): Promise<string> {
  const text = await readFile(join(root, 'tests/walk/few-rules.yaml'), 'utf8')
  return text
    .replace('name: few\n', 'name: few\nescalation: { county: 10m, city: 30m, assumed: true }\n')
    .replace('yellow: { above: 0.20, back: 0.01 }', 'yellow: { above: 0.20, back: 0.01, assumed: true }')
    .replace('contacts: [市编办值班室]', 'contacts: [市编办值班室]\n    meeting: 会商室一')
    .replaceAll('60000', '300')
}

t.test('an alert is shown whole, marked where a number is ours, and taken in hand from the screen', async (t) => {
  const directory = await temporaryDirectory(t)
  const rulesFile = join(directory, 'rules.yaml')
  await writeFile(rulesFile, await rulesWithAssumptions())
  const options = { clock: 'scenario', rulesFile }
  const service = await startService({ directory, options })
  t.teardown(() => service.stop())
  const { http } = service
  await ask(
    `${http}/v1/events`,
    [...schoolOf('1', 200, 210), ...schoolOf('2', 100, 70)].join('\n'),
    'application/x-ndjson',
  )
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page, complaints } = await visit(t, browser, `${http}/wall/?lang=zh&unit=1`)
  const other = await visit(t, browser, `${http}/wall/?lang=en`)

  const card = page.locator('.alert-card[data-rule="over-quota"]')
  await card.locator('.playbook').waitFor()
  const shown = (await card.textContent()) ?? ''
  for (const expected of [
    /超编[\s\S]*10 > 0/,
    /统计口径 home@1/,
    /相关事件: \/departments\/walk 1-2/,
    /当前负责 单位[\s\S]*逾期升级 县级分中心 10 分, 市级监控中心 30 分 假定/,
    /预案: 超编处置预案[\s\S]*核实在编人数和核定编制[\s\S]*暂停入编/,
    /牵头县级分中心[\s\S]*联系人市编办值班室[\s\S]*会商地点会商室一/,
  ])
    t.match(shown, expected)
  t.equal(await card.locator('.why-figure .assumed').count(), 0, 'what the plan says is not marked')
  await page.locator('.page.exercise').waitFor()

  await ask(`${http}/v1/clock`, { now: '2024-01-02T00:10:00+08:00' })
  await card.locator('.rung', { hasText: '当前负责 县级分中心' }).waitFor()
  await other.page.locator('.alerts .hand', { hasText: '↑ the county' }).waitFor()
  await other.page.locator('.ticker', { hasText: 'unit → county' }).waitFor()

  await card.getByRole('button', { name: '受理' }).click()
  await card.locator('input[name="by"]').fill('city/zhang 10t')
  t.notMatch(page.url(), /county=|view=table/, 'letters of a name are no keys of the page')
  await card.locator('input[name="reason"]').fill('<b>已联系</b>该单位')
  t.same(
    (await new AxeBuilder({ page }).analyze()).violations.filter(({ impact }) => /serious|critical/.test(impact ?? '')),
    [],
  )
  await page.keyboard.press('Enter')
  await card.locator('.acknowledged', { hasText: 'city/zhang 10t' }).waitFor()
  t.equal(await card.locator('form').count(), 0)
  t.match((await ask(`${http}/v1/alerts?rule=over-quota`)).body, {
    items: [{ acknowledged: { by: 'city/zhang 10t' }, rung: 'county' }],
  })
  await other.page.locator('.alerts .hand', { hasText: '✓ in hand city/zhang 10t' }).waitFor()
  t.equal(await page.locator('#wall b').count(), 0)

  await ask(`${http}/v1/clock`, { now: '2024-01-02T02:00:00+08:00' })
  t.match((await ask(`${http}/v1/alerts?rule=over-quota`)).body, { items: [{ rung: 'county' }] }, 'it climbs no more')

  await other.page.locator('.alerts .row', { hasText: '30.0 % > 20.0 % assumed' }).click()
  const vacancy = other.page.locator('.alert-card[data-rule="vacancy"]')
  t.match(await vacancy.locator('.why-figure').textContent(), /30\.0 % > 20\.0 % assumed/)
  await vacancy.getByRole('button', { name: 'Acknowledge' }).click()
  await vacancy.locator('input[name="by"]').fill('li')
  await vacancy.locator('input[name="reason"]').fill('transfers')
  // Meanwhile it is gone: what the service says against it is said, and nothing was logged.
  await other.page.route('**/v1/orders', async (route) => {
    await ask(
      `${http}/v1/events`,
      event('hire', 'staff.entered', '2', { count: 20, basis: 'permanent' }, time),
      'application/x-ndjson',
    )
    await until(
      () => ask(`${http}/v1/alerts?rule=vacancy`),
      ({ body }) => (body as { items: unknown[] }).items.length === 0,
    )
    await route.continue()
  })
  const refused = other.page.waitForResponse('**/v1/orders')
  await vacancy.getByRole('button', { name: 'Take it in hand' }).click()
  t.match(await (await refused).json(), { code: 'QW_ALERT_NOT_RAISED' })
  await vacancy.waitFor({ state: 'detached' })
  t.same(complaints, [], 'nothing was against the content security policy')
})

t.test('what is no unit has a page of its own too, and a correction says that it is one', async (t) => {
  const directory = await temporaryDirectory(t)
  const rulesFile = join(directory, 'rules.yaml')
  await writeFile(rulesFile, await rulesWithAssumptions())
  const service = await startService({ directory, options: { clock: 'scenario', rulesFile } })
  t.teardown(() => service.stop())
  const { http } = service
  const lines = [...schoolOf('1', 200, 180), ...schoolOf('2', 200, 180)]
  await ask(`${http}/v1/events`, lines.join('\n'), 'application/x-ndjson')
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page, complaints } = await visit(t, browser, `${http}/wall/?lang=zh`)
  await page.locator('.alerts .row', { hasText: '编制总量上限' }).click()
  const cap = page.locator('.alert-card[data-rule="total-cap"]')
  await cap.waitFor()
  t.match(await page.locator('.detail').textContent(), /全市[\s\S]*100 > 0[\s\S]*当前负责 市级监控中心/)
  await cap.getByRole('button', { name: '受理' }).click()
  await cap.locator('input[name="by"]').fill('city/li')
  await cap.locator('input[name="reason"]').fill('核减')
  await cap.getByRole('button', { name: '确认受理' }).click()
  await cap.locator('.acknowledged', { hasText: 'city/li' }).waitFor()

  // Of the day before the newest that was counted.
  const hire = { count: 30, basis: 'permanent' }
  await send(http, [event('late', 'staff.entered', '1', hire, '2024-01-01T00:00:00+08:00')])
  await page.goto(`${http}/wall/?lang=zh&unit=1`)
  await page.locator('.alert-card[data-rule="over-quota"]', { hasText: '更正' }).waitFor()
  t.same(complaints, [])
})

t.test('what is no unit is called by its name in the ticker, Chinese first', async (t) => {
  const options = { clock: 'scenario', rulesFile: 'rules/jiangmen.yaml' }
  const service = await startService({ directory: await temporaryDirectory(t), options })
  t.teardown(() => service.stop())
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page } = await visit(t, browser, `${service.http}/wall/?lang=zh`)
  const until = '2099-01-01T00:00:00+08:00'
  for (const [subject, rule, name] of [
    ['sector/health', 'contract-ratio', '领域 / 卫生'],
    ['account/special', 'fund-use', '专项资金 / 专项经费'],
    ['pool', 'pool-capacity', '编制周转池'],
    ['XH', 'contract-ratio', '新会区'],
  ] as const) {
    const order = { order: 'silence', subject, rule, until, by: '值班员', reason: '检查期间' }
    t.match(await ask(`${service.http}/v1/orders`, order), { status: 202 }, subject)
    const line = page.locator('.ticker li', { hasText: '静默' }).filter({ hasText: name })
    await line.waitFor()
    t.notMatch(await line.locator('.subject').textContent(), subject)
  }
})
