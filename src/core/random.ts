/**
 * Seeded whole numbers, for what is invented and must be the same again: the city's data set, the scenario.
 *
 * sfc32 over 32-bit integers, and whole numbers drawn from it, so that no machine's floating point can make a
 * difference. Each purpose has a stream of its own: one more of something does not reshuffle anything else.
 */

/** Whole number from `low` to `high`, both included. */
export type Draw = (low: number, high: number) => number

/** The stream of `purpose` under `seed`. */
export function randomOf(seed: number, purpose: string): Draw {
  let [a, b, c, counter] = [seed | 0, fnv1a(purpose), seed ^ 0x9e37_79b9, 1]
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  // The first outputs still resemble the seed; twelve rounds is what the generator's author recommends.
  for (let round = 0; round < 12; round += 1) next()
  return (low, high) => low + Math.floor((next() * (high - low + 1)) / 2 ** 32)
}

/** 32-bit FNV-1a over UTF-16 code units: a name for a stream becomes a number. */
function fnv1a(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  return hash | 0
}
