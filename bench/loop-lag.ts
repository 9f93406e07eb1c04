/**
 * How late a process's own event loop is: the bench must know when it measures itself instead of the service.
 *
 * A sample is due every `everyMs` on an absolute schedule. A loop that was blocked for 200 ms missed 40 samples, and
 * all 40 are recorded with the lateness each had, or one long block would hide behind thousands of good samples.
 */
import { type ClockUs, nowUs } from './clock.js'
import { type Histogram, newHistogram, record } from './histogram.js'

export interface LoopLag {
  readonly histogram: Histogram
  /** Records every sample that is due. Called by the timer; by hand in tests. */
  readonly sample: () => void
  /** Takes a last sample; nothing is recorded afterwards. */
  readonly stop: () => void
}

export const watchLoopLag = (everyMs = 5, clock: ClockUs = nowUs): LoopLag => {
  const histogram = newHistogram()
  const everyUs = everyMs * 1e3
  let dueUs = clock() + everyUs
  const sample = (): void => {
    const at = clock()
    for (; dueUs <= at; dueUs += everyUs) record(histogram, at - dueUs)
  }
  // Set anew for each moment: an interval of the platform counts from when it ran, so it is a little later each time,
  // until it is late by a whole interval without anybody having been late.
  let timer: NodeJS.Timeout
  const wait = (): void => {
    timer = setTimeout(
      () => {
        sample()
        wait()
      },
      Math.max(0, dueUs - clock()) / 1e3,
    ).unref()
  }
  wait()
  const stop = (): void => {
    sample()
    dueUs = Number.POSITIVE_INFINITY
    clearTimeout(timer)
  }
  return { histogram, sample, stop }
}
