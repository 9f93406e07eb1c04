/**
 * The service's HTTP side, as this page uses it. Every wait has a limit: a screen that nobody stands in front of must
 * come back by itself from whatever happens to the network.
 */
import type { AlertAnswer, CityFigures, RuleSetAnswer, Summary, UnitAnswer, UnitDetail } from '../model/answers.js'
import type { Entry } from '../model/journal.js'

export interface WallConfig {
  /** Address of the stream, `ws://host:port/v1/stream`. */
  readonly stream: string
  readonly exercise: boolean
}

const answerWaitMs = 20_000
const unitsPerPage = 1000
/** 1,000,000 units: more than the country has. A list that does not end is a defect, and this ends it. */
const pagesMax = 1000

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(answerWaitMs), cache: 'no-store' })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return (await answer.json()) as T
}

export const readConfig = (): Promise<WallConfig> => read('/wall/config.json')
export const readSummary = (): Promise<Summary> => read<CityFigures['city']>('/v1/summary')
export const readClock = (): Promise<{ readonly now: string }> => read('/v1/clock')

export const readRules = (): Promise<RuleSetAnswer> => read('/v1/rules')

/** Of a subject that is no unit: the city, a county, the pool, an account, a source. */
export const readAlerts = async (subject: string): Promise<readonly AlertAnswer[]> =>
  (await read<{ items: AlertAnswer[] }>(`/v1/alerts?limit=1000&subject=${encodeURIComponent(subject)}`)).items

/** Undefined when it was taken, else what the service says against it. */
export async function acknowledge(order: {
  readonly subject: string
  readonly rule: string
  readonly by: string
  readonly reason: string
}): Promise<string | undefined> {
  const answer = await fetch('/v1/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ order: 'acknowledge', ...order }),
    signal: AbortSignal.timeout(answerWaitMs),
  })
  if (answer.ok) return undefined
  const problem = (await answer.json().catch(() => ({}))) as { readonly code?: string; readonly detail?: string }
  return `${problem.code ?? answer.status} ${problem.detail ?? ''}`.trim()
}

/** Undefined when there is no such unit. */
export async function readUnit(id: string): Promise<UnitDetail | undefined> {
  const path = `/v1/units/${encodeURIComponent(id)}`
  const answer = await fetch(path, { signal: AbortSignal.timeout(answerWaitMs), cache: 'no-store' })
  // An id that cannot be one is no unit either.
  if (answer.status === 404 || answer.status === 400) return undefined
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return (await answer.json()) as UnitDetail
}

export async function readUnits(): Promise<readonly UnitAnswer[]> {
  const units: UnitAnswer[] = []
  let cursor = ''
  for (let pages = 0; pages < pagesMax; pages++) {
    const page = await read<{ items: UnitAnswer[]; next: string | null }>(`/v1/units?limit=${unitsPerPage}${cursor}`)
    for (const unit of page.items) units.push(unit)
    if (page.next === null) return units
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
  throw new Error('the list of units does not end')
}

/** The last `count` transitions up to `head`. */
export async function readTransitions(head: number, count: number): Promise<readonly Entry[]> {
  const since = Math.max(0, head - count)
  const page = await read<{ items: Entry[] }>(`/v1/transitions?since=${since}&limit=${count}`)
  return page.items.filter(({ n }) => n <= head)
}
