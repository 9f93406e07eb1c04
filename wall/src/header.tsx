/** Title, whether this is an exercise, whether it is live, when the data was last heard of, and what time it is. */
import { counties, countyName } from '../model/names.js'
import { shownClock, shownDay } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { address, clockMs, exercise, go, heardMs, say, stream } from './state.js'

export function Header() {
  return (
    <header>
      <h1>{say(texts.title)}</h1>
      {exercise.value ? (
        <strong class="exercise-badge">
          {say(texts.exercise)}
          <span class="exercise-long"> · {say(texts.exerciseLong)}</span>
        </strong>
      ) : null}
      <Controls />
      <div class="clocks">
        <Pulse />
        <p class="now">
          <span class="day">{shownDay(clockMs.value)}</span> <time>{shownClock(clockMs.value)}</time>{' '}
          <span class="zone">{say(texts.beijingTime)}</span>
        </p>
      </div>
    </header>
  )
}

function Controls() {
  const { county, locale, view } = address.value
  return (
    <nav>
      <select
        aria-label={say(texts.county)}
        value={county ?? ''}
        onChange={({ currentTarget }) => go({ county: counties.find((code) => code === currentTarget.value) })}
      >
        <option value="">{say(texts.all)}</option>
        {counties.map((code) => (
          <option key={code} value={code}>
            {countyName(code, locale)}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => go({ view: view === 'table' ? 'tiles' : 'table' })}>
        {say(view === 'table' ? texts.showTiles : texts.showTable)}
      </button>
      <button
        type="button"
        lang={locale === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => go({ locale: locale === 'zh' ? 'en' : 'zh' })}
      >
        {say(texts.language)}
      </button>
    </nav>
  )
}

function Pulse() {
  const isLive = stream.value.kind === 'live'
  const word = stream.value.kind === 'connecting' ? texts.connecting : isLive ? texts.live : texts.staleHead
  return (
    <p class={isLive ? 'pulse is-live' : 'pulse'}>
      <span class="dot" aria-hidden="true" /> {say(word)}
      {heardMs.value === undefined ? null : (
        <span class="updated">
          {say(texts.updated)} <time>{shownClock(heardMs.value)}</time>
        </span>
      )}
    </p>
  )
}
