/**
 * Names in shared memory, each a bit: which rules freeze a unit fits into one number, and readers know what they are
 * called. One thread adds; names are never taken away, so that a bit means the same for ever.
 */

// The 32nd stands for all names that came when the others were taken.
const namesMax = 31
const overflow = 1 << 31
// Ids of rules have 64 characters at most (config); two bytes each, and their count before them.
const charactersMax = 64
const wordsEach = 1 + charactersMax

/** Shown for a name that had no room. */
const unnamed = '…'

export class Names {
  readonly #words: Int32Array
  readonly #bits = new Map<string, number>()
  readonly #names: string[] = []

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * (1 + namesMax * wordsEach))
  }

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /** For the thread that adds. */
  bitsOf(names: readonly string[]): number {
    let bits = 0
    for (const name of names) bits |= this.#bits.get(name) ?? this.#add(name)
    return bits
  }

  namesOf(bits: number): string[] {
    if (bits === 0) return []
    this.#learn()
    const names = this.#names.filter((_, index) => (bits & (1 << index)) !== 0)
    return (bits & overflow) === 0 ? names : [...names, unnamed]
  }

  #learn(): void {
    const count = Atomics.load(this.#words, 0)
    while (this.#names.length < count) {
      const at = 1 + this.#names.length * wordsEach
      const characters = this.#words.subarray(at + 1, at + 1 + (this.#words[at] as number))
      const name = String.fromCharCode(...characters)
      this.#bits.set(name, 1 << this.#names.length)
      this.#names.push(name)
    }
  }

  #add(name: string): number {
    this.#learn()
    const known = this.#bits.get(name)
    if (known !== undefined) return known
    const index = this.#names.length
    if (index === namesMax || name.length > charactersMax) {
      this.#bits.set(name, overflow)
      return overflow
    }
    const at = 1 + index * wordsEach
    this.#words[at] = name.length
    for (let i = 0; i < name.length; i++) this.#words[at + 1 + i] = name.charCodeAt(i)
    Atomics.store(this.#words, 0, index + 1)
    this.#learn()
    return 1 << index
  }
}
