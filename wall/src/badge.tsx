/** A state as people see it everywhere: a colour, a shape, a word. */
import { type Look, oldShape, shapes, words } from '../model/look.js'
import { texts } from '../model/texts.js'
import { say } from './state.js'

/** With a count, for tallies; the word is read out even where there is no room to show it. */
export function Badge({ look, count }: { readonly look: Look; readonly count: number }) {
  return (
    <span class={`badge look-${look}`} title={say(words[look])}>
      <span aria-hidden="true">{shapes[look]}</span>
      <span class="visually-hidden">{say(words[look])} </span>
      {count}
    </span>
  )
}

/** Units of which a silent feed told. */
export function OldBadge({ count }: { readonly count: number }) {
  return (
    <span class="badge look-unknown old" title={say(texts.oldData)}>
      <span aria-hidden="true">{oldShape}</span>
      <span class="visually-hidden">{say(texts.oldData)} </span>
      {count}
    </span>
  )
}

export function State({ look, word }: { readonly look: Look; readonly word?: string }) {
  return (
    <span class={`state look-${look}`}>
      <span aria-hidden="true">{shapes[look]}</span> {word ?? say(words[look])}
    </span>
  )
}

/** Beside every number that the plan does not give (假定). */
export function Assumed({ when }: { readonly when: boolean | undefined }) {
  if (!when) return null
  return (
    <span class="assumed" title={say(texts.assumedLong)}>
      {say(texts.assumed)}
    </span>
  )
}

/** Beside a count of working days in a year that the calendar does not know. */
export function Uncertain({ when }: { readonly when: boolean | undefined }) {
  if (!when) return null
  return (
    <span class="assumed" title={say(texts.uncertainLong)}>
      {say(texts.uncertain)}
    </span>
  )
}
