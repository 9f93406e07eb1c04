/**
 * How a report is posted: the world learns it at once, the service in time, late, or when a silent feed speaks again.
 */
import type { EventType } from '../core/event.js'
import type { DayNumber } from '../core/names.js'
import type { Draw } from '../core/random.js'
import type { Outbox } from './outbox.js'
import { chance, type Feed, type Post, type Scene, sourceOf } from './scene.js'
import type { Silences } from './silences.js'
import type { World } from './world.js'

/** Counted, so that coming late changes no fact in the end. */
const mayBeLate: ReadonlySet<EventType> = new Set<EventType>([
  'staff.entered',
  'staff.left',
  'contract.entered',
  'contract.left',
  'fund.spent',
])
const latePermille = 12
const lateDaysMax = 4

export interface PostingParts {
  readonly world: World
  readonly outbox: Outbox
  readonly silences: Silences
  readonly draw: Draw
  readonly today: () => DayNumber
}

export function createPost(parts: PostingParts): Pick<Scene, 'post' | 'postInTime' | 'isSilent'> {
  const { world, outbox, silences, today } = parts
  const postInTime: Post = (feed, type, subject, data) => {
    world.learn(type, subject, data)
    outbox.add({ source: sourceOf(feed), type, subject, data })
  }
  const post: Post = (feed, type, subject, data) => {
    const day = arrivalOf(parts, feed, type)
    if (day === undefined) {
      postInTime(feed, type, subject, data)
      return
    }
    world.learn(type, subject, data)
    const unit = world.standing.find(({ id }) => id === subject)
    if (unit) unit.unsettled += 1
    const onArrival = () => {
      if (unit) unit.unsettled -= 1
    }
    outbox.add({ source: sourceOf(feed), type, subject, data }, undefined, { day, onArrival })
  }
  return { post, postInTime, isSilent: (feed) => silences.endOf(sourceOf(feed), today()) !== undefined }
}

/** Undefined when it is in time. */
function arrivalOf({ silences, draw, today }: PostingParts, feed: Feed, type: EventType): DayNumber | undefined {
  const source = sourceOf(feed)
  const silentUntil = silences.endOf(source, today())
  if (silentUntil !== undefined) return silentUntil
  if (!mayBeLate.has(type) || !chance(draw, latePermille)) return undefined
  const day = (today() + draw(1, lateDaysMax)) as DayNumber
  return silences.endOf(source, day) === undefined ? day : undefined
}
