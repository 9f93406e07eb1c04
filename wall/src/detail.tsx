/**
 * One unit: its figures, what stands on it and why, its freeze, loans and tasks. Or what is no unit (the city, a county, the
 * pool, an account): what stands on it. Read anew whenever it changed.
 */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Again } from '../model/again.js'
import type { AlertAnswer, Facts, UnitDetail } from '../model/answers.js'
import { lookOf } from '../model/look.js'
import { countyName, kindName, levelName, sectorName } from '../model/names.js'
import { shownMoment, shownRatio, shownVacancy, shownWhole } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { AlertCard } from './alert-card.js'
import { Assumed, State } from './badge.js'
import { readAlerts, readUnit } from './service.js'
import { address, changedIds, city, glance, go, journal, say, titleOf } from './state.js'
import { SubjectName } from './subject.js'

type Reading =
  | { readonly kind: 'reading' }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'read'; readonly unit: UnitDetail }
  | { readonly kind: 'alerts'; readonly alerts: readonly AlertAnswer[] }

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
        {reading.kind === 'read' ? reading.unit.name : <SubjectName subject={id} />}
      </h2>
      <Content reading={reading} />
    </section>
  )
}

function Content({ reading }: { readonly reading: Reading }) {
  if (reading.kind === 'read') return <UnitPanel unit={reading.unit} />
  if (reading.kind !== 'alerts') return <p class="nothing">{say(sentences[reading.kind])}</p>
  return (
    <>
      <p class="aside">{say(texts.onlyAlerts)}</p>
      {reading.alerts.length === 0 ? <p class="nothing">{say(texts.noAlerts)}</p> : null}
      {reading.alerts.map((alert) => (
        <AlertCard key={`${alert.subject} ${alert.rule}`} alert={alert} />
      ))}
    </>
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
        reading.value = await readSubject(id, reading.peek().kind === 'alerts')
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
  const newest = useRef(0)
  // What is no unit has no tile that changes; and who took an alert in hand changes no tile either.
  useSignalEffect(() => {
    glance.value
    const last = journal.entries.find(({ subject, unit }) => (unit ?? subject) === id)?.n ?? 0
    if (last > newest.current && newest.current > 0) again.current?.soon()
    newest.current = Math.max(last, newest.current, 1)
  })
  return reading.value
}

const isNoUnit = (subject: string): boolean =>
  [...city.standing.alerts.values()].some((alert) => alert.subject === subject && alert.unit === undefined)

/** `hadAlerts`: it is known to be no unit, and has no alerts any more when none are read. */
async function readSubject(id: string, hadAlerts: boolean): Promise<Reading> {
  const unit = isNoUnit(id) ? undefined : await readUnit(id)
  if (unit) return { kind: 'read', unit }
  const alerts = await readAlerts(id)
  return alerts.length > 0 || hadAlerts ? { kind: 'alerts', alerts } : { kind: 'none' }
}

function UnitPanel({ unit }: { readonly unit: UnitDetail }) {
  const { locale } = address.value
  const { county, level, kind, sector, facts, policy, alerts, freeze, loans, tasks, colour } = unit
  const { stale = [] } = unit
  const isUnknown = facts.approved === null || unit.setAside === true || stale.length > 0
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
      {stale.map(({ source, since }) => (
        <p key={source} class="stale-line" data-source={source}>
          ? {say(texts.oldData)} · {source} · {say(texts.heardLast)} {shownMoment(since)}
        </p>
      ))}
      <FactList facts={facts} policy={policy} />
      {freeze.state === 'none' ? null : (
        <p class="freeze-line">
          <State look={lookOf(freeze.state)} {...(freeze.state === 'lifted' && { word: say(texts.lifted) })} />{' '}
          {freeze.since === null ? '' : `${say(texts.since)} ${shownMoment(freeze.since)} · `}
          {say(texts.reasons)}: {freeze.reasons.map(titleOf).join(', ')}
          {freeze.until === undefined ? '' : ` · ${say(texts.until)} ${shownMoment(freeze.until)}`}
          {freeze.by === undefined ? '' : ` · ${freeze.by}: ${freeze.because ?? ''}`} <Assumed when={freeze.assumed} />
        </p>
      )}
      {freeze.orders?.map(({ by, because, since }) => (
        <p key={by} class="aside freeze-order">
          {titleOf('order')} · {shownMoment(since)} · {by}: {because}
        </p>
      ))}
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
