/**
 * Complaints and appeals: opened any day, answered mostly within two weeks, some late, a few never.
 */
import { counties } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { about, chance, type Moment, oneOf, type Player, type Scene } from './scene.js'

const casesOfSlotPermille = 1100
const aboutCountyPermille = 300
const channels = ['hotline', 'hotline', 'online', 'online', 'appeal'] as const
/** Upper bounds of drawn percents; domain 4, `case-age`: late after 10 working days, escalated after 15. */
const share = { inTime: 94, late: 97, veryLate: 99 } as const

export function openCases(scene: Scene): Player {
  const draw = scene.draw('cases')
  let cases = 0
  return (moment) => {
    for (let count = about(draw, casesOfSlotPermille); count > 0; count--) {
      cases += 1
      open(scene, draw, moment, `C-${moment.year}-${String(cases).padStart(5, '0')}`)
    }
  }
}

function open({ world, post, later, calendar }: Scene, draw: Draw, { day }: Moment, caseId: string): void {
  const unit = chance(draw, aboutCountyPermille) ? undefined : world.pick(draw, ({ approved }) => approved)
  const subject = unit?.id ?? oneOf(draw, [...counties, 'city'])
  post('petitions', 'case.opened', subject, { caseId, channel: oneOf(draw, channels) })
  const workdays = answeredAfter(draw)
  if (workdays === undefined) return
  if (unit) unit.unsettled += 1
  later(calendar.workdaysAfter(day, workdays), 3, () => {
    if (unit) unit.unsettled -= 1
    post('petitions', 'case.answered', subject, { caseId })
  })
}

/** Undefined: never. */
function answeredAfter(draw: Draw): number | undefined {
  const percent = draw(1, 100)
  if (percent <= share.inTime) return draw(1, 9)
  if (percent <= share.late) return draw(11, 14)
  return percent <= share.veryLate ? draw(16, 30) : undefined
}
