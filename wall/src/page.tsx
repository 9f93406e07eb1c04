/** The page: banner over everything, tiles or table in the middle, figures on the left, what happens on the right. */
import { looks, oldShape } from '../model/look.js'
import { texts } from '../model/texts.js'
import { Alerts, Freezes } from './alerts.js'
import { State } from './badge.js'
import { Banner } from './banner.js'
import { Detail } from './detail.js'
import { CityFigures, Tallies } from './figures.js'
import { Header } from './header.js'
import { address, exercise, hasUnits, say, stream } from './state.js'
import { Table } from './table.js'
import { Ticker } from './ticker.js'
import { Tiles } from './tiles.js'
import { TrendPanel } from './trend.js'

export function Page() {
  const { unit, view } = address.value
  const classes = ['page', stream.value.kind === 'live' ? 'live' : 'stale', exercise.value ? 'exercise' : '']
  return (
    <div class={classes.join(' ')}>
      <Header />
      <Banner />
      <main>
        <div class="side left">
          <Tallies />
          <CityFigures />
          <TrendPanel />
        </div>
        <div class="middle">
          {hasUnits.value ? null : <p class="loading">{say(texts.loadingUnits)}</p>}
          {view === 'table' ? <Table /> : <Tiles />}
          {view === 'table' ? null : <Legend />}
        </div>
        <div class="side right">
          {unit === undefined ? (
            <>
              <Freezes />
              <Alerts />
              <Ticker />
            </>
          ) : (
            <Detail key={unit} id={unit} />
          )}
        </div>
      </main>
      {exercise.value ? <div class="watermark" aria-hidden="true" /> : null}
    </div>
  )
}

/** The shapes, once more with their words, and what the size of a quiet unit's dot means. */
function Legend() {
  return (
    <p class="legend">
      {[...looks].reverse().map((look) => (
        <State key={look} look={look} />
      ))}
      <span class="old-word">{`${oldShape} ${say(texts.oldData)}`}</span>
      <span>{say(texts.dotSize)}</span>
      <span>{say(texts.keys)}</span>
    </p>
  )
}
