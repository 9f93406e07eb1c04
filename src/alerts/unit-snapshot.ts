/**
 * One unit with everything that is its own, as JSON and back.
 */
import { bases, type DayNumber, type UnixMs } from '../core/names.js'
import type { Approval } from './approvals.js'
import { type Assessment, keyOfPeriod } from './assessments.js'
import { Case } from './case.js'
import { CellChanges } from './cells.js'
import { recount } from './fold-unit-event.js'
import { noLifts, noOrders } from './freeze.js'
import { type HolderJson, holderToJson, restoreHolder } from './holder-snapshot.js'
import { noteWorst, scheduleMatter, scheduleUnit } from './judge-unit.js'
import { Loan } from './loan.js'
import type { Matter } from './matter.js'
import type { Cell, Profile } from './profile.js'
import { Reports } from './reports.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { sorted } from './sorted.js'
import { compareText, type Stamp } from './stamp.js'
import { Task } from './task.js'
import type { Fund, Lift, Unit, UnitFreeze } from './unit.js'

export interface UnitJson extends HolderJson {
  readonly id: string
  readonly latestMs: UnixMs
  readonly profile?: ProfileJson
  readonly closed?: Stamp
  readonly approvals: readonly Approval[]
  readonly heads: readonly number[]
  readonly contract: number
  readonly enteredWhileFrozen?: number
  readonly overSince?: DayNumber
  readonly negativeSince?: DayNumber
  readonly heardOn: DayNumber
  /** Its place in what the shard's line says of tellers. */
  readonly told?: number
  /** Names of open loads that touched it. */
  readonly loads?: readonly string[]
  readonly freeze?: FreezeJson
  readonly matters?: readonly MatterJson[]
  readonly assessments?: readonly Assessment[]
  readonly funds?: readonly (readonly [account: string, fund: Fund])[]
}

/** Before engine 4 it was not held who ordered a freeze, nor when it began and rested. */
interface FreezeJson
  extends Omit<UnitFreeze, 'lift' | 'orders' | 'beganMs' | 'lifts'>,
    Partial<Pick<UnitFreeze, 'orders' | 'beganMs' | 'lifts'>> {
  readonly lift?: Pick<Lift, 'untilMs' | 'by' | 'because'>
}

interface MatterJson extends HolderJson {
  readonly kind: Matter['kind']
  readonly id: string
  readonly latestMs: UnixMs
  /** The members of its class that are facts. */
  readonly facts: Readonly<Record<string, unknown>>
}

export function unitToJson(state: ShardState, unit: Unit): UnitJson {
  const { id, latestMs, profile, closed, approvals, heads, contract, extras, freeze } = unit
  const { enteredWhileFrozen, overSince, negativeSince, heardOn, told } = unit
  return {
    id,
    latestMs,
    ...(profile ? { profile: profileToJson(profile) } : {}),
    ...(closed ? { closed } : {}),
    approvals: approvals.list,
    heads,
    contract,
    ...(enteredWhileFrozen > 0 ? { enteredWhileFrozen } : {}),
    ...(overSince !== 0 ? { overSince } : {}),
    ...(negativeSince !== 0 ? { negativeSince } : {}),
    heardOn,
    ...(told ? { told: told.index } : {}),
    ...(unit.openLoads > 0 ? { loads: loadsOf(state, unit) } : {}),
    ...holderToJson(unit),
    ...(freeze ? { freeze: freezeToJson(freeze) } : {}),
    ...(unit.matters.length > 0 ? { matters: [...unit.matters].sort(byKindAndId).map(matterToJson) } : {}),
    ...(extras?.assessments?.size
      ? { assessments: sorted(extras.assessments).map(([, assessment]) => assessment) }
      : {}),
    ...(extras?.funds?.size ? { funds: sorted(extras.funds) } : {}),
  }
}

const loadsOf = (state: ShardState, unit: Unit): string[] =>
  sorted(state.loads).flatMap(([name, { touched }]) => (touched.has(unit) ? [name] : []))

function freezeToJson(freeze: UnitFreeze): FreezeJson {
  const { state, sequence, sinceMs, ordered, orders, beganMs, lifts, lift } = freeze
  const { untilMs, by, because } = lift ?? {}
  const held = { state, sequence, sinceMs, ordered, orders, beganMs, lifts }
  return { ...held, ...(lift ? { lift: { untilMs, by, because } as Lift } : {}) }
}

const byKindAndId = (a: Matter, b: Matter): number => compareText(a.kind, b.kind) || compareText(a.id, b.id)

const matterToJson = (matter: Matter): MatterJson => ({
  kind: matter.kind,
  id: matter.id,
  latestMs: matter.latestMs,
  facts: factsOf(matter),
  ...holderToJson(matter),
})

