import fc from 'fast-check'
import t from 'tap'
import { errorTable } from '../../src/core/errors.js'
import { orderNames } from '../../src/core/order.js'
import { placesOf } from '../../src/ingest/schema-check.js'
import { isObject, Validator } from '../../src/ingest/validate.js'
import { entered, event, type LooseEvent, registered } from './fixtures.js'

const unit = { name: '中学', level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true }
const task = { taskId: 't1', title: '教师', kind: 'reform', target: 3.5, startsOn: '2024-01-01', dueOn: '2024-12-31' }
const about = (subject: string) => ({ subject })

const good: readonly [string, object, LooseEvent?][] = [
  ['unit.registered', unit],
  ['unit.closed', {}],
  ['unit.closed', { successor: 'U2' }],
  ['county.described', { areaKm2: 324.5, pilotWave: 1 }, about('PJ')],
  ['quota.approved', { approved: 0, cause: 'census' }],
  ['quota.approved', { approved: 120, cause: 'list', documentNo: '江编〔2024〕3号' }],
  ['staff.entered', { count: 1, basis: 'permanent' }],
  ['staff.left', { count: 1_000_000, basis: 'posted_out' }],
  ['contract.entered', { count: 1 }],
  ['contract.left', { count: 1 }],
  ['pool.lent', { loanId: 'L-1', count: 3, dueOn: '2024-12-31', project: '项目', investmentCny: 100_000_000.01 }],
  ['pool.returned', { loanId: 'L-1', count: 3 }],
  ['request.submitted', { requestId: 'r', kind: 'onboarding', count: 1 }],
  ['demand.listed', { listId: 'q', sector: 'health', count: 2, until: '2024-09-30' }],
  ['supply.listed', { listId: 'q', sector: 'health', count: 2 }],
  ['task.planned', task],
  ['task.planned', { ...task, kind: 'milestone', target: 0.000001 }, about('city')],
  ['task.progressed', { taskId: 't1', done: 0 }, about('TS')],
  ['assessment.published', { period: '2024H1', kind: 'economic_contribution', value: 91.25 }],
  ['assessment.published', { period: '2024', kind: 'efficiency', rank: 10, of: 10 }],
  ['assessment.published', { period: '2024', kind: 'annual', grade: 'failed' }],
  ['assessment.closed', { period: '2024H2', kind: 'economic_contribution' }, about('city')],
  ['fund.budgeted', { account: 'platform', amountCny: 20_000_000 }, about('city')],
  ['fund.spent', { account: 'special', amountCny: 0.05 }],
  ['case.opened', { caseId: 'c1', channel: 'hotline' }, about('EP')],
  ['case.answered', { caseId: 'c1' }],
  ['indicator.reported', { name: 'gdp_growth_ratio', value: 1.5 }, about('city')],
  ['indicator.reported', { name: 'population', value: 4_800_000 }, about('city')],
  ['risk.reported', { period: '2024-W52' }, about('city')],
  ['risk.reported', { period: '2020-W53' }, about('city')],
  ['risk.reported', { period: '2024-07' }, about('PJ')],
  ['risk.reported', { period: '2024-07-03' }],
]

for (const [type, data, changes] of good)
  t.test(`${type} ${JSON.stringify(data)} is valid`, async (t) => {
    t.equal(new Validator().check(event(type, data, changes)), undefined)
  })

const fine = { count: 1, basis: 'permanent' }
const lent = { loanId: 'L', count: 1, dueOn: '2024-12-31' }
const economic = { period: '2024H1', kind: 'economic_contribution', value: 1 }

