import t from 'tap'
import { counties, sectors } from '../../src/core/names.js'
import { accountName, partName, sectorName } from '../../wall/model/names.js'
import { subjectName, thingOf } from '../../wall/model/subjects.js'

const names = new Map([['PJ-EDU-0001', '蓬江区第一小学']])
const named = (subject: string, locale: 'zh' | 'en' = 'zh') => subjectName(subject, locale, (id) => names.get(id))

t.test('whatever an alert can be about has a name, in Chinese and in English', async (t) => {
  for (const [subject, zh, en] of [
    ['city', '全市', 'whole city'],
    ['PJ', '蓬江区', 'Pengjiang'],
    ['SZ', '市直单位', 'Municipal'],
    ['sector/health', '领域 / 卫生', 'Sector / health'],
    ['sector/education', '领域 / 教育', 'Sector / education'],
    ['pool', '编制周转池', 'The pool'],
    ['account/special', '专项资金 / 专项经费', 'Account / special'],
    ['self/store', '监测平台 / 历史库', 'The service / store of history'],
    ['/departments/health', '/departments/health', '/departments/health'],
    ['https://hr.example/feed', 'https://hr.example/feed', 'https://hr.example/feed'],
    ['PJ-EDU-0001', '蓬江区第一小学', '蓬江区第一小学'],
    ['PJ-EDU-0001/task-7', '蓬江区第一小学 / task-7', '蓬江区第一小学 / task-7'],
    ['KP-AGR-0009/loan/2', 'KP-AGR-0009 / loan / 2', 'KP-AGR-0009 / loan / 2'],
  ] as const) {
    t.equal(named(subject), zh)
    t.equal(named(subject, 'en'), en)
  }
})

t.test('no code of ours is shown as it is in Chinese', async (t) => {
  const codes = [
    ...counties,
    ...sectors.map((sector) => `sector/${sector}`),
    ...['platform', 'placement', 'contract', 'special'].map((account) => `account/${account}`),
    ...['disk', 'delay', 'store'].map((part) => `self/${part}`),
  ]
  for (const code of codes) t.notMatch(named(code), /[a-z]/i, code)
})

t.test('a code that is not known is shown rather than nothing', async (t) => {
  t.equal(named('sector/toString'), '领域 / toString')
  t.equal(sectorName('fishery', 'zh'), 'fishery')
  t.equal(accountName('other', 'zh'), 'other')
  t.equal(partName('clock', 'en'), 'clock')
})

t.test('the thing of a unit is told apart from what is no unit', async (t) => {
  t.equal(thingOf('PJ-EDU-0001/task-7'), 'task-7')
  for (const subject of ['PJ-EDU-0001', 'city', 'sector/health', 'account/special', '/departments/health'])
    t.equal(thingOf(subject), '', subject)
})
