/**
 * A child process that writes down its priority when it is told to begin and when it has that of one who serves, and ends.
 */
import { appendFileSync } from 'node:fs'
import { getPriority } from 'node:os'

const note = (): void => appendFileSync(process.env['QW_TEST_NICENESS'] ?? '', `${getPriority()}\n`)

process.on('message', ({ kind }: { kind?: string }) => {
  if (kind === 'stop') process.exit(0)
  note()
  process.send?.({ kind: 'ready' })
  setInterval(() => {
    if (getPriority() !== -1) return
    note()
    process.exit(1)
  }, 5)
})
