/** One unit: its figures, what stands on it and why, its freeze, loans and tasks. Read anew whenever it changed. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Again } from '../model/again.js'
import type { AlertAnswer, Facts, UnitDetail } from '../model/answers.js'
import { lookOf } from '../model/look.js'
import { countyName, kindName, levelName, ruleName, sectorName } from '../model/names.js'
import { shownMoment, shownRatio, shownVacancy, shownWhole, shownWhy } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { State } from './badge.js'
import { readUnit } from './service.js'
import { address, changedIds, go, say } from './state.js'

type Reading =
  | { readonly kind: 'reading' }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'read'; readonly unit: UnitDetail }

export function Detail({ id }: { readonly id: string }) {
  const reading = useUnit(id)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section class="panel detail" aria-labelledby="detail">
      <button type="button" class="close" aria-label={say(texts.close)} onClick={() => go({ unit: undefined })}>
        ✕
      </button>
      <h2 id="detail" ref={heading} tabIndex={-1}>
        {reading.kind === 'read' ? reading.unit.name : id}
      </h2>
      {reading.kind === 'read' ? (
        <UnitPanel unit={reading.unit} />
      ) : (
        <p class="nothing">{say(sentences[reading.kind])}</p>
      )}
    </section>
  )
}

const sentences = { reading: texts.loading, none: texts.notFound, failed: texts.readFailed } as const
const retryMs = 3000

/** The unit as the service knows it, read again after each change. */
function useUnit(id: string): Reading {
  const reading = useSignal<Reading>({ kind: 'reading' })
  const again = useRef<Again | undefined>(undefined)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const reader = new Again(async () => {
      try {
        const unit = await readUnit(id)
        reading.value = unit ? { kind: 'read', unit } : { kind: 'none' }
      } catch {
        // What was read before is better than an excuse.
        if (reading.peek().kind !== 'read') reading.value = { kind: 'failed' }
        timer = setTimeout(() => reader.soon(), retryMs)
      }
    }, console.error)
    again.current = reader
    reader.soon()
    return () => clearTimeout(timer)
  }, [id])
  useSignalEffect(() => {
    if (changedIds.value.includes(id)) again.current?.soon()
  })
  return reading.value
}

function UnitPanel({ unit }: { readonly unit: UnitDetail }) {
  const { locale } = address.value
  const { county, level, kind, sector, facts, policy, alerts, freeze, loans, tasks, colour } = unit
  const isUnknown = facts.approved === null || unit.setAside === true
  return (
    <>
      <p class="aside">
        {unit.id} · {countyName(county, locale)} · {levelName(level, locale)} · {kindName(kind, locale)} ·{' '}
        {sectorName(sector, locale)}
      </p>
      <p class="states">
        <State look={isUnknown && colour === 'green' ? 'unknown' : lookOf(colour)} />
        {freeze.state === 'frozen' ? <State look="frozen" /> : null}
      </p>
      <FactList facts={facts} policy={policy} />
      {freeze.state === 'none' ? null : (
        <p class="freeze-line">
          <State look={lookOf(freeze.state)} {...(freeze.state === 'lifted' && { word: say(texts.lifted) })} />{' '}
          {freeze.since === null ? '' : `${say(texts.since)} ${shownMoment(freeze.since)} · `}
          {say(texts.reasons)}: {freeze.reasons.map((reason) => ruleName(reason, locale)).join(', ')}
          {freeze.until === undefined ? '' : ` · ${say(texts.until)} ${shownMoment(freeze.until)}`}
          {freeze.by === undefined ? '' : ` · ${freeze.by}`}
        </p>
      )}
      {alerts.map((alert) => (
        <AlertCard key={`${alert.subject} ${alert.rule}`} alert={alert} />
      ))}
      <Loans loans={loans} />
      <Tasks tasks={tasks} />
    </>
  )
}

function FactList({ facts, policy }: { readonly facts: Facts; readonly policy: string }) {
  const rows = [
    [texts.approved, shownWhole(facts.approved)],
    [texts.usable, shownWhole(facts.usable)],
    [texts.filled, shownWhole(facts.filled)],
    [texts.overBy, facts.overBy === null ? '–' : shownWhole(Math.max(0, facts.overBy))],
    [texts.vacancy, shownVacancy(facts)],
    [texts.onLoan, shownWhole(facts.onLoan)],
    [texts.contract, shownWhole(facts.contract)],
    [texts.policy, policy],
  ] as const
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name.en}>
          <dt>{say(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function AlertCard({ alert }: { readonly alert: AlertAnswer }) {
  const { rule, colour, since, why, subject } = alert
  const task = subject.split('/')[1]
  return (
    <article class={`alert-card look-${lookOf(colour)}`}>
      <h3>
        <State look={lookOf(colour)} /> {ruleName(rule, address.value.locale)} {task ?? ''}
      </h3>
      <p class="why-figure">{shownWhy(why)}</p>
      <p class="aside">
        {say(texts.since)} {shownMoment(since)} · {say(texts.policy)} {why.policy}
        {why.assumed ? ` · ${say(texts.assumed)}` : ''}
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
    </article>
  )
}

function Loans({ loans }: Pick<UnitDetail, 'loans'>) {
  if (loans.length === 0) return null
  return (
    <>
      <h3>{say(texts.loans)}</h3>
      <ul class="rows">
        {loans.map(({ loanId, out, dueOn }) => (
          <li key={loanId} class="row">
            {loanId} · {shownWhole(out)} · {say(texts.due)} {dueOn ?? '–'}
          </li>
        ))}
      </ul>
    </>
  )
}

function Tasks({ tasks }: Pick<UnitDetail, 'tasks'>) {
  if (tasks.length === 0) return null
  return (
    <>
      <h3>{say(texts.tasks)}</h3>
      <ul class="rows">
        {tasks.map(({ taskId, title, dueOn, progressRatio }) => (
          <li key={taskId} class="row">
            {title} · {shownRatio(progressRatio)} · {say(texts.due)} {dueOn}
          </li>
        ))}
      </ul>
    </>
  )
}
