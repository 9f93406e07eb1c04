/** Waits that end: whoever would wait for ever says what for, and what was the case instead. Not a test. */
import type { LogPosition } from '../../src/core/names.js'
import type { Writer } from '../../src/store/store.js'

const waitMsMax = 60_000
/** Whoever waits must not take the processor from what it waits for. */
const lookEveryMs = 5

/** The same promise, or an error that says what did not come. */
export async function within<T>(what: string, promise: Promise<T>, instead: () => unknown = () => ''): Promise<T> {
  const held: { timer?: NodeJS.Timeout } = {}
  const late = new Promise<never>((_, reject) => {
    held.timer = setTimeout(() => {
      reject(new Error(`still not so after ${waitMsMax / 1000} s: ${what}; ${JSON.stringify(instead())}`))
    }, waitMsMax)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(held.timer)
  }
}

const standing = ({ position, state, counters }: Writer) => ({ position, state, counters })

/** Everything up to `position` is in the store. */
export const stored = (writer: Writer, position: LogPosition): Promise<void> =>
  within(`the store has everything up to ${position}`, writer.reached(position), () => standing(writer))

/** What the writer gives up with. */
export async function refusal(writer: Writer): Promise<Error> {
  const beyond = Number.MAX_SAFE_INTEGER as LogPosition
  const ended = writer.reached(beyond).then(
    () => new Error('it has written what there is not'),
    (error: Error) => error,
  )
  return within('the writer gives up', ended, () => standing(writer))
}

export async function becomes(writer: Writer, kind: Writer['state']['kind']): Promise<void> {
  const held = { isOver: false }
  const looking = async () => {
    while (!held.isOver && writer.state.kind !== kind) await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  await within(`the writer is ${kind}`, looking(), () => standing(writer)).finally(() => {
    held.isOver = true
  })
}
