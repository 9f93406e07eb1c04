/**
 * What departments send and should not: a few events in ten thousand, each with the code that the service must give.
 *
 * None of them is ever accepted, whatever follows: a wrong unit is never registered, a loan that was never made is never
 * made. So the world learns nothing from them.
 */
import { formatTime, startOfDay } from '../core/day.js'
import type { ErrorCode } from '../core/errors.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import type { Draw } from '../core/random.js'
import type { Expected, Outbox } from './outbox.js'
import { chance, type Moment, oneOf, type Player, type Scene } from './scene.js'

const faultPermille = 75
/** Far beyond the day that a sender's clock may be ahead, and older than any duplicate horizon that can be set. */
const daysAhead = 40
const daysTooOld = 400

type Fields = Readonly<Record<string, unknown>>

interface Fault {
  readonly expected: Expected
  readonly fields: Fields
}

export function openFaults(scene: Scene, outbox: Outbox): Player {
  const draw = scene.draw('faults')
  return (moment) => {
    if (!moment.isWorkday || !chance(draw, faultPermille)) return
    const fault = oneOf(draw, faults)(scene, draw, moment)
    const twisted = fault ?? contradiction(outbox, draw)
    if (twisted) outbox.addFault(twisted.fields, twisted.expected)
  }
}

const refused = (code: ErrorCode): Expected => ({ verdict: 'quarantined', code })
const waits = (code: ErrorCode): Expected => ({ verdict: 'waiting', code })

type MakeFault = (scene: Scene, draw: Draw, moment: Moment) => Fault | undefined

const hired = { type: 'staff.entered', data: { count: 1, basis: 'permanent' } }
const anyUnit = ({ world }: Scene, draw: Draw): string => oneOf(draw, world.standing).id
const timeOf = (day: number): string => formatTime((startOfDay(day as DayNumber) + 36_000_000) as UnixMs)

/** `undefined` stands for one that contradicts what was sent a moment ago. */
const faults: readonly MakeFault[] = [
  (scene, draw) => ({
    expected: refused('QW_FIELD_INVALID'),
    fields: { type: 'staff.left', subject: anyUnit(scene, draw), data: { count: -draw(1, 9), basis: 'permanent' } },
  }),
  (scene, draw) => ({
    expected: refused('QW_FIELD_INVALID'),
    fields: { ...hired, subject: anyUnit(scene, draw), data: { ...hired.data, headcount: 1 } },
  }),
  (scene, draw) => ({
    expected: refused('QW_FIELD_INVALID'),
    fields: { ...hired, subject: anyUnit(scene, draw), data: { count: 1.5, basis: 'permanent' } },
  }),
  (_scene, draw) => ({
    expected: refused('QW_FIELD_INVALID'),
    // Percent where a share is wanted.
    fields: {
      type: 'indicator.reported',
      subject: 'city',
      data: { name: 'insurance_coverage_ratio', value: draw(90, 99) },
    },
  }),
  (scene, draw) => ({
    expected: refused('QW_EVENT_TYPE_UNKNOWN'),
    fields: { type: 'staff.promoted', subject: anyUnit(scene, draw), data: { count: 1 } },
  }),
  (scene, draw) => ({
    expected: refused('QW_EVENT_IS_ORDER'),
    fields: { type: 'lift', subject: anyUnit(scene, draw), data: { until: '2030-01-01T00:00:00+08:00' } },
  }),
  () => ({ expected: refused('QW_SUBJECT_INVALID'), fields: { ...hired, subject: 'city' } }),
  (scene, draw) => ({
    expected: refused('QW_EVENT_INVALID'),
    fields: { ...hired, subject: anyUnit(scene, draw), specversion: '0.3' },
  }),
  (scene, draw, { day }) => ({
    expected: refused('QW_TIME_AHEAD'),
    fields: { ...hired, subject: anyUnit(scene, draw), time: timeOf(day + daysAhead) },
  }),
  (scene, draw, { day }) => ({
    expected: refused('QW_TIME_TOO_OLD'),
    fields: { ...hired, subject: anyUnit(scene, draw), time: timeOf(day - daysTooOld) },
  }),
  (scene, draw) => ({
    expected: refused('QW_UNIT_NOT_EMPTY'),
    fields: { type: 'unit.closed', subject: oneOf(draw, scene.world.standing.filter(hasPosts)).id, data: {} },
  }),
  // A letter too many, as people type it.
  (scene, draw) => ({
    expected: waits('QW_UNIT_UNKNOWN'),
    fields: { ...hired, subject: `${anyUnit(scene, draw)}X` },
  }),
  (scene, draw) => ({
    expected: waits('QW_TASK_UNKNOWN'),
    fields: { type: 'task.progressed', subject: anyUnit(scene, draw), data: { taskId: 'T-9999', done: 1 } },
  }),
  (scene, draw) => ({
    expected: waits('QW_LOAN_UNKNOWN'),
    fields: { type: 'pool.returned', subject: anyUnit(scene, draw), data: { loanId: 'L-9999', count: 1 } },
  }),
  (scene, draw) => ({
    expected: waits('QW_CASE_UNKNOWN'),
    fields: { type: 'case.answered', subject: anyUnit(scene, draw), data: { caseId: 'C-9999' } },
  }),
  ({ world }) => {
    const [closed] = world.closed
    return closed === undefined
      ? undefined
      : { expected: refused('QW_UNIT_CLOSED'), fields: { ...hired, subject: closed } }
  },
  () => undefined,
]

const hasPosts = ({ approved }: { readonly approved: number }): boolean => approved > 0

/** The same source and id as an event of the slot before, and another content. */
function contradiction({ lastAccepted }: Outbox, draw: Draw): Fault | undefined {
  const counted = lastAccepted.filter(({ type }) => type === 'staff.entered')
  if (counted.length === 0) return undefined
  const { source, id, subject } = oneOf(draw, counted)
  const data = { count: 77, basis: 'permanent' }
  return { expected: refused('QW_ID_CONFLICT'), fields: { ...hired, source, id, subject, data } }
}
