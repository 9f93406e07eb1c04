/**
 * What is counted about a set of transition numbers, on both sides of the ledger: how many, their sum, and a mix.
 *
 * A client keeps these instead of a list, so that 100,000 clients fit. Count and sum alone could agree by accident (one
 * lost and another invented); the mix, a XOR of scrambled numbers, makes such an accident one in four billion.
 */
export interface Tally {
  count: number
  /** Exact: the sum of all n up to 94 million stays below 2^53. */
  sum: number
  /** XOR of `scramble(n)`, unsigned 32 bits. */
  mix: number
}

export const emptyTally = (): Tally => ({ count: 0, sum: 0, mix: 0 })

/** Spreads `n` over 32 bits (the finaliser of MurmurHash3), so that XOR does not cancel neighbours. */
export const scramble = (n: number): number => {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export const addTo = (tally: Tally, n: number): void => {
  tally.count += 1
  tally.sum += n
  tally.mix = (tally.mix ^ scramble(n)) >>> 0
}

export const sameTally = (a: Tally, b: Tally): boolean => a.count === b.count && a.sum === b.sum && a.mix === b.mix
