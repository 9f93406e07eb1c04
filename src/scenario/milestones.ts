/**
 * The thirteen milestones of the plan [6.2], planned at the beginning, reached about in time.
 */
import { formatDay, parseDay } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import { chance, type Player, type Scene } from './scene.js'

const milestones = [
  ['2024-03-31', '改革方案印发'],
  ['2024-04-30', '编制普查完成'],
  ['2024-06-30', '监测平台一期上线'],
  ['2024-07-31', '试点启动'],
  ['2025-01-31', '试点中期评估'],
  ['2025-03-31', '动态调整清单印发'],
  ['2025-06-30', '试点结束'],
  ['2025-09-30', '县级方案备案'],
  ['2025-12-31', '首次全市评估'],
  ['2026-06-30', '全面推开完成'],
  ['2026-12-31', '长效机制运行'],
  ['2027-06-30', '中期评估'],
  ['2028-12-31', '终期验收'],
] as const

const latePermille = 200

export function openMilestones(scene: Scene): Player {
  const { firstDay, later, calendar, draw: drawOf } = scene
  const draw = drawOf('milestones')
  const plannedOn = calendar.workdayFrom(firstDay)
  for (const [index, [due, title]] of milestones.entries()) {
    const dueOn = parseDay(due) as DayNumber
    if (dueOn <= plannedOn) continue
    const taskId = `M-${String(index + 1).padStart(2, '0')}`
    const startsOn = formatDay(firstDay)
    later(plannedOn, 0, () =>
      scene.post('quota-office', 'task.planned', 'city', {
        taskId,
        title,
        kind: 'milestone',
        target: 1,
        startsOn,
        dueOn: due,
      }),
    )
    const progress = (done: number) => () => scene.post('quota-office', 'task.progressed', 'city', { taskId, done })
    const doneOn = dueOn + (chance(draw, latePermille) ? draw(1, 12) : -draw(0, 18))
    const halfway = plannedOn + Math.floor((doneOn - plannedOn) / 2)
    if (halfway > plannedOn) later(halfway, 2, progress(0.5))
    later(Math.max(doneOn, plannedOn), 3, progress(1))
  }
  return () => undefined
}
