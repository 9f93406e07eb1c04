/**
 * Fills the log before a run: as many ordinary events as are asked for, as fast as they are taken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { unitIdOf } from '../city.js'
import { say } from '../progress.js'
import type { Target } from '../service-calls.js'

const perRequest = 2_000
const requestsAtOnce = 4

const eventText = (index: number, units: number, time: string): string => {
  const type = index % 2 === 0 ? 'contract.entered' : 'contract.left'
  const subject = unitIdOf(Math.floor(index / 2) % units)
  return JSON.stringify({
    specversion: '1.0',
    source: '/fill',
    id: `fill-${index}`,
    type,
    subject,
    time,
    data: { count: 1 },
  })
}

const post = async ({ host, port }: Target, from: number, count: number, units: number): Promise<void> => {
  const time = new Date().toISOString()
  const body = Array.from({ length: count }, (_, i) => eventText(from + i, units, time)).join('\n')
  for (;;) {
    const answer = await fetch(`http://${host}:${port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    })
    const text = await answer.text()
    if (answer.status === 202) return
    if (answer.status !== 503) throw new Error(`filling was answered ${answer.status}: ${text.slice(0, 300)}`)
    await sleep(50)
  }
}

/** How many were sent. */
export const fill = async (target: Target, events: number, units: number): Promise<number> => {
  const startMs = performance.now()
  let next = 0
  const one = async (): Promise<void> => {
    while (next < events) {
      const from = next
      next += perRequest
      await post(target, from, Math.min(perRequest, events - from), units)
    }
  }
  await Promise.all(Array.from({ length: requestsAtOnce }, one))
  if (events > 0) say(`${events} events are in the log, in ${Math.round((performance.now() - startMs) / 1000)} s`)
  return events
}
