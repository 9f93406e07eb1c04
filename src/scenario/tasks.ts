/**
 * Reform tasks (domain 6): what the plan sets its city, counties and townships, and what bureaus take on each year.
 *
 * A task that counts something in the world reports that; any other has a pace of its own, drawn at the start: most are
 * a little ahead, some fall behind and recover, a few are finished late.
 */
import { formatDay, parseDay } from '../core/day.js'
import type { TaskKind } from '../core/event.js'
import type { DayNumber } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { postsForTownship } from './moves.js'
import { isSlot, type Player, type Scene } from './scene.js'
import type { Unit } from './world.js'

interface Task {
  readonly subject: string
  readonly taskId: string
  readonly title: string
  readonly kind: TaskKind
  readonly target: number
  readonly startsOn: DayNumber
  readonly dueOn: DayNumber
  /** What is done, given which share of the time has gone: 1 at the due day, more after it. */
  readonly doneAt: (share: number) => number
  /** Days between two reports. */
  readonly everyDays: number
  reported: number
}

const bureauTasksOfYear = 60
/** A task that is not done so long after its due day is reported no more. */
const givenUpAfterDays = 120

export function openTasks(scene: Scene): Player {
  const draw = scene.draw('tasks')
  const plannedOn = scene.calendar.workdayFrom(scene.firstDay)
  for (const task of planTasks(scene, draw))
    if (task.dueOn > plannedOn) begin(scene, draw, task, Math.max(plannedOn, task.startsOn))
  return (moment) => {
    if (!isSlot(moment, 0) || moment.workdayOfMonth !== 3) return
    if (moment.month === 3)
      for (const task of yearTasks(scene, draw, moment.year)) begin(scene, draw, task, moment.day + 1)
  }
}

function begin({ later, postInTime, world, calendar }: Scene, draw: Draw, task: Task, day: number): void {
  const { subject, taskId, title, kind, target, startsOn, dueOn, doneAt, everyDays } = task
  later(day, 0, () =>
    postInTime('organisation', 'task.planned', subject, {
      taskId,
      title,
      kind,
      target,
      startsOn: formatDay(startsOn),
      dueOn: formatDay(dueOn),
    }),
  )
  const isThere = () => world.standing.some(({ id }) => id === subject) || !subject.includes('-')
  const report = (on: number): void => {
    const done = Math.min(target, doneAt((on - startsOn) / (dueOn - startsOn)))
    if (!isThere()) return
    if (done > task.reported || on <= dueOn) postInTime('organisation', 'task.progressed', subject, { taskId, done })
    task.reported = Math.max(done, task.reported)
    const next = calendar.workdayFrom(on + everyDays)
    if (task.reported < target && next < dueOn + givenUpAfterDays) later(next, 2, () => report(next))
  }
  const first = calendar.workdayFrom(day + draw(3, everyDays + 3))
  later(first, 2, () => report(first))
}

/** Tasks of the plan, over years. */
function planTasks(scene: Scene, draw: Draw): Task[] {
  const { world } = scene
  const offices = world.standing.filter(
    ({ profile }) => profile.level === 'township' && profile.kind === 'administrative',
  )
  const centres = world.standing.filter(({ profile }) => profile.level === 'township' && profile.sector === 'health')
  const of = (from: string, to: string) => ({ startsOn: parseDay(from) as DayNumber, dueOn: parseDay(to) as DayNumber })
  const paced = (target: number) => ({ target, doneAt: pace(draw, target), everyDays: 14, reported: 0 })
  const city = (taskId: string, title: string, kind: TaskKind, target: number, span: ReturnType<typeof of>): Task => ({
    ...{ subject: 'city', taskId, title, kind, ...span, ...paced(target) },
  })
  return [
    city('T-DUAL-TRACK', '双轨编制200名', 'reform', 200, of('2024-07-01', '2027-06-30')),
    city('T-POOL', '周转池500名', 'platform', 500, of('2024-04-01', '2027-12-31')),
    city('T-CONTRACT-EDU', '教育编外人员规范', 'reform', 100, of('2024-03-01', '2025-12-31')),
    city('T-CONTRACT-HEA', '卫生编外人员规范', 'reform', 100, of('2024-03-01', '2025-12-31')),
    ...[...world.counties.keys()].map(
      (subject): Task => ({
        ...{ subject, taskId: 'T-TEACHERS', title: '教师下乡', kind: 'placement' },
        ...of('2024-09-01', '2027-08-31'),
        ...paced(43),
      }),
    ),
    ...centres.map(
      ({ id }): Task => ({
        ...{ subject: id, taskId: 'T-GP', title: '全科医生3名', kind: 'placement', ...of('2024-07-01', '2026-12-31') },
        ...paced(3),
      }),
    ),
    ...offices.map(
      (unit): Task => ({
        ...{ subject: unit.id, taskId: 'T-POSTS', title: '镇街增编10名', kind: 'adjustment' },
        ...{ ...of('2024-07-01', '2028-10-31'), target: postsForTownship, everyDays: 30, reported: 0 },
        doneAt: () => gained(unit),
      }),
    ),
  ]
}

const gained = ({ approved, approvedAtFirst }: Unit): number => Math.max(0, approved - approvedAtFirst)

/** The list of the year, and what bureaus have set themselves. */
function yearTasks({ world }: Scene, draw: Draw, year: number): Task[] {
  const span = { startsOn: parseDay(`${year}-03-01`) as DayNumber, dueOn: parseDay(`${year}-11-30`) as DayNumber }
  const movedBefore = world.movedByList
  const list: Task = {
    ...{
      subject: 'city',
      taskId: `T-LIST-${year}`,
      title: '动态调整1000名',
      kind: 'adjustment',
      target: 1000,
      ...span,
    },
    ...{ doneAt: () => world.movedByList - movedBefore, everyDays: 14, reported: 0 },
  }
  const bureaus = world.standing.filter(
    ({ profile }) => profile.kind === 'administrative' && profile.level !== 'township',
  )
  const chosen = new Set(Array.from({ length: bureauTasksOfYear }, () => bureaus[draw(0, bureaus.length - 1)]))
  const own = [...chosen]
    .filter((unit) => unit !== undefined)
    .map(
      ({ id }): Task => ({
        ...{
          subject: id,
          taskId: `T-REFORM-${year}`,
          title: `${year}年机构改革任务`,
          kind: 'reform',
          target: 100,
          ...span,
        },
        ...{ doneAt: pace(draw, 100), everyDays: 14, reported: 0 },
      }),
    )
  return [list, ...own]
}

/** Whole numbers, by a pace that is drawn: six of ten tasks are done by the due day, some are weeks late, some never done. */
function pace(draw: Draw, target: number): (share: number) => number {
  const share = draw(1, 100)
  const speed = share <= 60 ? draw(102, 130) : share <= 85 ? draw(84, 102) : draw(52, 84)
  // What is to be counted in threes cannot be a tenth done: the first one is there early.
  const early = Math.max(0, Math.ceil(target / 12))
  return (gone) => Math.min(target, early + Math.floor((target * speed * Math.max(0, gone)) / 100))
}
