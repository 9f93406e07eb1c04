/**
 * The service's HTTP side, as this page uses it. Every wait has a limit: a screen that nobody stands in front of must
 * come back by itself from whatever happens to the network.
 */
import type { CityFigures, Summary, UnitAnswer, UnitDetail } from '../model/answers.js'
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
