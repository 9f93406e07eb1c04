/**
 * A real service with the shipped city, a real browser beside it, and what walks through the wall look for. Not a test.
 */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { openBrowser } from './browser.js'
import { ask, type Service, shippedCity, startService, temporaryDirectory, until } from './service.js'

export interface World {
  readonly service: Service
  readonly browser: Browser
  readonly wall: string
}

export async function openWorld(t: Test): Promise<World> {
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  // Long enough to look at the page while the core is away.
  const options = { restartBackoffMs: 3000, restartBackoffMsMax: 3000 }
  const service = await startService({
    directory: await temporaryDirectory(t),
    options: { dataSet: shippedCity, ...options },
  })
  t.teardown(() => service.stop())
  return { browser, service, wall: `${service.http}/wall/` }
}

let events = 0

/** Sends one event about a unit and sees that it was taken. */
export async function send(service: Service, type: string, subject: string, data: object): Promise<void> {
  events += 1
  const event = {
    specversion: '1.0',
    id: `walk-${events}`,
    source: '/walk',
    type,
    subject,
    time: new Date().toISOString(),
    data,
  }
  // A core that has just come back says for a moment that it is starting; the wall shows the present before that.
  const answer = await until(
    () => ask(`${service.http}/v1/events`, event).catch(() => undefined),
    (given) => given !== undefined,
  )
  const [item] = (answer?.body as { items: { status: string }[] } | undefined)?.items ?? []
  if (answer?.status !== 202 || item?.status !== 'accepted') throw new Error(JSON.stringify(answer))
}

/** Resolves when the count of a state is shown. */
export const counts = (page: Page, look: string, count: string) =>
  page.locator(`.count[data-look="${look}"]`, { hasText: new RegExp(`^${count}$`) }).waitFor()

export const live = (page: Page) => page.locator('.page.live').waitFor()

export async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
