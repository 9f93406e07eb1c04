/**
 * The last transition frames that this process read: the same bytes come to each subscriber of a topic, so what was
 * found in them once need not be searched for again. Comparing bytes costs a tenth of reading them.
 */
import { emptyTransitionText, isTransitionText, readTransition, type TransitionText } from './frame-text.js'

interface Known {
  readonly bytes: Buffer
  readonly frame: TransitionText
}

/** A unit's flip is two transitions on two topics: four frames that take turns. Twice that, for two flips at a time. */
const knownMax = 8

export class FrameMemory {
  readonly #known: Known[] = []
  #next = 0
  #last: Known | undefined

  /** What the frame says; undefined when it lacks what no transition frame may lack. Not to be kept or changed. */
  read(bytes: Buffer, start: number, end: number): TransitionText | undefined {
    const known = this.#find(bytes, start, end)
    if (known !== undefined) {
      this.#last = known
      return known.frame
    }
    const frame = emptyTransitionText()
    // latin1: what is searched for is ASCII, and decoding UTF-8 would cost several times as much
    const text = bytes.toString('latin1', start, end)
    if (!isTransitionText(text) || !readTransition(text, frame)) return undefined
    this.#last = { bytes: Buffer.from(bytes.subarray(start, end)), frame }
    this.#known[this.#next] = this.#last
    this.#next = (this.#next + 1) % knownMax
    return frame
  }

  #find(bytes: Buffer, start: number, end: number): Known | undefined {
    if (this.#last !== undefined && same(this.#last.bytes, bytes, start, end)) return this.#last
    return this.#known.find((one) => same(one.bytes, bytes, start, end))
  }
}

const same = (known: Buffer, bytes: Buffer, start: number, end: number): boolean =>
  known.length === end - start && known.compare(bytes, start, end) === 0
