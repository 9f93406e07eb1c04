/**
 * The load of a bench: one generator process that posts events on a schedule (bench/generator-process.ts), as the
 * coordinator sees it.
 */
import { Child } from './child.js'
import type { CitySettings } from './city.js'
import type { Cleanup } from './cleanup.js'
import type { FromGenerator, GeneratorReport, Plan, ToGenerator } from './messages.js'
import { everyNowAndThen } from './progress.js'
import type { Target } from './service-calls.js'

export interface LoadSettings {
  readonly rate: number
  readonly seconds: number
  readonly warmupSeconds: number
  readonly connections: number
  readonly answerWaitMs: number
  readonly clientNiceness: number
}

export type GeneratorChild = Child<ToGenerator, FromGenerator>

const askWaitMs = 60_000

/** The generator with its connections open: as many as the requests of a second, so that a stall finds them ready. */
export const prepareGenerator = async (
  settings: LoadSettings,
  target: Target,
  cleanup: Cleanup,
): Promise<GeneratorChild> => {
  const generator: GeneratorChild = new Child('generator', './generator-process.js')
  cleanup.add(() => generator.stop())
  const { connections: connectionsMax, answerWaitMs } = settings
  const niceness = settings.clientNiceness
  await generator.ask(
    { kind: 'prepare', ...target, niceness, connectionsMax, connectionsWarm: settings.rate, answerWaitMs },
    askWaitMs,
  )
  return generator
}

export const generate = async (
  settings: LoadSettings & { readonly city: CitySettings },
  plan: Plan,
  generator: GeneratorChild,
): Promise<GeneratorReport> => {
  const totalSeconds = settings.warmupSeconds + settings.seconds
  const stopSaying = everyNowAndThen(5_000, async () => {
    const { sent, answered, errors } = await generator.ask({ kind: 'progress' }, askWaitMs)
    return `sent ${sent}, answered ${answered}, errors ${errors}`
  })
  try {
    return await generator.ask(
      { kind: 'run', plan, city: settings.city },
      totalSeconds * 1e3 + settings.answerWaitMs + askWaitMs,
    )
  } finally {
    stopSaying()
  }
}
