/**
 * What a person sees of a long run: a line now and then on standard error. Standard output stays free for the result.
 */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Calls `look` every `everyMs` until the returned function is called; a failed look is silent, the run will tell. */
export const everyNowAndThen = (everyMs: number, look: () => Promise<string>): (() => void) => {
  const timer = setInterval(() => {
    look().then(say, () => undefined)
  }, everyMs)
  return () => clearInterval(timer)
}
