import t from 'tap'
import { loadConfig } from '../../../src/config/config.js'
import type { LogPosition, N, UnixMs } from '../../../src/core/names.js'
import { Previews } from '../../../src/node/preview/previews.js'

function previewsOf(over: { readonly previewsMax?: number; readonly previewMsMax?: number } = {}) {
  const { config } = loadConfig({ directory: '/', environment: {} })
  const judge = {
    read: async () => ({ n: 3 as N, value: 0 }),
    position: 9 as LogPosition,
    n: 3 as N,
    skipped: [],
  }
  return new Previews({
    limits: { ...config, ...over },
    paths: { logPath: '/nowhere', snapshotPath: '/nowhere' },
    judge,
    skippedFrom: 0 as LogPosition,
    nowMs: () => 0 as UnixMs,
    module: new URL('./silent-process.js', import.meta.url),
  })
}

t.test('so many at once, and room again when one has ended', async (t) => {
  const previews = previewsOf({ previewsMax: 1 })
  const first = previews.tell('told', 10)
  await t.rejects(previews.tell('told', 10), { code: 'QW_OVERLOADED', detail: { queue: 'previews' } })
  t.same(await first, { n: 3 })
  t.same(await previews.tell('told', 10), { n: 3 })
  await t.rejects(previewsOf({ previewsMax: 0 }).tell('told', 10), { code: 'QW_OVERLOADED' })
})

t.test('one that takes too long is ended and says so; so is one whose process dies', async (t) => {
  const previews = previewsOf({ previewMsMax: 100 })
  const reason = /longer than previewMsMax 100/
  await t.rejects(previews.tell('silence', 10), { code: 'QW_PREVIEW_ENDED', detail: { reason } })
  await t.rejects(previewsOf().tell('die', 10), { code: 'QW_PREVIEW_ENDED', detail: { reason: /exit code 7/ } })
})

t.test('a log that is trimmed again and again is said; a stop ends what runs', async (t) => {
  await t.rejects(previewsOf().tell('trimmed', 10), { code: 'QW_LOG_TRIMMED' })
  const previews = previewsOf()
  const running = previews.tell('silence', 10)
  // Its process is there only after the turn in which the engine was asked.
  await new Promise((resolve) => setImmediate(resolve))
  previews.close()
  await t.rejects(running, { code: 'QW_PREVIEW_ENDED', detail: { reason: /SIGKILL/ } })
})
