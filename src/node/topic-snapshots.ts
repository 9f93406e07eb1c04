/**
 * What a topic shows to somebody who begins to watch it: read from the engine, true at one `n`.
 */
import { type County, counties, type N } from '../core/names.js'
import type { Judge } from '../workers/judge.js'

export interface TopicSnapshot {
  readonly n: N
  readonly items: readonly unknown[]
}

type Item = Readonly<Record<string, unknown>>

/** Undefined when there is no such topic. */
export async function snapshotOfTopic(judge: Judge, topic: string): Promise<TopicSnapshot | undefined> {
  const [name, id = ''] = topic.split('/')
  switch (name) {
    case 'unit': {
      const { n, value } = await judge.read({ kind: 'unit', id })
      return { n, items: value === undefined ? [] : [value] }
    }
    case 'county':
      if (!(counties as readonly string[]).includes(id)) return undefined
      return shown(judge, { county: id as County })
    case 'city': {
      const { n, value } = await judge.read({ kind: 'alerts', cityWide: true })
      return { n, items: marked('alert', value) }
    }
    case 'freezes': {
      const { n, value } = await judge.read({ kind: 'freezes' })
      return { n, items: marked('freeze', value) }
    }
    case 'all':
      return shown(judge, {})
    default:
      return undefined
  }
}

/** Alerts that are not green, freezes that are not none, proposals that are open. Read in one turn, so at one `n`. */
async function shown(judge: Judge, where: { readonly county?: County }): Promise<TopicSnapshot> {
  const kinds = ['alert', 'freeze', 'proposal'] as const
  const answers = await Promise.all(kinds.map((kind) => judge.read({ kind: `${kind}s`, ...where })))
  const n = answers[0]?.n
  if (n === undefined || answers.some((answer) => answer.n !== n))
    throw new Error('reads of one turn were answered at two n')
  return { n, items: answers.flatMap(({ value }, index) => marked(kinds[index] as string, value)) }
}

/** No transition would take back that an alert hangs on a silent feed, so it is not said here. */
const marked = (kind: string, value: unknown): Item[] =>
  (value as Item[]).map(({ stale: _, ...item }) => ({ kind, ...item }))
