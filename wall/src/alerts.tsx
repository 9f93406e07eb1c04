/** What stands: freezes, and alerts that are not green, the worst and newest first. */
import type { StandingAlert } from '../../client/standing.js'
import { shownWhy } from '../../src/core/shown-why.js'
import { lookOf } from '../model/look.js'
import { rungName } from '../model/names.js'
import { shownMoment, shownWhole } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { Assumed, State, Uncertain } from './badge.js'
import { address, city, glance, go, say, titleOf } from './state.js'
import { SubjectName } from './subject.js'

/** More are in the table; a wall that scrolls is read by nobody. */
const itemsMax = 60

export function Freezes() {
  glance.value
  const { county } = address.value
  const all = [...city.standing.freezes.values()].filter((freeze) => county === undefined || freeze.county === county)
  const shown = all.sort((a, b) => Date.parse(b.since) - Date.parse(a.since)).slice(0, itemsMax)
  return (
    <section class="panel freezes" aria-labelledby="freezes">
      <h2 id="freezes">
        {say(texts.freezes)} <span class="aside">{shownWhole(all.length)}</span>
      </h2>
      {shown.length === 0 ? <p class="nothing">{say(texts.noFreezes)}</p> : null}
      <ul class="rows">
        {shown.map(({ unit, state, reasons, since, until }) => (
          <li key={unit}>
            <button type="button" class="row" onClick={() => go({ unit })}>
              <State look={lookOf(state)} {...(state === 'lifted' && { word: say(texts.lifted) })} />
              <SubjectName subject={unit} />
              <span class="aside">
                {reasons.map(titleOf).join(', ')} ·{' '}
                {until === undefined ? shownMoment(since) : `${say(texts.until)} ${shownMoment(until)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Alerts() {
  glance.value
  const { county } = address.value
  const all = [...city.standing.alerts.values()].filter((alert) => county === undefined || alert.county === county)
  const shown = all.sort(worstFirst).slice(0, itemsMax)
  return (
    <section class="panel alerts" aria-labelledby="alerts">
      <h2 id="alerts">
        {say(texts.alerts)} <span class="aside">{shownWhole(all.length)}</span>
      </h2>
      {shown.length === 0 ? <p class="nothing">{say(texts.noAlerts)}</p> : null}
      <ul class="rows">
        {shown.map((alert) => (
          <AlertRow key={`${alert.subject} ${alert.rule}`} alert={alert} />
        ))}
      </ul>
    </section>
  )
}

function worstFirst(a: StandingAlert, b: StandingAlert): number {
  if (a.colour !== b.colour) return a.colour === 'red' ? -1 : 1
  return Date.parse(b.since) - Date.parse(a.since)
}

function AlertRow({ alert }: { readonly alert: StandingAlert }) {
  const { subject, rule, colour, since, why, unit } = alert
  return (
    <li>
      <button type="button" class="row" onClick={() => go({ unit: unit ?? subject })}>
        <State look={lookOf(colour)} />
        <SubjectName subject={subject} />
        <span class="aside">
          {titleOf(rule)} {shownWhy(why, address.value.locale)} <Assumed when={why.assumed} />{' '}
          <Uncertain when={why.uncertain} /> · {shownMoment(since)}
          <Hand alert={alert} />
        </span>
      </button>
    </li>
  )
}

/** Who has it in hand; else who must look after it, once it has climbed. */
function Hand({ alert: { acknowledged, rung, unit } }: { readonly alert: StandingAlert }) {
  if (acknowledged)
    return (
      <span class="hand">
        {' '}
        ✓ {say(texts.acknowledged)} {acknowledged.by ?? ''}
      </span>
    )
  if (rung === undefined || rung === 'unit' || (unit === undefined && rung === 'city')) return null
  return <span class="hand"> ↑ {rungName(rung, address.value.locale)}</span>
}
