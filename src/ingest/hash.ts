/**
 * 64-bit hashes of strings and numbers in plain JavaScript, as two unsigned 32-bit halves, without allocating.
 *
 * The duplicate memory keeps hashes instead of strings, so their quality is what "never counted twice" rests on: two
 * lanes with different odd multipliers and rotations, the second fed by the first, and murmur3's avalanche at the end.
 * Not seeded by chance, for the memory must be the same after a replay.
 */

/** Reused for many hashes: `start()`, then `text`/`number`/`flag` in any order, then `finish()`; read `lo` and `hi`. */
export class Hash64 {
  lo = 0
  hi = 0

  start(): this {
    this.lo = 0x9e3779b9 | 0
    this.hi = 0x243f6a88 | 0
    return this
  }

  /** The length is mixed in, so `ab`+`c` and `a`+`bc` differ. */
  text(value: string): this {
    let a = this.lo
    let b = this.hi
    for (let i = 0; i < value.length; i++) {
      a = Math.imul(a ^ value.charCodeAt(i), 0x85ebca6b)
      a = (a << 13) | (a >>> 19)
      b = Math.imul(b ^ a, 0xc2b2ae35)
      b = (b << 17) | (b >>> 15)
    }
    this.lo = a
    this.hi = b
    return this.word(value.length).word(1)
  }

  /** By its value: 1, 1.0 and 1e0 are one number, and so are 0 and -0. */
  number(value: number): this {
    float[0] = value + 0
    return this.word(words[0] as number)
      .word(words[1] as number)
      .word(2)
  }

  flag(value: boolean): this {
    return this.word(value ? 1 : 0).word(3)
  }

  finish(): void {
    const a = avalanche(this.lo ^ this.hi)
    const b = avalanche(this.hi + Math.imul(a, 0x27d4eb2f))
    this.lo = (a ^ (b >>> 7)) >>> 0
    this.hi = b >>> 0
  }

  private word(value: number): this {
    const a = Math.imul(this.lo ^ value, 0x85ebca6b)
    this.lo = (a << 13) | (a >>> 19)
    const b = Math.imul(this.hi ^ this.lo, 0xc2b2ae35)
    this.hi = (b << 17) | (b >>> 15)
    return this
  }
}

const float = new Float64Array(1)
const words = new Int32Array(float.buffer)

function avalanche(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
