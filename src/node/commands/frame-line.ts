/**
 * A frame of the stream as one line for a person. What is not worth a line gives none.
 */
import { shownWhy } from '../../core/shown-why.js'
import type { Why } from '../../core/transition.js'

export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

type Fields = Readonly<Record<string, unknown>>

/** Lines for standard output: transitions, and what a snapshot holds. */
export function linesOf(frame: Frame, colours: boolean): readonly string[] {
  if (frame.type === 'transition') return [transitionLine(frame, colours)]
  if (frame.type === 'figures') return [`figures ${frame['topic']} ${JSON.stringify(frame['values'])}`]
  if (frame.type !== 'snapshot') return []
  const items = frame['items'] as readonly Fields[]
  return items.map((item) => `at n ${frame['n']}  ${itemText(item, colours)}`)
}

/** A line for standard error: what happens to the connection. */
export function noticeOf(frame: Frame): string | undefined {
  switch (frame.type) {
    case 'welcome':
      return `connected as ${frame['role']}, ${frame['lane']} lane${frame['exercise'] === true ? ', 演练 exercise' : ''}`
    case 'subscribed':
      return `${frame['topic']} stands at n ${frame['head']}${frame['resumed'] === true ? ', resumed' : ''}`
    case 'stale':
      return `stale since ${frame['since']}: ${frame['why']}`
    case 'fresh':
      return 'current again'
    case 'error':
    case 'bye':
      return `${frame['code']} ${frame['title']}`
    default:
      return undefined
  }
}

function transitionLine(frame: Frame, colours: boolean): string {
  const { n, at, subject, from, to } = frame
  const change = `${paint(String(from), colours)} → ${paint(String(to), colours)}`
  const correction = frame['correction'] === true ? '  correction 更正' : ''
  const silenced = frame['silenced'] === true ? '  silenced' : ''
  return `${at}  n ${n}  ${subject}  ${whatOf(frame)}  ${change}${because(frame)}${correction}${silenced}`
}

/** What moved, beside the subject. */
function whatOf(frame: Frame): string {
  switch (frame['kind']) {
    case 'freeze':
      return `freeze ${frame['sequence']}`
    case 'proposal':
      return `proposal ${frame['proposalId']}`
    case 'request':
      return `request ${frame['requestId']}`
    case 'alert':
      return String(frame['rule'])
    default:
      return `${frame['rule'] ?? ''} ${frame['kind']}`.trim()
  }
}

function itemText(item: Fields, colours: boolean): string {
  if (item['kind'] === 'alert') return `${item['subject']}  ${item['rule']}  ${paint(String(item['colour']), colours)}`
  if (item['kind'] === 'freeze')
    return `${item['unit']}  freeze ${item['sequence']}  ${paint(String(item['state']), colours)}`
  if (item['kind'] === 'proposal') return `${item['subject']}  proposal ${item['proposalId']}  ${item['state']}`
  return `${item['id']}  ${item['name']}  ${paint(String(item['colour']), colours)}`
}

/** The figure beside its threshold, the reasons of a freeze, or the person who ordered. */
function because(frame: Frame): string {
  const why = (frame['why'] ?? {}) as Fields
  const { figure, threshold, order } = why as Record<string, Fields | undefined>
  const parts: string[] = []
  if (figure) parts.push(shownWhy(why as Partial<Why>, 'en'))
  if (threshold?.['when'] !== undefined) parts.push(`when ${threshold['when']}`)
  if (why['assumed'] === true) parts.push('assumed 假定')
  if (why['uncertain'] === true) parts.push('uncertain 日历未定')
  if (Array.isArray(frame['reasons']) && frame['reasons'].length > 0) parts.push(`for ${frame['reasons'].join(', ')}`)
  parts.push(...proposedText(frame['proposed'] as Fields | undefined))
  if (frame['until'] !== undefined) parts.push(`until ${frame['until']}`)
  if (order) parts.push(`${order['order']} by ${order['by']}: ${order['reason']}`)
  return parts.length > 0 ? `  (${parts.join(', ')})` : ''
}

/** `quota -0.10, 40 to 36`, and whether the plan says so. */
function proposedText(proposed: Fields | undefined): string[] {
  if (!proposed) return []
  const approved = proposed['approved'] as Fields | undefined
  return [
    [proposed['kind'], proposed['ratio'], proposed['requestId']].filter((part) => part !== undefined).join(' '),
    ...(approved ? [`${approved['from']} to ${approved['to']} posts`] : []),
    ...(proposed['assumed'] === true ? ['assumed'] : []),
  ]
}

const ansi: Readonly<Record<string, number>> = { green: 32, none: 32, yellow: 33, lifted: 33, red: 31, frozen: 36 }

const paint = (word: string, colours: boolean): string => {
  const code = ansi[word]
  return colours && code !== undefined ? `\u001b[${code}m${word}\u001b[0m` : word
}
