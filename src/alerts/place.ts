/**
 * Where judging takes place: a shard, or the fold. When it is, under which rules and policy, and where verdicts go.
 */
import { civilFromDay, dayOf } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import { type CountingPolicy, firstPolicy, policyNameOf } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Verdict } from '../core/transition.js'
import type { CommonDue } from './bench.js'
import { Deadlines, type Due } from './deadlines.js'
import { type CompiledRules, compileRules, noRules } from './rules.js'
import { touch } from './touch.js'
import { WorkingDays } from './working-days.js'

export class Place<D extends Due = CommonDue> {
  nowMs = 0 as UnixMs
  /** The day and the calendar year that `nowMs` lies in, in Asia/Shanghai. */
  today = 0 as DayNumber
  year = 1970
  rules: CompiledRules = compileRules(noRules)
  /** Some rule about tasks looks at the days that are left of them. */
  daysLeftCount = false
  /** Some rule about units looks at the days that they have been over quota, or below zero. */
  unitDaysCount = false
  policy: CountingPolicy = firstPolicy
  policyName = policyNameOf(firstPolicy)
  calendarEntry: CalendarEntry | undefined
  calendar = new WorkingDays()
  readonly deadlines = new Deadlines<D | CommonDue>()
  verdicts: Verdict[] = []

  setNow(nowMs: UnixMs): void {
    this.nowMs = nowMs
    const today = dayOf(nowMs)
    if (today === this.today) return
    this.today = today
    this.year = civilFromDay(today).year
  }

  setRules(set: RuleSet): void {
    this.rules = compileRules(set)
    this.daysLeftCount = this.rules.of.task.some(({ touchedBy }) => (touchedBy & touch.day) !== 0)
    this.unitDaysCount = this.rules.of.unit.some(({ touchedBy }) => (touchedBy & touch.day) !== 0)
  }

  setPolicy(policy: CountingPolicy): void {
    this.policy = policy
    this.policyName = policyNameOf(policy)
  }

  setCalendar(entry: CalendarEntry | undefined): void {
    this.calendarEntry = entry
    this.calendar = new WorkingDays(entry)
  }
}
