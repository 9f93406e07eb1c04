/**
 * A core that begins: what it is doing, in words, until it serves; and which errors the machine may have made and may
 * mend, so that it waits for them instead of giving up.
 */
import type { Part } from '../api/api.js'

export class Beginning {
  /** Shown by `/readyz`. */
  state = 'opening the log and the record'
  #serving: (() => readonly Part[]) | undefined

  readonly parts = (): readonly Part[] => this.#serving?.() ?? [{ name: 'core', state: this.state, ready: false }]

  /** It serves: from now on the parts speak for themselves. */
  serves(parts: () => readonly Part[]): void {
    this.#serving = parts
  }
}

/** Full, read-only, failing, out of descriptors or of memory, not ours, or held by somebody (errno(3)). */
const ofTheMachine = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EACCES',
  'EPERM',
  'EBUSY',
  'EADDRINUSE',
])

/** Whether another try may succeed without anybody touching the service. */
export function isOfTheMachine(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (ofTheMachine.has((at as NodeJS.ErrnoException).code ?? '')) return true
  return false
}
