/** The latest transitions. It can be held (WCAG 2.2.2): what comes meanwhile is shown when it goes on. */
import { useSignal } from '@preact/signals'
import type { Entry } from '../model/journal.js'
import { lookOf, shapes, words } from '../model/look.js'
import { changeName } from '../model/names.js'
import { shownMoment } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { address, glance, journal, say, titleOf } from './state.js'
import { SubjectName } from './subject.js'

const itemsMax = 40

export function Ticker() {
  glance.value
  const held = useSignal<readonly Entry[] | undefined>(undefined)
  const { county } = address.value
  const entries = (held.value ?? journal.entries)
    .filter((entry) => county === undefined || entry.county === county)
    .slice(0, itemsMax)
  const isHeld = held.value !== undefined
  return (
    <section class="panel ticker" aria-labelledby="ticker">
      <h2 id="ticker">
        {say(texts.ticker)}{' '}
        <button type="button" aria-pressed={isHeld} onClick={() => (held.value = isHeld ? undefined : journal.entries)}>
          {say(isHeld ? texts.resume : texts.pause)}
        </button>
      </h2>
      {entries.length === 0 ? <p class="nothing">{say(texts.noTicker)}</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol class="rows" tabIndex={0}>
        {entries.map((entry) => (
          <Line key={entry.n} entry={entry} />
        ))}
      </ol>
    </section>
  )
}

function Line({ entry }: { readonly entry: Entry }) {
  const { at, subject, from, to, correction, kind } = entry
  const rule = 'rule' in entry ? titleOf(String(entry.rule)) : kind === 'freeze' ? say(texts.freezes) : ''
  const by = 'by' in entry && entry.by !== undefined ? String(entry.by) : ''
  return (
    <li class="line" data-n={entry.n}>
      <time>{shownMoment(at)}</time>
      <span class="change">
        <Mark state={from} kind={kind} /> → <Mark state={to} kind={kind} />
      </span>
      <SubjectName subject={subject} />
      <span class="aside">
        {rule} {by}
        {correction ? ` · ${say(texts.correction)}` : ''}
      </span>
    </li>
  )
}

function Mark({ state, kind }: { readonly state: string; readonly kind: string }) {
  // Only alerts and freezes have colours: another change is told in words.
  if (kind !== 'alert' && kind !== 'freeze') return <span>{changeName(state, address.value.locale)}</span>
  const look = lookOf(state)
  const word = kind === 'freeze' && state === 'lifted' ? texts.lifted : words[look]
  return (
    <span class={`look-${look}`} title={say(word)}>
      <span aria-hidden="true">{shapes[look]}</span>
      <span class="visually-hidden">{say(word)}</span>
    </span>
  )
}
