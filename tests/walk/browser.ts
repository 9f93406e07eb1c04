/**
 * The system's Chromium for walks through the wall, with a profile of its own, and what it was heard to do.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const words = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** A limit, not a measure: a machine that does ten things at once may take its time. */
const waitMs = 60_000

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: executable(), args: words })

function executable(): string {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of names) {
      const path = join(directory, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // not here
      }
    }
  throw new Error(`no ${names.join(', ')} on this machine: a walk through the wall needs a browser`)
}

export interface Visit {
  readonly page: Page
  /** Every address that the page asked for or connected to. */
  readonly asked: string[]
  /** What the console was told as an error, and what was thrown: a broken content security policy is among it. */
  readonly complaints: string[]
}

/** A page of its own at `address`; ended with its test. */
export async function visit(
  t: { teardown: (end: () => Promise<void>) => void },
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, ...options })
  t.teardown(() => context.close())
  context.setDefaultTimeout(waitMs)
  const page = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('websocket', (socket) => asked.push(socket.url()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(address)
  return { page, asked, complaints }
}
