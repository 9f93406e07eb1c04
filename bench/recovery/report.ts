/**
 * What a run of kills comes to. Pure: counts, percentiles, and whether the promise was kept.
 */
import type { Member } from './kept-service.js'

export interface Kill {
  readonly member: Member
  /** Since the load began. */
  readonly atMs: number
  /** Until a request that began after the kill was acknowledged. */
  readonly acknowledgedMs: number
  /** Until every client was shown the present again; 0 when none noticed. */
  readonly clientsMs: number
}

/** Entries of the log by the id of their event, and what the clients were shown. */
export interface Evidence {
  readonly acknowledged: ReadonlySet<string>
  /** Event id -> how often it stands in the log. */
  readonly inLog: ReadonlyMap<string, number>
  readonly clients: readonly Shown[]
  /** In order of n. */
  readonly transitions: readonly { readonly n: number; readonly subject: string }[]
  readonly topicsOf: (subject: string) => readonly string[]
}

/** What one client was shown of one topic. */
export interface Shown {
  readonly topic: string
  /** Transitions up to here came as a snapshot. */
  readonly since: number
  readonly ns: readonly number[]
}

export interface Loss {
  readonly lostEvents: number
  readonly duplicatedEvents: number
  readonly lostTransitions: number
  readonly duplicatedTransitions: number
  readonly examples: readonly string[]
}

const examplesMax = 10

export const lossOf = ({ acknowledged, inLog, clients, transitions, topicsOf }: Evidence): Loss => {
  const examples: string[] = []
  const note = (text: string): void => {
    if (examples.length < examplesMax) examples.push(text)
  }
  const lost = [...acknowledged].filter((id) => !inLog.has(id))
  const doubled = [...inLog].filter(([, count]) => count > 1)
  for (const id of lost) note(`event ${id} was acknowledged and is not in the log`)
  for (const [id, count] of doubled) note(`event ${id} stands in the log ${count} times`)
  const byTopic = numbersByTopic(transitions, topicsOf)
  let [lostTransitions, duplicatedTransitions] = [0, 0]
  for (const { topic, since, ns } of clients) {
    const seen = new Set(ns)
    const missing = (byTopic.get(topic) ?? []).filter((n) => n > since && !seen.has(n))
    lostTransitions += missing.length
    duplicatedTransitions += ns.length - seen.size
    if (missing.length > 0) note(`${topic}: a client was not shown n ${missing.slice(0, 5).join(', ')}`)
    if (ns.length > seen.size) note(`${topic}: a client was shown a transition twice`)
  }
  return {
    lostEvents: lost.length,
    duplicatedEvents: doubled.length,
    lostTransitions,
    duplicatedTransitions,
    examples,
  }
}

const numbersByTopic = (
  transitions: Evidence['transitions'],
  topicsOf: Evidence['topicsOf'],
): ReadonlyMap<string, readonly number[]> => {
  const byTopic = new Map<string, number[]>()
  for (const { n, subject } of transitions)
    for (const topic of topicsOf(subject)) {
      const ns = byTopic.get(topic)
      if (ns === undefined) byTopic.set(topic, [n])
      else ns.push(n)
    }
  return byTopic
}

export interface Spread {
  readonly count: number
  readonly p50: number
  readonly max: number
}

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.map(Math.round).sort((a, b) => a - b)
  return { count: sorted.length, p50: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** When everything that a kill took away was there again. */
export const recoveryOf = ({ acknowledgedMs, clientsMs }: Kill): number => Math.max(acknowledgedMs, clientsMs)

export const spreadByMember = (kills: readonly Kill[]) => {
  const names = [...new Set(kills.map(({ member }) => member))].sort()
  return Object.fromEntries(
    names.map((name) => {
      const own = kills.filter(({ member }) => member === name)
      return [
        name,
        {
          acknowledgedMs: spreadOf(own.map(({ acknowledgedMs }) => acknowledgedMs)),
          clientsMs: spreadOf(own.map(({ clientsMs }) => clientsMs)),
        },
      ]
    }),
  )
}

/** What the issue asks of a killed core. */
export const coreAcknowledgesMsMax = 3_000
export const clientsCaughtUpMsMax = 10_000

export const failuresOf = (
  loss: Loss,
  kills: readonly Kill[],
  verdicts: Readonly<Record<string, string>>,
  refused: readonly string[],
): string[] => {
  const { lostEvents, duplicatedEvents, lostTransitions, duplicatedTransitions } = loss
  const core = kills.filter(({ member }) => member === 'core')
  const slowest = Math.max(0, ...core.map(({ acknowledgedMs }) => acknowledgedMs))
  const lastClient = Math.max(0, ...core.map(({ clientsMs }) => clientsMs))
  return [
    ...(lostEvents > 0 ? [`${lostEvents} acknowledged events are lost`] : []),
    ...(duplicatedEvents > 0 ? [`${duplicatedEvents} events stand in the log twice`] : []),
    ...(lostTransitions > 0 ? [`${lostTransitions} transitions were not shown to a client`] : []),
    ...(duplicatedTransitions > 0 ? [`${duplicatedTransitions} transitions were shown to a client twice`] : []),
    ...(refused.length > 0 ? [`${refused.length} events were not accepted, such as ${refused[0]}`] : []),
    ...Object.entries(verdicts).flatMap(([when, verdict]) =>
      verdict === 'same' ? [] : [`quotawatch verify of the ${when} service: ${verdict}`],
    ),
    ...(slowest > coreAcknowledgesMsMax ? [`after a killed core nothing was acknowledged for ${slowest} ms`] : []),
    ...(lastClient > clientsCaughtUpMsMax ? [`after a killed core a client was behind for ${lastClient} ms`] : []),
  ]
}