function factsOf(matter: Matter): Readonly<Record<string, unknown>> {
  if (matter instanceof Task) return pick(matter, ['plan', 'report', 'judgedFromMs'])
  if (matter instanceof Loan) return pick(matter, ['out', 'due', 'investment'])
  if (matter instanceof Request) return pick(matter, ['submitted', 'decided'])
  if (matter instanceof Case) return pick(matter, ['opened', 'answered'])
  return pick(matter as Reports, ['after', 'reported'])
}

const pick = <M, K extends keyof M & string>(matter: M, members: readonly K[]): Record<string, unknown> =>
  Object.fromEntries(members.filter((member) => matter[member] !== undefined).map((member) => [member, matter[member]]))

export function restoreUnit(state: ShardState, json: UnitJson): void {
  const unit = state.unit(json.id)
  restoreFacts(state, unit, json)
  restoreHolder(state, unit, json)
  for (const matter of json.matters ?? []) restoreMatter(state, unit, matter)
  for (const assessment of json.assessments ?? []) restoreAssessment(state, unit, assessment)
  for (const [account, fund] of json.funds ?? []) Object.assign(unit.fundTaken(account), fund)
  if (json.freeze) restoreFreeze(state, unit, json.freeze)
  if (isFlagged(unit)) noteWorst(state, unit)
  for (const matter of unit.matters) scheduleMatter(state, unit, matter)
  scheduleUnit(state, unit)
  for (const name of json.loads ?? []) restoreLoad(state, unit, name)
}

function restoreLoad(state: ShardState, unit: Unit, name: string): void {
  const load = state.loads.get(name)
  if (!load) throw new Error(`${unit.id} was touched by the load ${name}, which is not open`)
  load.touched.add(unit)
  unit.openLoads += 1
}

const isFlagged = (unit: Unit): boolean =>
  unit.freeze !== undefined || [unit, ...unit.matters].some(({ alerts, care }) => (alerts ?? care) !== undefined)

function restoreFacts(state: ShardState, unit: Unit, json: UnitJson): void {
  const never = 0 as DayNumber
  unit.latestMs = json.latestMs
  if (json.profile) unit.setProfile(profileFrom(state, json.profile))
  unit.closed = json.closed
  for (const { timeMs, source, id, approved, cause } of json.approvals) {
    const { interned } = state
    unit.approve({ timeMs, source: interned.text(source), id, approved, cause: interned.text(cause) })
  }
  bases.forEach((basis, at) => {
    unit.countHeads(basis, json.heads[at] ?? 0)
  })
  recount(state, unit)
  unit.contract = json.contract
  unit.enteredWhileFrozen = json.enteredWhileFrozen ?? 0
  unit.overSince = json.overSince ?? never
  unit.negativeSince = json.negativeSince ?? never
  unit.heardOn = json.heardOn
  unit.told = json.told === undefined ? undefined : state.tellers.at(json.told)
  // Between steps everything is counted, so what was counted is what stands.
  const scratch = new CellChanges()
  scratch.moveHeard(unit)
  scratch.moveFlows(unit)
}

type ProfileJson = Omit<Profile, 'cell'> & { readonly cell: Cell }

/** Without the cell's index: that is the order in which this shard met its cells. */
function profileToJson({ timeMs, source, id, name, cell }: Profile): ProfileJson {
  const { county, sector, level, kind, frontline } = cell
  return { timeMs, source, id, name, cell: { county, sector, level, kind, frontline } }
}

const profileFrom = ({ interned }: ShardState, { timeMs, source, id, name, cell }: ProfileJson): Profile => ({
  timeMs,
  source: interned.text(source),
  id,
  name,
  cell: interned.cell(cell),
})

const classOf = { task: Task, loan: Loan, request: Request, case: Case, report: Reports }

function restoreMatter(state: ShardState, unit: Unit, { kind, id, latestMs, facts, ...holder }: MatterJson): void {
  const matter: Matter = Object.assign(new classOf[kind](unit, id), facts)
  matter.latestMs = latestMs
  unit.addMatter(matter)
  if (matter instanceof Loan) unit.onLoan += matter.out
  restoreHolder(state, matter, holder)
}

function restoreAssessment(state: ShardState, unit: Unit, assessment: Assessment): void {
  unit.assess(keyOfPeriod(assessment.kind, assessment.period), assessment)
  state.unitsAssessedIn(assessment.kind, assessment.period).add(unit)
}

function restoreFreeze(state: ShardState, unit: Unit, json: FreezeJson): void {
  const beganMs = json.state === 'frozen' ? json.sinceMs : 0
  const lift: Lift | undefined = json.lift && { kind: 'lift', unit, ...json.lift, dueMs: 0 }
  unit.freeze = { orders: noOrders, beganMs, lifts: noLifts, ...json, lift }
  if (lift) state.deadlines.set(lift, lift.untilMs)
}
