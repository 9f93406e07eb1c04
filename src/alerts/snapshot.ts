/**
 * A shard's whole history as JSON text, and back.
 *
 * Units, loans, tasks and alerts are written in the order of their ids, so that the same history gives the same text
 * whatever way the shard came by it. Deadlines, sums and caches follow from the rest and are made anew.
 */
import type { CalendarEntry, CountingPolicy } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Alert, AlertHolder } from './alert.js'
import type { Approval } from './approvals.js'
import { recount } from './fold-event.js'
import { noteWorst, scheduleTask } from './judge-unit.js'
import type { Load } from './load.js'
import type { Plan, Report } from './plan.js'
import type { Profile } from './profile.js'
import { compileRules } from './rules.js'
import { countedBases, policyNameOf, ShardState } from './shard-state.js'
import { sorted } from './sorted.js'
import { compareText, type Stamp } from './stamp.js'
import { type Lift, type Loan, Task, type Unit, type UnitFreeze } from './unit.js'
import { WorkingDays } from './working-days.js'

/** Raised when the text changes; an older one is then read by code of its own. */
const format = 1

interface ShardJson {
  readonly format: number
  readonly nowMs: UnixMs
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly calendar?: CalendarEntry
  readonly loads: readonly { readonly name: string; readonly untilMs: UnixMs; readonly touched: readonly string[] }[]
  readonly units: readonly UnitJson[]
}

interface UnitJson {
  readonly id: string
  readonly latestMs: UnixMs
  readonly profile?: Profile
  readonly closed?: Stamp
  readonly approvals: readonly Approval[]
  readonly heads: readonly number[]
  readonly contract: number
  readonly loans?: readonly (Loan & { readonly id: string })[]
  readonly tasks?: readonly TaskJson[]
  readonly enteredWhileFrozen?: number
  readonly alerts?: AlertsJson
  readonly freeze?: Omit<UnitFreeze, 'lift'> & { readonly lift?: Pick<Lift, 'untilMs' | 'by'> }
}

interface TaskJson {
  readonly id: string
  readonly latestMs: UnixMs
  readonly judgedFromMs: UnixMs
  readonly plan?: Plan
  readonly report?: Report
  readonly alerts?: AlertsJson
}

export type AlertsJson = readonly (readonly [rule: string, alert: Alert])[]

export function writeSnapshot(state: ShardState): string {
  const json: ShardJson = {
    format,
    nowMs: state.nowMs,
    rules: state.rules.set,
    policy: state.policy,
    ...(state.calendarEntry ? { calendar: state.calendarEntry } : {}),
    loads: sorted(state.loads).map(([name, load]) => ({
      name,
      untilMs: load.untilMs,
      touched: [...load.touched].map(({ id }) => id).sort(compareText),
    })),
    units: sorted(state.units).map(([, unit]) => unitToJson(unit)),
  }
  return JSON.stringify(json)
}

export const alertsToJson = ({ alerts }: AlertHolder): { alerts?: AlertsJson } =>
  alerts ? { alerts: sorted(alerts) } : {}

function unitToJson(unit: Unit): UnitJson {
  return {
    id: unit.id,
    latestMs: unit.latestMs,
    ...(unit.profile ? { profile: unit.profile } : {}),
    ...(unit.closed ? { closed: unit.closed } : {}),
    approvals: unit.approvals.list,
    heads: unit.heads,
    contract: unit.contract,
    ...(unit.loans ? { loans: sorted(unit.loans).map(([id, loan]) => ({ id, ...loan })) } : {}),
    ...(unit.tasks ? { tasks: sorted(unit.tasks).map(([, task]) => taskToJson(task)) } : {}),
    ...(unit.enteredWhileFrozen > 0 ? { enteredWhileFrozen: unit.enteredWhileFrozen } : {}),
    ...alertsToJson(unit),
    ...(unit.freeze ? { freeze: freezeToJson(unit.freeze) } : {}),
  }
}

