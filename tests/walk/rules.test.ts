import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { say } from '../node/terminal.js'
import { school } from './reported.js'
import { ask, root, type Service, startService, temporaryDirectory, until } from './service.js'

type Fields = Readonly<Record<string, unknown>>

interface Listed {
  readonly total: number
  readonly items: readonly Fields[]
}

interface Told {
  readonly n: number
  readonly to: { readonly version: string }
  readonly freezes: Listed
  readonly alerts: Listed
  readonly proposals: Listed
  readonly others: Listed
}

const time = '2024-01-02T08:00:00+08:00'
const schoolOf = (unit: string, approved: number, heads: Readonly<Record<string, number>>) =>
  school(unit, { approved, heads, time })
const city = [
  ...schoolOf('OVER', 10, { permanent: 12 }),
  ...schoolOf('EMPTY', 100, { permanent: 70 }),
  ...schoolOf('NEARLY', 100, { permanent: 85 }),
  ...schoolOf('LENDS', 10, { permanent: 6, seconded_out: 4 }),
]

const orderOf = (http: string, order: object) =>
  ask(`${http}/v1/orders`, { by: 'city/zhang', reason: '按新方案', ...order })

const transitionsSince = async (http: string, n: number) =>
  (await ask(`${http}/v1/transitions?since=${n}&limit=1000`)).body as {
    readonly items: Fields[]
    readonly head: number
  }

const headOf = async ({ http }: Service) => (await transitionsSince(http, 0)).head

/** The walk's own rules: without `over-quota`, and with another threshold of `vacancy`. */
async function otherRules(): Promise<string> {
  const text = await readFile(join(root, 'tests/walk/few-rules.yaml'), 'utf8')
  return text.replace(/ {2}- id: over-quota\n {4}title: .*超编,[\s\S]*?\n\n/, '').replace('above: 0.20', 'above: 0.10')
}

const withoutPlace = ({ n: _n, position: _position, ...fields }: Fields) => fields

t.test('a preview changes nothing and tells exactly what activating does; a restart tells nobody again', async (t) => {
  const directory = await temporaryDirectory(t)
  const options = { clock: 'scenario' }
  const first = await startService({ directory, options })
  t.teardown(() => first.stop())
  const { http } = first
  await ask(`${http}/v1/events`, city.join('\n'), 'application/x-ndjson')
  await until(
    () => headOf(first),
    (head) => head === 3,
  )
  const file = await otherRules()

  const answer = await ask(`${http}/v1/rules/preview`, file, 'application/yaml')
  t.equal(answer.status, 200)
  const told = answer.body as Told
  t.match(told, {
    n: 3,
    sentence: {
      en: 'Activated now it would end the freeze of 1 unit, raise 1 alert (0 red), clear 1 alert.',
      zh: '现在启用将解除 1 个单位的冻结，新增 1 条预警（其中红色 0 条），消除 1 条预警。',
    },
    rules: { added: [], removed: ['over-quota'], changed: [{ id: 'vacancy', parts: ['yellow'] }], set: [] },
  })
  t.same((await ask(`${http}/v1/rules/preview`, { rules: file })).body, told, 'also as the order would carry it')
  t.equal(await headOf(first), 3, 'nothing was changed')
  t.match((await ask(`${http}/v1/units/OVER`)).body, { freeze: { state: 'frozen' } })

  const wrong = file.replace('scope: task', 'scope: tusk')
  const line = wrong.split('\n').findIndex((each) => each.includes('tusk')) + 1
  for (const refused of [
    await ask(`${http}/v1/rules/preview`, wrong, 'application/yaml'),
    await orderOf(http, { order: 'rules.activate', rules: wrong }),
  ])
    t.match(refused, {
      status: 422,
      body: { code: 'QW_RULES_INVALID', detail: new RegExp(`:${line}: .*tusk|:${line}: `) },
    })

  await Promise.all([writeFile(join(directory, 'new.yaml'), file), writeFile(join(directory, 'wrong.yaml'), wrong)])
  const typed = (...words: string[]) => say(['rules', 'preview', ...words, '--address', http], { directory })
  const shown = await typed('new.yaml')
  t.equal(shown.code, 0)
  t.match(shown.out, /^new\.yaml: few@\w+ → few@\w+, after transition 3,/)
  t.match(shown.out, /^ {2}changed +vacancy \(yellow\)$/m)
  t.match(shown.out, /^ {2}freeze +OVER frozen → none$/m)
  t.same(JSON.parse((await typed('new.yaml', '--json')).out), told)
  t.match(await typed('wrong.yaml'), { code: 2, err: new RegExp(`wrong.yaml:${line}: `) })
  t.match(await typed('none.yaml'), { code: 2, err: /none\.yaml: .*ENOENT/ })

  t.equal((await orderOf(http, { order: 'rules.activate', rules: file })).status, 202)
  const expected = [...told.freezes.items, ...told.alerts.items, ...told.proposals.items, ...told.others.items]
  const { items } = await until(
    () => transitionsSince(http, 3),
    ({ head }) => head >= 3 + expected.length,
  )
  const inOrder = (fields: readonly Fields[]) => fields.map((each) => JSON.stringify(each)).sort()
  t.same(inOrder(items.map(withoutPlace)), inOrder(expected))
  t.match((await ask(`${http}/v1/rules`)).body, { version: told.to.version })
  t.match(
    (await ask(`${http}/v1/units/EMPTY`)).body,
    { alerts: [{ rule: 'vacancy', n: 3 }] },
    'who was yellow hears nothing',
  )
  const alerts = (await ask(`${http}/v1/alerts`)).body
  await first.stop()

  const second = await startService({ directory, options })
  t.teardown(() => second.stop())
  t.equal(await headOf(second), 6, 'nobody hears twice')
  t.match((await ask(`${second.http}/v1/rules`)).body, { version: told.to.version }, 'the ordered set stands')
  t.same((await ask(`${second.http}/v1/alerts`)).body, alerts)

  t.equal((await orderOf(second.http, { order: 'policy', policy: 'desk' })).status, 202)
  const after = await until(
    () => transitionsSince(second.http, 6),
    ({ head }) => head >= 7,
  )
  t.match(after.items, [
    {
      kind: 'alert',
      subject: 'LENDS',
      from: 'green',
      to: 'yellow',
      why: { policy: 'desk@1', cause: 'policy', events: [] },
    },
  ])
  t.match((await ask(`${second.http}/v1/units/LENDS`)).body, { policy: 'desk@1', facts: { filled: 6 } })
  t.match((await ask(`${second.http}/v1/summary`)).body, { policy: 'desk@1', facts: { filled: 12 + 70 + 85 + 6 } })
  t.match((await ask(`${second.http}/v1/rules`)).body, { policy: { name: 'desk' } })
})
