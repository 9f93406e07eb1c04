/** Counts by state and the sums of the city. */
import { looks, oldShape, shapes, words } from '../model/look.js'
import { shownRatio, shownWhole } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { city, glance, say, stream, summary } from './state.js'

export function Tallies() {
  glance.value
  return (
    <section class="panel tallies" aria-labelledby="tallies">
      <h2 id="tallies">
        {say(texts.byColour)}{' '}
        <span class="aside">
          {say(texts.unitsWatched)} {shownWhole(city.total.units)}
        </span>
        {city.total.old > 0 ? (
          <span class="aside old-count" data-old={city.total.old}>
            {` ${oldShape} ${say(texts.oldData)} ${shownWhole(city.total.old)}`}
          </span>
        ) : null}
      </h2>
      <ul>
        {looks.map((look) => (
          <li key={look} class={`tally look-${look} ${city.total[look] === 0 ? 'is-zero' : ''}`}>
            <span class="shape" aria-hidden="true">
              {shapes[look]}
            </span>
            <span class="count" data-look={look}>
              {shownWhole(city.total[look])}
            </span>
            <span class="word">
              {say(words[look])}
              {look === 'green' && stream.value.kind !== 'live' ? ` · ${say(texts.staleWord)}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function CityFigures() {
  const { facts, policy } = summary.value ?? {}
  const empty = facts?.usable != null && facts.filled != null ? facts.usable - facts.filled : null
  const rows = [
    { name: texts.filled, value: shownWhole(facts?.filled) },
    { name: texts.usable, value: shownWhole(facts?.usable) },
    { name: texts.empty, value: shownWhole(empty) },
    { name: texts.vacancy, value: shownRatio(facts?.vacancyRatio) },
    { name: texts.contract, value: shownWhole(facts?.contract) },
    { name: texts.onLoan, value: shownWhole(facts?.onLoan) },
  ]
  return (
    <section class="panel city-figures" aria-labelledby="city-figures">
      <h2 id="city-figures">
        {say(texts.cityFigures)}{' '}
        <span class="aside">
          {say(texts.policy)} {policy ?? '–'}
        </span>
      </h2>
      <dl>
        <div class="large">
          <dt>{say(texts.approved)}</dt>
          <dd>{shownWhole(facts?.approved)}</dd>
        </div>
        <FillBar filled={facts?.filled} usable={facts?.usable} />
        {rows.map(({ name, value }) => (
          <div key={name.en}>
            <dt>{say(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface FillBarProps {
  readonly filled: number | null | undefined
  readonly usable: number | null | undefined
}

/** How much of what may be filled is filled; the figures beside it say the same. */
function FillBar({ filled, usable }: FillBarProps) {
  const share = usable && filled ? Math.min(1, filled / usable) : 0
  return (
    <div class="fill-bar" aria-hidden="true">
      <span style={{ width: `${(share * 100).toFixed(2)}%` }} />
    </div>
  )
}
