/**
 * What `GET /v1/transitions` serves, beside what the record holds: every number, every field.
 */
import type { LogPosition, N } from '../../core/names.js'
import { shownTransition } from '../../core/shown.js'
import type { Transition } from '../../core/transition.js'
import { recordLines } from '../../log/reader.js'
import type { Findings } from './report.js'

export interface ServedInput {
  /** `http://127.0.0.1:8600` */
  readonly http: string
  readonly recordDirectory: string
  /** Numbers up to here are compared. */
  readonly n: N
  readonly findings: Findings
  readonly onProgress: (done: number, total: number) => void
}

const pageTransitions = 1000
const answerWaitMs = 30_000

/** How many were compared. */
export async function compareServed({ http, recordDirectory, n, findings, onProgress }: ServedInput): Promise<number> {
  const lines = recordLines(recordDirectory)
  let compared = 0
  try {
    while (compared < n) {
      const items = await pageOf(http, compared as N, Math.min(pageTransitions, n - compared))
      for (const item of items) {
        compared += 1
        const { value: line, done } = await lines.next()
        if (done) findings.differs('served', { n: compared }, 'is served, and the record does not hold it')
        else compareOne(findings, compared, item, line)
      }
      if (items.length === 0) break
      onProgress(compared, n)
    }
  } finally {
    await lines.return(undefined)
  }
  if (compared < n) findings.differs('served', { n: compared + 1 }, `is not served, though it is one of ${n}`)
  return compared
}

function compareOne(findings: Findings, n: number, item: unknown, line: string): void {
  const served = JSON.stringify(item)
  const expected = JSON.stringify(shownTransition(JSON.parse(line) as Transition))
  if (served !== expected) findings.differs('served', { n }, `${served} is served, ${expected} follows from the record`)
}

async function pageOf(http: string, since: N, limit: number): Promise<readonly unknown[]> {
  const answer = await fetch(`${http}/v1/transitions?since=${since}&limit=${limit}`, {
    signal: AbortSignal.timeout(answerWaitMs),
  })
  const body = (await answer.json()) as { readonly items?: readonly unknown[] }
  if (answer.status !== 200 || !body.items) throw new Error(`answered ${answer.status} to /v1/transitions`)
  return body.items
}

/** The last position that the service has judged, from its metrics. */
export async function judgedPosition(http: string): Promise<LogPosition> {
  const answer = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(answerWaitMs) })
  const figure = /^quotawatch_judged_position (\d+)/m.exec(await answer.text())?.[1]
  if (figure === undefined) throw new Error('its metrics do not say what it has judged')
  return Number(figure) as LogPosition
}
