/**
 * Whoever must always be answered: asks health and the gate at a fixed pace while the service is overloaded, and looks at
 * every answer.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { markerUnit } from '../city.js'
import { nowUs } from '../clock.js'
import { type LatencyMs, latencyMs, newHistogram, record } from '../histogram.js'

export interface AskerSettings {
  readonly http: string
  readonly gate: string
  readonly perSecond: number
  readonly answerWaitMs: number
}

export interface Asked {
  readonly asked: number
  /** Not answered in time, or not with what was asked for. */
  readonly wrong: number
  readonly examples: readonly string[]
  readonly latencyMs: LatencyMs
}

interface Question {
  readonly name: 'livez' | 'readyz' | 'metrics' | 'gate' | 'gateOnApiPort'
  readonly url: string
  readonly body?: string
  readonly isAnswer: (status: number, text: string) => boolean
}

export type AskedByName = Readonly<Record<Question['name'], Asked>>

const examplesMax = 3

/** An overloaded service may say that it is not ready: that is an answer, and names its parts. */
const questionsOf = ({ http, gate }: AskerSettings): readonly Question[] => {
  const body = JSON.stringify({ unit: markerUnit, count: 1, basis: 'permanent' })
  const isDenied = (status: number, text: string): boolean => status === 200 && text.startsWith('{"allow":false')
  return [
    { name: 'livez', url: `${http}/livez`, isAnswer: (status) => status === 200 },
    { name: 'readyz', url: `${http}/readyz`, isAnswer: (_, text) => text.includes('"parts":[') },
    { name: 'metrics', url: `${http}/metrics`, isAnswer: (status) => status === 200 },
    { name: 'gate', url: `${gate}/v1/gate`, body, isAnswer: isDenied },
    { name: 'gateOnApiPort', url: `${http}/v1/gate`, body, isAnswer: isDenied },
  ]
}

export class Asker {
  readonly #settings: AskerSettings
  readonly #lanes: Promise<readonly [string, Asked]>[]
  #isOver = false

  constructor(settings: AskerSettings) {
    this.#settings = settings
    this.#lanes = questionsOf(settings).map(async (question) => [question.name, await this.#lane(question)] as const)
  }

  async end(): Promise<AskedByName> {
    this.#isOver = true
    return Object.fromEntries(await Promise.all(this.#lanes)) as AskedByName
  }

  /** One question at a time: an answer that takes longer than the pace is seen in the latencies. */
  async #lane({ url, body, isAnswer }: Question): Promise<Asked> {
    const histogram = newHistogram()
    const examples: string[] = []
    let [asked, wrong] = [0, 0]
    const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    while (!this.#isOver) {
      const startedUs = nowUs()
      asked += 1
      const said = await this.#ask(url, init)
      record(histogram, nowUs() - startedUs)
      if (!isAnswer(said.status, said.text)) {
        wrong += 1
        if (examples.length < examplesMax) examples.push(`${said.status} ${said.text.slice(0, 200)}`)
      }
      await pause(Math.max(0, 1e3 / this.#settings.perSecond - (nowUs() - startedUs) / 1e3))
    }
    return { asked, wrong, examples, latencyMs: latencyMs(histogram) }
  }

  async #ask(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(this.#settings.answerWaitMs) })
      return { status: answer.status, text: await answer.text() }
    } catch (error) {
      return { status: 0, text: error instanceof Error ? error.message : String(error) }
    }
  }
}
