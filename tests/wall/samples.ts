/** Units, transitions and figures as the service would answer them. */
import type { Transition } from '../../client/stream.js'
import type { Facts, UnitAnswer } from '../../wall/model/answers.js'

export const facts = (filled: number, approved: number | null = 100): Facts => ({
  approved,
  onLoan: 0,
  usable: approved,
  filled,
  overBy: approved === null ? null : filled - approved,
  vacancyRatio: approved === null || approved === 0 ? null : (approved - filled) / approved,
  contract: 5,
})

export const unit = (id: string, fields: Partial<UnitAnswer> = {}): UnitAnswer => ({
  id,
  name: `unit ${id}`,
  level: 'county',
  county: id.slice(0, 2),
  kind: 'institution',
  sector: 'education',
  facts: facts(90),
  policy: 'home@1',
  ...fields,
})

const why = { events: [], policy: 'home@1', assumed: false }

export const alertTo = (unit: string, to: 'green' | 'yellow' | 'red', fields: object = {}): Transition =>
  ({
    type: 'transition',
    topic: 'all',
    n: 1,
    p: 0,
    kind: 'alert',
    subject: unit,
    unit,
    county: unit.slice(0, 2),
    rule: 'over-quota',
    from: 'green',
    to,
    at: '2024-01-02T08:00:00+08:00',
    why,
    ...fields,
  }) as Transition

export const freezeTo = (unit: string, to: 'none' | 'frozen' | 'lifted'): Transition =>
  ({
    type: 'transition',
    topic: 'all',
    n: 1,
    p: 0,
    kind: 'freeze',
    subject: unit,
    unit,
    county: unit.slice(0, 2),
    from: 'none',
    to,
    sequence: 1,
    reasons: ['over-quota'],
    at: '2024-01-02T08:00:00+08:00',
    why,
  }) as Transition
