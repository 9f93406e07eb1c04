/**
 * The frame around every process that main starts: begins when told, stops when told, and ends when main is gone.
 *
 * Ctrl-C reaches the whole terminal group; a child leaves it to main, which stops the family in walking order.
 */
import { errorRow, QwError } from '../core/errors.js'
import { aliveEveryMs, type FromChild, spareWord, type ToChild } from './messages.js'

export type Begin = Extract<ToChild, { kind: 'begin' }>

/** Starts the process's work; resolves to its stop when it serves. */
export type Work = (begin: Begin) => Promise<() => Promise<void>>

/** What the start lacked may be there by now; the process has waited and is to be started again. */
export class StartAgain extends Error {
  override readonly name = 'StartAgain'
}

const tell = (message: FromChild): Promise<void> =>
  new Promise((resolve) => {
    if (!process.send) return resolve()
    process.send(message, () => resolve())
  })

const isSpare = process.argv[2] === spareWord

export function runAsChild(work: Work): void {
  let stop: Promise<() => Promise<void>> | undefined
  if (isSpare) process.title = 'quotawatch spare'
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => process.exit(1))
  process.on('message', (message: ToChild) => {
    if (message.kind === 'begin') {
      // Whoever looks at the list of processes must not take one that waits for one that serves.
      if (isSpare) process.title = `node ${process.argv[1]}`
      stop = work(message)
      stop.then(
        () => tell({ kind: 'ready' }),
        (error) => fail(error),
      )
    } else endWith(stop)
  })
  process.on('SIGTERM', () => endWith(stop))
  setInterval(() => tell({ kind: 'alive' }), aliveEveryMs).unref()
}

async function fail(error: unknown): Promise<void> {
  if (error instanceof QwError) {
    const { retryable } = errorRow(error.code)
    await tell({ kind: 'refused', message: error.message, retryable })
  } else if (error instanceof StartAgain) await tell({ kind: 'again' })
  else console.error(error)
  process.exit(1)
}

function endWith(stop: Promise<() => Promise<void>> | undefined): void {
  const ended = stop ? stop.then((end) => end()) : Promise.resolve()
  ended
    .then(() => tell({ kind: 'stopped' }))
    .then(
      () => process.exit(0),
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
}
