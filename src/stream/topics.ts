/**
 * Topics and their filters: what may stand in a `subscribe` frame, and which transitions belong to it.
 *
 * A filter is part of the topic's name (`county/XH?colour=red`), so a filtered stream has its own cursor and its own
 * chain of `p`. A colour is a bit, so that whether a transition passes a filter is one `&` and never a JSON.parse.
 */
import { type Colour, colours, counties, idPattern } from '../core/names.js'
import type { Transition, Verdict } from '../core/transition.js'

export interface TopicName {
  /** As the client wrote it: the name in every frame. */
  readonly name: string
  /** Without the filter: the name in a transition's `topics`. */
  readonly base: string
  /** The bit of the filter's colour; 0 when there is no filter. */
  readonly colourBit: number
}

/** `unit/` and 64 characters of three bytes each is well below; a name longer than this is no topic. */
const topicCharactersMax = 96
const unitTopic = new RegExp(`^unit/${idPattern.slice(1)}`)

/** The topic that `name` means; undefined when there is none of that name. */
export function parseTopic(name: string): TopicName | undefined {
  if (name.length > topicCharactersMax) return undefined
  const mark = name.indexOf('?')
  const base = mark < 0 ? name : name.slice(0, mark)
  if (!isBase(base)) return undefined
  if (mark < 0) return { name, base, colourBit: 0 }
  const filter = name.slice(mark + 1)
  const colour = colours.find((candidate) => filter === `colour=${candidate}`)
  // A unit has few alerts, and a freeze has no colour.
  if (!colour || base === 'freezes' || base.startsWith('unit/')) return undefined
  return { name, base, colourBit: bitOf(colour) }
}

const isBase = (base: string): boolean =>
  base === 'all' ||
  base === 'city' ||
  base === 'freezes' ||
  unitTopic.test(base) ||
  (base.startsWith('county/') && (counties as readonly string[]).includes(base.slice(7)))

const bitOf = (colour: Colour): number => 1 << colours.indexOf(colour)

/**
 * The colours that a transition leaves or enters, as bits; 0 for a freeze, which therefore passes no colour filter.
 * Both count: a screen that shows what is red must hear that something is no longer red.
 */
export const colourBitsOf = (transition: Transition | Verdict): number =>
  transition.kind === 'alert' ? bitOf(transition.from) | bitOf(transition.to) : 0

/** Whether an item of a snapshot belongs to the topic. */
export function itemPasses(item: unknown, topic: TopicName): boolean {
  if (topic.colourBit === 0) return true
  if (typeof item !== 'object' || item === null || !('colour' in item)) return false
  return bitOf(item.colour as Colour) === topic.colourBit
}