type Case = readonly [string, LooseEvent, string, string | undefined, RegExp?]
const bad: readonly Case[] = [
  ['no specversion', entered({ specversion: undefined }), 'QW_EVENT_INVALID', '/specversion'],
  ['an old specversion', entered({ specversion: '0.3' }), 'QW_EVENT_INVALID', '/specversion'],
  ['no id', entered({ id: undefined }), 'QW_EVENT_INVALID', '/id'],
  ['an empty id', entered({ id: '' }), 'QW_EVENT_INVALID', '/id'],
  ['a number as id', entered({ id: 7 }), 'QW_EVENT_INVALID', '/id'],
  ['an id that is too long', entered({ id: 'x'.repeat(257) }), 'QW_EVENT_INVALID', '/id'],
  ['a control character in the id', entered({ id: 'a\u0000b' }), 'QW_EVENT_INVALID', '/id'],
  ['no source', entered({ source: undefined }), 'QW_EVENT_INVALID', '/source'],
  ['a source with a space', entered({ source: '/a b' }), 'QW_EVENT_INVALID', '/source'],
  ['a source with a bad escape', entered({ source: '/a%2' }), 'QW_EVENT_INVALID', '/source'],
  ['a source with a scheme that is none', entered({ source: '1a:b' }), 'QW_EVENT_INVALID', '/source'],
  ['no type', entered({ type: undefined }), 'QW_EVENT_INVALID', '/type'],
  ['an unknown type', entered({ type: 'staff.vanished' }), 'QW_EVENT_TYPE_UNKNOWN', '/type', /staff\.vanished/],
  ['the name of a built-in as type', entered({ type: 'constructor' }), 'QW_EVENT_TYPE_UNKNOWN', '/type'],
  ['a very long type', entered({ type: 'x'.repeat(200) }), 'QW_EVENT_TYPE_UNKNOWN', '/type', /^.{0,120}$/],
  ...orderNames.map((type) => [`the order ${type}`, entered({ type }), 'QW_EVENT_IS_ORDER', '/type'] as const),
  ['no subject', entered({ subject: undefined }), 'QW_FIELD_INVALID', '/subject', /is missing/],
  ['a subject that is null', entered({ subject: null }), 'QW_FIELD_INVALID', '/subject', /is missing/],
  ['a number as subject', entered({ subject: 1 }), 'QW_FIELD_INVALID', '/subject'],
  ['a subject with a slash', entered({ subject: 'a/b' }), 'QW_SUBJECT_INVALID', '/subject'],
  ['staff of the city', entered({ subject: 'city' }), 'QW_SUBJECT_INVALID', '/subject', /staff\.entered.*city/],
  ['a unit named like a county', registered('XH'), 'QW_SUBJECT_INVALID', '/subject'],
  ['a unit described as a county', event('county.described', { areaKm2: 1 }), 'QW_SUBJECT_INVALID', '/subject'],
  [
    'a unit closing an assessment',
    event('assessment.closed', { period: '2024', kind: 'annual' }),
    'QW_SUBJECT_INVALID',
    '/subject',
  ],
  ['no time', entered({ time: undefined }), 'QW_FIELD_INVALID', '/time', /is missing/],
  ['a time without offset', entered({ time: '2024-07-03T09:15:00' }), 'QW_FIELD_INVALID', '/time', /RFC 3339/],
  ['a date that does not exist', entered({ time: '2024-02-30T09:15:00Z' }), 'QW_FIELD_INVALID', '/time'],
  ['data in base64', entered({ data_base64: 'eA==' }), 'QW_EVENT_INVALID', '/data_base64'],
  ['data that is not JSON', entered({ datacontenttype: 'text/xml' }), 'QW_EVENT_INVALID', '/datacontenttype'],
  ['an attribute with a capital', entered({ Note: 'x' }), 'QW_EVENT_INVALID', '/Note'],
  ['an attribute with a slash', entered({ 'a/b~c': 'x' }), 'QW_EVENT_INVALID', '/a~1b~0c'],
  ['an attribute that is an object', entered({ note: {} }), 'QW_EVENT_INVALID', '/note'],
  [
    'an attribute over any double',
    JSON.parse(JSON.stringify(entered({ n: 0 })).replace('"n":0', '"n":1e999')),
    'QW_EVENT_INVALID',
    '/n',
  ],
  [
    'too many attributes',
    entered(Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x${i}`, 1]))),
    'QW_EVENT_INVALID',
    undefined,
  ],
  ['a load that cannot be one', entered({ load: 'a b' }), 'QW_FIELD_INVALID', '/load'],
  ['no data', entered({ data: undefined }), 'QW_FIELD_INVALID', '/data', /is missing/],
  ['a list as data', entered({ data: [] }), 'QW_FIELD_INVALID', '/data'],
  ['a missing field', entered({ data: { count: 1 } }), 'QW_FIELD_INVALID', '/data/basis', /is missing/],
  ['a field too many', entered({ data: { ...fine, note: 'x' } }), 'QW_FIELD_INVALID', '/data/note', /not known/],
  [
    'a field that would poison',
    entered({ data: JSON.parse('{"count":1,"basis":"permanent","__proto__":{"a":1}}') }),
    'QW_FIELD_INVALID',
    '/data/__proto__',
  ],
  [
    'a negative count',
    entered({ data: { ...fine, count: -1 } }),
    'QW_FIELD_INVALID',
    '/data/count',
    /a whole number, 1 or more/,
  ],
  ['a count of 0', entered({ data: { ...fine, count: 0 } }), 'QW_FIELD_INVALID', '/data/count'],
  [
    'a fraction of a person',
    entered({ data: { ...fine, count: 1.5 } }),
    'QW_FIELD_INVALID',
    '/data/count',
    /a whole number/,
  ],
  ['a count as text', entered({ data: { ...fine, count: '1' } }), 'QW_FIELD_INVALID', '/data/count'],
  ['more people than there can be', entered({ data: { ...fine, count: 1e6 + 1 } }), 'QW_FIELD_INVALID', '/data/count'],
  [
    'a basis that is none',
    entered({ data: { ...fine, basis: 'guest' } }),
    'QW_FIELD_INVALID',
    '/data/basis',
    /permanent, seconded_in/,
  ],
  ['negative quota', event('quota.approved', { approved: -1, cause: 'cut' }), 'QW_FIELD_INVALID', '/data/approved'],
  ['a name of spaces', registered('U1', { data: { ...unit, name: '  ' } }), 'QW_FIELD_INVALID', '/data/name'],
  ['a line break in a name', registered('U1', { data: { ...unit, name: 'a\nb' } }), 'QW_FIELD_INVALID', '/data/name'],
  [
    'a name that is too long',
    registered('U1', { data: { ...unit, name: '校'.repeat(101) } }),
    'QW_FIELD_INVALID',
    '/data/name',
  ],
  [
    'frontline as text',
    registered('U1', { data: { ...unit, frontline: 'yes' } }),
    'QW_FIELD_INVALID',
    '/data/frontline',
  ],
  ['a county that is none', registered('U1', { data: { ...unit, county: 'XX' } }), 'QW_FIELD_INVALID', '/data/county'],
  [
    'a due date that does not exist',
    event('pool.lent', { ...lent, dueOn: '2023-02-29' }),
    'QW_FIELD_INVALID',
    '/data/dueOn',
    /real date/,
  ],
  [
    'a tenth of a fen',
    event('pool.lent', { ...lent, investmentCny: 1.001 }),
    'QW_FIELD_INVALID',
    '/data/investmentCny',
  ],
  [
    'negative money',
    event('fund.spent', { account: 'platform', amountCny: -1 }),
    'QW_FIELD_INVALID',
    '/data/amountCny',
  ],
  ['a loan with a slash in its id', event('pool.lent', { ...lent, loanId: 'a/b' }), 'QW_FIELD_INVALID', '/data/loanId'],
  [
    'a task without a target',
    event('task.planned', { ...task, target: 0 }),
    'QW_FIELD_INVALID',
    '/data/target',
    /over 0/,
  ],
  ['a target with seven places', event('task.planned', { ...task, target: 1e-7 }), 'QW_FIELD_INVALID', '/data/target'],
  [
    'a task due as it starts',
    event('task.planned', { ...task, dueOn: task.startsOn }),
    'QW_FIELD_INVALID',
    '/data/dueOn',
    /after/,
  ],
  ['less than nothing done', event('task.progressed', { taskId: 't', done: -1 }), 'QW_FIELD_INVALID', '/data/done'],
  [
    'a yearly economic contribution',
    event('assessment.published', { ...economic, period: '2024' }),
    'QW_FIELD_INVALID',
    '/data/period',
    /half-year/,
  ],
  [
    'a rank below the last',
    event('assessment.published', { period: '2024', kind: 'efficiency', rank: 3, of: 2 }),
    'QW_FIELD_INVALID',
    '/data/rank',
  ],
  [
    'a grade for a contribution',
    event('assessment.published', { ...economic, grade: 'good' }),
    'QW_FIELD_INVALID',
    '/data/grade',
  ],
  [
    'an assessment of no kind',
    event('assessment.published', { period: '2024' }),
    'QW_FIELD_INVALID',
    '/data/kind',
    /is missing/,
  ],
  [
    'an assessment of another kind',
    event('assessment.published', { period: '2024', kind: 'toString' }),
    'QW_FIELD_INVALID',
    '/data/kind',
    /one of/,
  ],
  [
    'a ratio over 1.5',
    event('indicator.reported', { name: 'mobility_ratio', value: 8.3 }),
    'QW_FIELD_INVALID',
    '/data/value',
    /ratio of 0 to 1/,
  ],
  [
    'half a person of a population',
    event('indicator.reported', { name: 'population', value: 1.5 }),
    'QW_FIELD_INVALID',
    '/data/value',
  ],
  [
    'an indicator that is none',
    event('indicator.reported', { name: 'mood', value: 1 }),
    'QW_FIELD_INVALID',
    '/data/name',
  ],
  ['a 53rd week of a year of 52', event('risk.reported', { period: '2024-W53' }), 'QW_FIELD_INVALID', '/data/period'],
  ['a 13th month', event('risk.reported', { period: '2024-13' }), 'QW_FIELD_INVALID', '/data/period'],
]

for (const [name, candidate, code, field, reason] of bad)
  t.test(`${name} is refused at ${field}`, async (t) => {
    const fault = new Validator().check(candidate)
    t.match(fault, { code })
    t.equal(fault?.field, field)
    t.match(fault?.reason, reason ?? /./)
    if (code === 'QW_FIELD_INVALID') t.match(fault?.reason, `the field ${field} `)
  })

t.test('an attribute that is null counts as not sent', async (t) => {
  const validator = new Validator()
  t.equal(validator.check(entered({ note: null, datacontenttype: null, load: null })), undefined)
  t.notOk('note' in validator.event)
  t.notOk('load' in validator.event)
})

t.test('a source is any URI reference', async (t) => {
  for (const source of [
    '/departments/hr',
    'https://hr.example.cn/a?b=c#d',
    'urn:uuid:6e8bc430',
    'hr',
    '//h/p',
    '?q',
    '%E9%83%A8',
    'mailto:a@b',
  ])
    t.equal(new Validator().check(entered({ source })), undefined, source)
})

t.test('places after the point are those of the shortest decimal', async (t) => {
  for (const [value, places] of [
    [1, 0],
    [0.1, 1],
    [1.25, 2],
    [1e-7, 7],
    [1.5e-7, 8],
    [1e21, 0],
    [123456.123456, 6],
  ] as const)
    t.equal(placesOf(value), places, String(value))
})

t.test('whatever is sent, the check names a code of the table and never throws', async (t) => {
  const validator = new Validator()
  const mutated = fc
    .tuple(fc.constantFrom(...good), fc.string(), fc.jsonValue(), fc.boolean())
    .map(([[type, data, changes], name, value, isData]) =>
      isData ? event(type, { ...data, [name]: value }, changes) : event(type, data, { ...changes, [name]: value }),
    )
  const anything = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), mutated)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anything, (candidate) => {
        const fault = validator.check(candidate)
        return fault === undefined ? isObject(validator.event.data) : Object.hasOwn(errorTable, fault.code)
      }),
      { numRuns: 2000 },
    ),
  )
})
