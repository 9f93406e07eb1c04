/**
 * What the benches ask of a running service over HTTP: found the city, send the marker, read the record.
 */
import { type CitySettings, foundingLines, markerEvent } from './city.js'
import type { RecordedTransition } from './ledger.js'

/** NDJSON lines of one founding request. */
const linesPerRequest = 1_000
const pageLimit = 1_000
/** An overloaded service is asked again for up to a minute. */
const triesMax = 600
const againMs = 100

export interface Target {
  readonly host: string
  readonly port: number
}

interface EventsAnswer {
  readonly items?: readonly { readonly id?: string; readonly status: string; readonly code?: string }[]
}

/** As a sender does it: who is told to come again comes again, sooner than asked for because nothing is measured yet. */
const post = async ({ host, port }: Target, contentType: string, body: string): Promise<EventsAnswer> => {
  const send = () =>
    fetch(`http://${host}:${port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
      signal: AbortSignal.timeout(60_000),
    })
  let answer = await send()
  for (let tries = 1; answer.status === 503 && tries < triesMax; tries += 1) {
    await answer.arrayBuffer()
    await pause(againMs)
    answer = await send()
  }
  const text = await answer.text()
  if (answer.status !== 202) throw new Error(`POST /v1/events was answered ${answer.status}: ${text.slice(0, 500)}`)
  const parsed = JSON.parse(text) as EventsAnswer
  const refused = parsed.items?.find(({ status }) => status !== 'accepted')
  if (refused !== undefined) throw new Error(`an event was not accepted: ${JSON.stringify(refused)}`)
  return parsed
}

/** Sends events of the bench, one JSON text each, as NDJSON. */
export const postLines = async (target: Target, lines: readonly string[]): Promise<void> => {
  for (let at = 0; at < lines.length; at += linesPerRequest)
    await post(target, 'application/x-ndjson', `${lines.slice(at, at + linesPerRequest).join('\n')}\n`)
}

/** Sends one event; resolves when it is durable. */
export const postEvent = async (target: Target, text: string): Promise<void> => {
  await post(target, 'application/cloudevents+json', text)
}

/** Registers, staffs and sizes every unit of the bench's city. */
export const foundCity = (target: Target, city: CitySettings): Promise<void> =>
  postLines(target, foundingLines(city, new Date().toISOString()))

interface Page {
  readonly items: readonly (RecordedTransition & {
    readonly why?: { readonly events?: readonly { readonly id: string }[] }
  })[]
  readonly head: number
}

export const readPage = async ({ host, port }: Target, since: number, limit = pageLimit): Promise<Page> => {
  const answer = await fetch(`http://${host}:${port}/v1/transitions?since=${since}&limit=${limit}`, {
    signal: AbortSignal.timeout(10_000),
  })
  if (answer.status !== 200)
    throw new Error(`GET /v1/transitions was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Page
}

/** All transitions after `since`, in order of n. Throws when a number is missing: the record must have no gap. */
export const readTransitions = async (target: Target, since: number): Promise<RecordedTransition[]> => {
  const all: RecordedTransition[] = []
  for (let cursor = since; ; ) {
    const { items, head } = await readPage(target, cursor)
    for (const { n, kind, subject } of items) {
      if (n !== cursor + 1) throw new Error(`the record goes from transition ${cursor} to ${n}`)
      cursor = n
      all.push({ n, subject, ...(kind !== undefined && { kind }) })
    }
    if (items.length === 0 || cursor >= head) return all
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Whether a transition caused by the event `id` stands after `since`; else the last n that was looked at. */
const findCause = async (target: Target, since: number, id: string): Promise<{ found: boolean; seen: number }> => {
  let seen = since
  for (;;) {
    const { items } = await readPage(target, seen)
    if (items.length === 0) return { found: false, seen }
    if (items.some((item) => item.why?.events?.some((event) => event.id === id))) return { found: true, seen }
    seen = items.at(-1)?.n ?? seen
  }
}

/**
 * Sends an event that is known to change a colour and waits until that change is in the record. Judging is in order, so
 * everything that was acknowledged before is judged then. False when it does not appear within `waitMs`.
 */
export const everythingJudged = async (
  target: Target,
  marker: { readonly round: number; readonly since: number; readonly waitMs: number },
): Promise<boolean> => {
  const { id, text } = markerEvent(marker.round, new Date().toISOString())
  await postEvent(target, text)
  const giveUpAt = Date.now() + marker.waitMs
  for (let since = marker.since; Date.now() < giveUpAt; await pause(20)) {
    const { found, seen } = await findCause(target, since, id)
    if (found) return true
    since = seen
  }
  return false
}

const readMetric = (text: string, name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])

const readMetrics = async ({ host, port }: Target): Promise<string> => {
  const answer = await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })
  return answer.text()
}

/** Requests that the service has refused before they were read, by reason. */
export const readRefusals = async (target: Target): Promise<Record<string, number>> => {
  const lines = (await readMetrics(target)).matchAll(/^quotawatch_ingest_refused_total\{reason="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason, Number(count)]))
}

/** Waits until the store has the log up to where it ends now. False when it does not within `waitMs`. */
export const everythingStored = async (target: Target, waitMs: number): Promise<boolean> => {
  const giveUpAt = Date.now() + waitMs
  for (let head: number | undefined; Date.now() < giveUpAt; await pause(20)) {
    const text = await readMetrics(target)
    head ??= readMetric(text, 'quotawatch_log_position')
    if (readMetric(text, 'quotawatch_store_position') >= head) return true
  }
  return false
}
