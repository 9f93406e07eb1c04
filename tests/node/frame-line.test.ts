import t from 'tap'
import { linesOf } from '../../src/node/commands/frame-line.js'

const common = { type: 'transition', n: 7, at: '2024-07-03T10:00:00.000+08:00', subject: 'U1', rule: 'over-quota' }
const by = { order: { order: 'acknowledge', by: '王', reason: '已联系' } }
const figure = { numerator: '1', denominator: '1', value: 1 }

const lines = [
  [
    'an alert says its figure and its threshold',
    { kind: 'alert', from: 'green', to: 'red', why: { figure, threshold: { above: '0' } } },
    'over-quota  green → red  (1 > 0)',
  ],
  [
    'a silenced alert is marked',
    { kind: 'alert', from: 'green', to: 'red', silenced: true, why: {} },
    'over-quota  green → red  silenced',
  ],
  [
    'a freeze says its sequence and its reasons',
    { kind: 'freeze', rule: undefined, from: 'none', to: 'frozen', sequence: 3, reasons: ['a', 'b'], why: {} },
    'freeze 3  none → frozen  (for a, b)',
  ],
  [
    'a threshold that the plan does not give is marked',
    {
      kind: 'alert',
      from: 'green',
      to: 'red',
      why: { figure: { numerator: '3', denominator: '10' }, threshold: { above: '0.2' }, assumed: true },
    },
    'over-quota  green → red  (30.0 % > 20.0 %, assumed 假定)',
  ],
  [
    'a correction, and days that the calendar does not know',
    { kind: 'alert', from: 'red', to: 'green', correction: true, why: { uncertain: true } },
    'over-quota  red → green  (uncertain 日历未定)  correction 更正',
  ],
  [
    'an alert that climbs',
    { kind: 'escalation', from: 'unit', to: 'county', why: {} },
    'over-quota escalation  unit → county',
  ],
  [
    'an acknowledgement says by whom, why and how long',
    { kind: 'acknowledgement', from: 'open', to: 'acknowledged', until: 'then', why: by },
    'over-quota acknowledgement  open → acknowledged  (until then, acknowledge by 王: 已联系)',
  ],
  [
    'a silence',
    { kind: 'silence', from: 'silenced', to: 'audible', why: {} },
    'over-quota silence  silenced → audible',
  ],
  [
    'a proposal says what is proposed, and that it is assumed',
    {
      kind: 'proposal',
      proposalId: 'p:U1:1',
      from: 'none',
      to: 'open',
      proposed: { kind: 'quota', ratio: '-0.10', approved: { from: 40, to: 36 }, assumed: true },
      why: {},
    },
    'proposal p:U1:1  none → open  (quota -0.10, 40 to 36 posts, assumed)',
  ],
  [
    'a proposal to deny names the request',
    {
      kind: 'proposal',
      proposalId: 'p',
      from: 'open',
      to: 'refused',
      proposed: { kind: 'deny', requestId: 'R1' },
      why: {},
    },
    'proposal p  open → refused  (deny R1)',
  ],
  [
    'a request',
    { kind: 'request', rule: undefined, requestId: 'R1', from: 'pending', to: 'approved', why: {} },
    'request R1  pending → approved',
  ],
  ['a kind that is not known', { kind: 'rumour', rule: undefined, from: 'a', to: 'b', why: {} }, 'rumour  a → b'],
] as const
for (const [name, fields, text] of lines)
  t.test(`${name}, in a line`, async (t) => {
    t.same(linesOf({ ...common, ...fields }, false), [`2024-07-03T10:00:00.000+08:00  n 7  U1  ${text}`])
  })

t.test('each item of a snapshot is a line', async (t) => {
  const items = [
    { kind: 'alert', subject: 'city', rule: 'total-cap', colour: 'red' },
    { kind: 'freeze', unit: 'U1', sequence: 2, state: 'lifted' },
    { kind: 'proposal', subject: 'U1', proposalId: 'p:1', state: 'open' },
    { id: 'U1', name: '小学', colour: 'green' },
  ]
  t.same(linesOf({ type: 'snapshot', n: 4, items }, false), [
    'at n 4  city  total-cap  red',
    'at n 4  U1  freeze 2  lifted',
    'at n 4  U1  proposal p:1  open',
    'at n 4  U1  小学  green',
  ])
})
