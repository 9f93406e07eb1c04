/**
 * What an event of each type may be about (domain 2): a unit, a county, the city, the pool.
 */
import type { EventType } from '../core/event.js'
import { counties, idPattern, isCityWideSubject } from '../core/names.js'

/** `wide`: a unit, `city`, a county's code or `pool`. */
type About = 'unit' | 'county' | 'city' | 'wide'

const aboutByType: Readonly<Record<EventType, About>> = {
  'unit.registered': 'unit',
  'unit.closed': 'unit',
  'county.described': 'county',
  'quota.approved': 'unit',
  'staff.entered': 'unit',
  'staff.left': 'unit',
  'contract.entered': 'unit',
  'contract.left': 'unit',
  'pool.lent': 'unit',
  'pool.returned': 'unit',
  'request.submitted': 'unit',
  'demand.listed': 'unit',
  'supply.listed': 'unit',
  'task.planned': 'wide',
  'task.progressed': 'wide',
  'assessment.published': 'unit',
  'assessment.closed': 'city',
  'fund.budgeted': 'wide',
  'fund.spent': 'wide',
  'case.opened': 'wide',
  'case.answered': 'wide',
  'indicator.reported': 'wide',
  'risk.reported': 'wide',
}

const about: ReadonlyMap<string, About> = new Map(Object.entries(aboutByType))
const unitId = new RegExp(idPattern)

/** Whether an event of this (known) type may have this subject. */
export function mayBeAbout(type: string, subject: string): boolean {
  switch (about.get(type)) {
    case 'unit':
      return unitId.test(subject) && !isCityWideSubject(subject)
    case 'county':
      return (counties as readonly string[]).includes(subject)
    case 'city':
      return subject === 'city'
    default:
      return unitId.test(subject)
  }
}
