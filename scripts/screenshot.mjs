/**
 * Writes docs/screenshots/wall.png: the wall on the first day of the shipped city, at 1920x1080. Run it when the page
 * has changed, and look at what it wrote.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, buildWallWhenStale, installMissing, root } from './prepare.mjs'

installMissing()
for (const { ok, output } of [build(), buildWallWhenStale()]) if (!ok) throw new Error(output)
const { openBrowser } = await import('../dist/tests/walk/browser.js')
const { shippedCity, startService } = await import('../dist/tests/walk/service.js')

const directory = mkdtempSync(join(tmpdir(), 'quotawatch-screenshot-'))
const service = await startService({ directory, options: { dataSet: shippedCity, rulesFile: 'rules/jiangmen.yaml' } })
const browser = await openBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, reducedMotion: 'reduce' })
  await page.goto(`${service.http}/wall/?lang=zh`)
  await page.locator('.ticker li').nth(2).waitFor()
  await page.locator('.freezes', { hasText: '江门市' }).waitFor()
  // Figures come a moment after the first frames.
  await page.getByText('1,081').first().waitFor()
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path: join(root, 'docs', 'screenshots', 'wall.png') })
} finally {
  await browser.close()
  await service.stop()
  rmSync(directory, { recursive: true, force: true })
}
