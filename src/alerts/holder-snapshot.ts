/**
 * What people and rules said about a subject, as JSON and back. Deadlines follow from it and are set anew, so rules and
 * calendar must be in place before.
 */
import type { DayNumber, RuleId, UnixMs } from '../core/names.js'

import type { Bench, CommonDue } from './bench.js'
import { nextMidnight } from './days.js'
import { Alert, type Holder, type Proposal, Rectification, type SaidOfAlert, type Silence } from './holder.js'
import { sorted } from './sorted.js'
import { watchAlert } from './watch.js'

type AlertJson = SaidOfAlert & Pick<Alert, 'rung'> & Partial<Pick<Alert, 'rungAssumed' | 'acknowledged' | 'pending'>>

export interface HolderJson {
  readonly alerts?: readonly (readonly [rule: RuleId, alert: AlertJson])[]
  readonly silences?: readonly (readonly [rule: RuleId, silence: Pick<Silence, 'untilMs' | 'by'>])[]
  readonly silencesAhead?: readonly (readonly [rule: RuleId, silence: SilenceAheadJson])[]
  readonly rectifications?: readonly (readonly [rule: RuleId, rectification: RectificationJson])[]
  readonly proposals?: readonly (readonly [rule: RuleId, proposal: Proposal])[]
}

type SilenceAheadJson = Required<Pick<Silence, 'fromMs'>> & Pick<Silence, 'untilMs' | 'by'>

interface RectificationJson extends HolderJson {
  readonly owner: string
  readonly dueOn: DayNumber
}

export function holderToJson({ alerts, care }: Holder): HolderJson {
  const { silences, silencesAhead, rectifications, proposals } = care ?? {}
  return {
    ...(alerts ? { alerts: sorted(alerts).map(([rule, alert]) => [rule, alertToJson(alert)] as const) } : {}),
    ...(silences?.size ? { silences: sorted(silences).map(([rule, { untilMs, by }]) => [rule, { untilMs, by }]) } : {}),
    ...(silencesAhead?.size
      ? {
          silencesAhead: sorted(silencesAhead).map(
            ([rule, { fromMs = 0 as UnixMs, untilMs, by }]) => [rule, { fromMs, untilMs, by }] as const,
          ),
        }
      : {}),
    ...(rectifications?.size
      ? {
          rectifications: sorted(rectifications).map(([rule, rectification]) => {
            const { owner, dueOn } = rectification
            return [rule, { owner, dueOn, ...holderToJson(rectification) }] as const
          }),
        }
      : {}),
    ...(proposals?.size ? { proposals: sorted(proposals) } : {}),
  }
}

const alertToJson = (alert: Alert): AlertJson => {
  const { levels, sinceMs, position, ruleVersion, why, rung, rungAssumed, acknowledged, pending } = alert
  return {
    levels,
    sinceMs,
    position,
    ruleVersion,
    why,
    rung,
    ...(rungAssumed && { rungAssumed }),
    acknowledged,
    pending,
  }
}

function alertFrom(rule: RuleId, { rung, rungAssumed = false, acknowledged, pending, ...said }: AlertJson): Alert {
  const alert = new Alert(rule, said)
  return Object.assign(alert, { rung, rungAssumed, acknowledged, pending })
}

export function restoreHolder(bench: Bench, holder: Holder, json: HolderJson): void {
  for (const [rule, alert] of json.alerts ?? []) holder.addAlert(alertFrom(rule, alert))
  if (json.silences ?? json.silencesAhead ?? json.rectifications ?? json.proposals) restoreCare(bench, holder, json)
  for (const [rule] of json.alerts ?? []) watchAlert(bench, holder, rule)
}

function restoreCare(bench: Bench, holder: Holder, json: HolderJson): void {
  const care = holder.careTaken()
  const set = (owner: CommonDue, atMs: UnixMs) => bench.deadlines.set(owner, atMs)
  for (const [rule, { untilMs, by }] of json.silences ?? []) {
    const silence: Silence = { kind: 'silence', holder, rule, untilMs, by, dueMs: 0 }
    care.silences.set(rule, silence)
    set(silence, untilMs)
  }
  for (const [rule, { fromMs, untilMs, by }] of json.silencesAhead ?? []) {
    const silence: Silence = { kind: 'silence', holder, rule, fromMs, untilMs, by, dueMs: 0 }
    care.silencesAhead.set(rule, silence)
    set(silence, fromMs)
  }
  for (const [rule, { owner, dueOn, ...rest }] of json.rectifications ?? []) {
    const rectification = new Rectification(holder, rule, owner, dueOn)
    care.rectifications.set(rule, rectification)
    restoreHolder(bench, rectification, rest)
    set(rectification, nextMidnight(bench.nowMs))
  }
  for (const [rule, proposal] of json.proposals ?? []) care.proposals.set(rule, { ...proposal })
}