function taskToJson(task: Task): TaskJson {
  return {
    id: task.id,
    latestMs: task.latestMs,
    judgedFromMs: task.judgedFromMs,
    ...(task.plan ? { plan: task.plan } : {}),
    ...(task.report ? { report: task.report } : {}),
    ...alertsToJson(task),
  }
}

function freezeToJson({ state, sequence, sinceMs, ordered, lift }: UnitFreeze): NonNullable<UnitJson['freeze']> {
  return { state, sequence, sinceMs, ordered, ...(lift ? { lift: { untilMs: lift.untilMs, by: lift.by } } : {}) }
}

/** @throws when the text is not a snapshot of this format. */
export function readSnapshot(text: string): ShardState {
  const json = JSON.parse(text) as ShardJson
  if (json.format !== format) throw new Error(`format ${json.format} is not ${format}`)
  const state = new ShardState()
  state.nowMs = json.nowMs
  state.rules = compileRules(json.rules)
  state.policy = json.policy
  state.policyName = policyNameOf(json.policy)
  state.counted = countedBases(json.policy)
  state.calendarEntry = json.calendar
  state.calendar = new WorkingDays(json.calendar)
  for (const unit of json.units) restoreUnit(state, unit)
  for (const load of json.loads) restoreLoad(state, load)
  return state
}

function restoreLoad(state: ShardState, { name, untilMs, touched }: ShardJson['loads'][number]): void {
  const load: Load<Unit> = {
    kind: 'load',
    name,
    untilMs,
    touched: new Set(touched.map((id) => state.unit(id))),
    dueMs: 0,
  }
  for (const unit of load.touched) unit.openLoads += 1
  state.loads.set(name, load)
  state.deadlines.set(load, untilMs)
}

function restoreUnit(state: ShardState, json: UnitJson): void {
  const unit = state.unit(json.id)
  unit.latestMs = json.latestMs
  if (json.profile) unit.profile = profileFrom(state, json.profile)
  unit.closed = json.closed
  for (const { timeMs, source, id, approved, cause } of json.approvals) {
    const { interned } = state
    unit.approvals.add({ timeMs, source: interned.text(source), id, approved, cause: interned.text(cause) })
  }
  unit.heads.splice(0, unit.heads.length, ...json.heads)
  recount(state, unit)
  unit.contract = json.contract
  if (json.loans) unit.loans = new Map(json.loans.map(({ id, out, due }) => [id, { out, due }]))
  unit.onLoan = (json.loans ?? []).reduce((sum, { out }) => sum + out, 0)
  unit.enteredWhileFrozen = json.enteredWhileFrozen ?? 0
  if (json.alerts) unit.alerts = new Map(json.alerts)
  if (json.tasks) unit.tasks = new Map(json.tasks.map((task) => [task.id, restoreTask(unit, task)]))
  if (json.freeze) restoreFreeze(state, unit, json.freeze)
  if (json.freeze || json.alerts || json.tasks?.some(({ alerts }) => alerts)) noteWorst(state, unit)
  for (const task of unit.tasks?.values() ?? []) scheduleTask(state, task)
}

const profileFrom = ({ interned }: ShardState, { timeMs, source, id, name, cell }: Profile): Profile => ({
  timeMs,
  source: interned.text(source),
  id,
  name,
  cell: interned.cell(cell),
})

function restoreTask(unit: Unit, json: TaskJson): Task {
  const task = new Task(unit, json.id)
  task.latestMs = json.latestMs
  task.judgedFromMs = json.judgedFromMs
  task.plan = json.plan
  task.report = json.report
  if (json.alerts) task.alerts = new Map(json.alerts)
  return task
}

function restoreFreeze(state: ShardState, unit: Unit, json: NonNullable<UnitJson['freeze']>): void {
  const lift: Lift | undefined = json.lift && { kind: 'lift', unit, ...json.lift, dueMs: 0 }
  unit.freeze = { ...json, lift }
  if (lift) state.deadlines.set(lift, lift.untilMs)
}
