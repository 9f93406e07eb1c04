/**
 * Which entry of a batch makes the engine throw: found by bisection over the batch's beginnings.
 *
 * The engine takes entries in order, so a beginning throws exactly when it holds the first poisonous entry. Nothing is
 * believed that was not seen in a trial of its own: a thread may also die of something else.
 */

export interface Poison {
  /** Index of the entry in its batch. */
  readonly index: number
  readonly error: Error
}

/** What the engine throws when it is given the first `entries` of the batch, from the state before it; or undefined. */
export type Trial = (entries: number) => Promise<Error | undefined>

/** Undefined: all of the batch went well this time. Throws what the engine throws without any entry of the batch. */
export async function findPoison(entries: number, trial: Trial): Promise<Poison | undefined> {
  const unfounded = await trial(0)
  if (unfounded) throw new Error(`without any entry of the batch: ${unfounded.message}`, { cause: unfounded })
  let good = 0
  let bad = entries
  let error: Error | undefined
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    const thrown = await trial(middle)
    if (thrown) [bad, error] = [middle, thrown]
    else good = middle
  }
  error ??= await trial(entries)
  return error && { index: bad - 1, error }
}
