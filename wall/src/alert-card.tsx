/** One alert: what was compared with what, since when and why, who must look after it, and what to do. */
import { shownWhy } from '../../src/core/shown-why.js'
import type { AlertAnswer, Playbook } from '../model/answers.js'
import { lookOf } from '../model/look.js'
import { rungName } from '../model/names.js'
import { shownMoment, shownSpan } from '../model/shown.js'
import { thingOf } from '../model/subjects.js'
import { texts } from '../model/texts.js'
import { Acknowledge } from './acknowledge.js'
import { Assumed, State, Uncertain } from './badge.js'
import { address, journal, ruleSet, say, titleOf } from './state.js'

export function AlertCard({ alert }: { readonly alert: AlertAnswer }) {
  const { rule, colour, since, why, subject } = alert
  const isCorrection = journal.entries.find(({ n }) => n === alert.n)?.correction === true
  const playbook = ruleSet.value?.playbooks.find(({ id }) => id === alert.playbook)
  return (
    <article class={`alert-card look-${lookOf(colour)}`} data-rule={rule}>
      <h3>
        <State look={lookOf(colour)} /> {titleOf(rule)} {thingOf(subject)}
      </h3>
      <p class="why-figure">
        {shownWhy(why, address.value.locale)} <Assumed when={why.assumed} /> <Uncertain when={why.uncertain} />
      </p>
      <p class="aside">
        {say(texts.since)} {shownMoment(since)} · {say(texts.policy)} {why.policy}
        {isCorrection ? ` · ${say(texts.correction)}` : ''}
        {alert.stale ? ` · ${say(texts.oldData)}` : ''}
      </p>
      {why.order === undefined ? null : (
        <p class="aside">
          {why.order.order} · {why.order.by}: {why.order.reason}
        </p>
      )}
      {why.events.length === 0 ? null : (
        <p class="aside events">
          {say(texts.events)}: {why.events.map(({ source, id }) => `${source} ${id}`).join(', ')}
        </p>
      )}
      {colour === 'green' ? null : <Care alert={alert} />}
      {playbook ? <PlaybookPart playbook={playbook} /> : null}
    </article>
  )
}

/** Who must look after it, until when nobody is told, by when it must be mended; and how to take it in hand. */
function Care({ alert }: { readonly alert: AlertAnswer }) {
  const { locale } = address.value
  const { rule, subject, rung, rungAssumed, acknowledged, silenced, rectification } = alert
  const escalation = ruleSet.value?.rules.find(({ id }) => id === rule)?.escalation
  return (
    <>
      {rung === undefined ? null : (
        <p class="aside rung">
          {say(texts.rung)} {rungName(rung, locale)} <Assumed when={rungAssumed} />
          {escalation && !acknowledged && rung !== 'city' ? (
            <>
              {' '}
              · {say(texts.climbs)} {rungName('county', locale)} {shownSpan(escalation.county, locale)},{' '}
              {rungName('city', locale)} {shownSpan(escalation.city, locale)} <Assumed when={escalation.assumed} />
            </>
          ) : null}
        </p>
      )}
      {silenced === undefined ? null : (
        <p class="aside">
          {say(texts.silenced)} {silenced.by ?? ''}
          {silenced.until === undefined ? '' : ` · ${say(texts.until)} ${shownMoment(silenced.until)}`}
        </p>
      )}
      {rectification === undefined ? null : (
        <p class="aside">
          {say(texts.rectification)} {rectification.dueOn} · {rectification.owner}
        </p>
      )}
      {acknowledged === undefined ? (
        <Acknowledge subject={subject} rule={rule} />
      ) : (
        <p class="acknowledged">
          ✓ {say(texts.acknowledged)} {acknowledged.by ?? ''} · {shownMoment(acknowledged.at)}
          {acknowledged.until === undefined ? '' : ` · ${say(texts.until)} ${shownMoment(acknowledged.until)}`}
        </p>
      )}
    </>
  )
}

function PlaybookPart({ playbook }: { readonly playbook: Playbook }) {
  const { title, owner, steps, contacts, meeting } = playbook
  const rows = [
    [texts.owner, owner],
    [texts.contacts, contacts.join(', ')],
    [texts.meeting, meeting ?? ''],
  ] as const
  return (
    <section class="playbook">
      <h4>
        {say(texts.playbook)}: {title[address.value.locale]}
      </h4>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <dl>
        {rows.map(([name, value]) =>
          value === '' ? null : (
            <div key={name.en}>
              <dt>{say(name)}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  )
}
