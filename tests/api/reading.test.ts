import fc from 'fast-check'
import t from 'tap'
import { type City, playbook, serve, standingCity, transitionOf, unitOf } from './fixture.js'

interface Page {
  readonly items: readonly {
    readonly id: string
    readonly subject: string
    readonly rule: string
    readonly n: number
  }[]
  readonly next: string | null
  readonly head?: number
}

t.test('a unit is answered as the engine shows it, with the n it is true at', async (t) => {
  const city = { ...standingCity(), units: ['PJ-1'], transitions: 7 }
  const app = await serve(city)
  const answer = await app.inject('/v1/units/PJ-1')
  t.equal(answer.statusCode, 200)
  const unit = unitOf('PJ-1')
  const title = { zh: '超编', en: 'over quota' }
  t.same(answer.json(), { ...unit, alerts: unit.alerts.map((alert) => ({ ...alert, title, playbook: 'over-quota' })) })
  t.equal(answer.headers['x-quotawatch-n'], '7')
  await app.close()
})

t.test(
  'a unit that does not exist is a problem that names it; an id of 64 Chinese characters is no problem',
  async (t) => {
    const id = '蓬'.repeat(64)
    const app = await serve({ ...standingCity(), units: [id] })
    const missing = await app.inject('/v1/units/PJ-404')
    t.equal(missing.statusCode, 404)
    t.match(missing.json(), { code: 'QW_NOT_FOUND', detail: 'there is no unit PJ-404' })
    t.equal((await app.inject(`/v1/units/${encodeURIComponent(id)}`)).json().id, id)
    await app.close()
  },
)

/** Which rule set is active is asked along with whatever shows alerts. */
const asked = (city: City) => city.asked.filter(({ kind }) => kind !== 'standing')

t.test('filters reach the engine; without one none does', async (t) => {
  const city = standingCity()
  const app = await serve(city)
  await app.inject('/v1/units?county=XH&sector=health&colour=yellow&limit=5')
  await app.inject('/v1/units')
  await app.inject('/v1/alerts?subject=PJ-1%2Ftask-1&rule=progress&colour=green')
  await app.inject('/v1/freezes?unit=PJ-1&state=lifted')
  await app.inject('/v1/summary?scope=sector/education')
  await app.inject('/v1/summary')
  await app.inject('/v1/proposals')
  await app.inject('/v1/proposals?state=withdrawn&subject=PJ-1%2Frequest%2FR-1')
  t.strictSame(asked(city), [
    { kind: 'units', county: 'XH', sector: 'health', colour: 'yellow', limit: 6 },
    { kind: 'units', limit: 101 },
    { kind: 'alerts', subject: 'PJ-1/task-1', rule: 'progress', colour: 'green' },
    { kind: 'freezes', unit: 'PJ-1', state: 'lifted' },
    { kind: 'summary', scope: 'sector/education', withStale: true },
    { kind: 'summary', scope: 'city', withStale: true },
    { kind: 'proposals', state: 'open' },
    { kind: 'proposals', state: 'withdrawn', subject: 'PJ-1/request/R-1' },
  ])
  await app.close()
})

t.test('a wrong or unknown parameter is named, and nothing is read', async (t) => {
  const city = standingCity()
  const app = await serve(city)
  const cases: readonly (readonly [string, string, string])[] = [
    ['/v1/units?county=ZZ', '/county', 'county must be one of PJ, JH, XH, TS, KP, HS, EP, SZ'],
    ['/v1/units?county=PJ&county=XH', '/county', 'county must be string'],
    ['/v1/units?limit=0', '/limit', 'limit must be >= 1'],
    ['/v1/units?limit=1001', '/limit', 'limit must be <= 1000'],
    ['/v1/units?limit=ten', '/limit', 'limit must be integer'],
    ['/v1/units?color=red', '/color', 'color is not a parameter of this call'],
    ['/v1/alerts?colour=blue', '/colour', 'colour must be one of green, yellow, red'],
    ['/v1/proposals?state=lost', '/state', 'state must be one of open, approved, refused, withdrawn'],
    ['/v1/freezes?state=thawed', '/state', 'state must be one of none, frozen, lifted'],
    ['/v1/summary?scope=county/ZZ', '/scope', 'scope must match pattern'],
    ['/v1/summary?scope=city/', '/scope', 'scope must match pattern'],
    ['/v1/transitions?since=-1', '/since', 'since must be >= 0'],
    ['/v1/transitions?limit=10001', '/limit', 'limit must be <= 10000'],
  ]
  for (const [url, field, reason] of cases) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 400, url)
    const problem = answer.json<{ code: string; field: string; detail: string }>()
    t.match(problem, { code: 'QW_QUERY_INVALID', field }, url)
    t.ok(problem.detail.includes(reason), problem.detail)
  }
  t.same(city.asked, [])
  await app.close()
})

t.test('a cursor of another list, of another filter or of nobody is refused', async (t) => {
  const app = await serve({ ...standingCity(), units: ['a', 'b', 'c'] })
  const { next } = (await app.inject('/v1/units?limit=1')).json<Page>()
  t.equal((await app.inject(`/v1/units?limit=2&cursor=${next}`)).statusCode, 200, 'the limit may change')
  for (const url of [
    `/v1/alerts?cursor=${next}`,
    `/v1/units?county=PJ&cursor=${next}`,
    `/v1/units?cursor=${next}x`,
    `/v1/units?cursor=${next?.slice(0, 8)}`,
    '/v1/units?cursor=',
    '/v1/units?cursor=QQ',
  ])
    t.match((await app.inject(url)).json(), { code: 'QW_CURSOR_INVALID', status: 400 }, url)
  await app.close()
})

t.test('paging shows every unit exactly once, whatever the limit', async (t) => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9蓬江][A-Za-z0-9._:-]{0,8}$/), { maxLength: 12 })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(ids, fc.integer({ min: 1, max: 14 }), async (units, limit) => {
        const app = await serve({ ...standingCity(), units })
        const seen: string[] = []
        for (let next: string | null = ''; next !== null; ) {
          const page: Page = (await app.inject(`/v1/units?limit=${limit}${next && `&cursor=${next}`}`)).json()
          if (page.items.length === 0 && page.next !== null) return false
          seen.push(...page.items.map(({ id }) => id))
          next = page.next
        }
        await app.close()
        return JSON.stringify(seen) === JSON.stringify([...units].sort())
      }),
      { numRuns: 40 },
    ),
  )
})

t.test(
  'alerts are paged by subject and rule; one that comes between two pages hides none and repeats none',
  async (t) => {
    const city = standingCity()
    city.alerts.push(
      { subject: 'b', rule: 'vacancy' },
      { subject: 'a', rule: 'z' },
      { subject: 'b', rule: 'over-quota' },
    )
    city.alerts.push({ subject: 'ab', rule: 'a' })
    const app = await serve(city)
    const first: Page = (await app.inject('/v1/alerts?limit=2')).json()
    city.alerts.unshift({ subject: 'a', rule: 'b' }, { subject: 'c', rule: 'c' })
    const second: Page = (await app.inject(`/v1/alerts?limit=10&cursor=${first.next}`)).json()
    const shown = [...first.items, ...second.items].map(({ subject, rule }) => `${subject} ${rule}`)
    t.same(shown, ['a z', 'ab a', 'b over-quota', 'b vacancy', 'c c'])
    t.equal(second.next, null)
    await app.close()
  },
)

t.test('transitions come in order of n, with head, and `next` leads to the rest', async (t) => {
  const app = await serve({ ...standingCity(), transitions: 5 })
  const first: Page = (await app.inject('/v1/transitions?since=1&limit=3')).json()
  t.same(
    first.items.map(({ n }) => n),
    [2, 3, 4],
  )
  t.equal(first.head, 5)
  const second: Page = (await app.inject(`/v1/transitions?since=${first.next}&limit=3`)).json()
  t.match(second, { items: [{ n: 5 }], next: null, head: 5 })
  t.match((await app.inject('/v1/transitions?since=99')).json(), { items: [], next: null, head: 5 })
  await app.close()
})

t.test('a transition is shown with times as text and without what only the stream needs', async (t) => {
  const app = await serve({ ...standingCity(), transitions: 1 })
  const { items } = (await app.inject('/v1/transitions')).json<{ items: Record<string, unknown>[] }>()
  const { topics: _topics, ...rest } = transitionOf(1)
  t.strictSame(items, [{ ...rest, at: '2024-01-02T00:00:00.000+08:00', until: '2024-01-02T01:00:00.000+08:00' }])
  t.equal(Object.keys(items[0] ?? {})[0], 'n')
  await app.close()
})

t.test('an alert names its title and its playbook; one whose rule is gone has neither', async (t) => {
  const city = standingCity()
  city.alerts.push(
    { subject: 'a', rule: 'contract-ratio' },
    { subject: 'a', rule: 'gone' },
    { subject: 'a', rule: 'over-quota' },
  )
  const app = await serve(city)
  const { items } = (await app.inject('/v1/alerts')).json<{ items: Record<string, unknown>[] }>()
  t.match(items, [
    { rule: 'contract-ratio', title: { zh: '超编' }, playbook: undefined },
    { rule: 'gone', title: undefined, playbook: undefined },
    { rule: 'over-quota', title: { en: 'over quota' }, playbook: 'over-quota' },
  ])
  const { body } = await app.inject('/v1/playbooks/over-quota')
  t.same(JSON.parse(body), playbook)
  await app.close()
})

t.test('the active rules say when an alert climbs, by the rule or by the set, and what is assumed', async (t) => {
  const app = await serve({ ...standingCity(), transitions: 7 })
  const answer = await app.inject('/v1/rules')
  t.match(answer.json(), {
    name: 'few',
    policy: { name: 'home', version: 1 },
    rules: [
      { id: 'over-quota', escalation: { county: { workingDays: 1 }, assumed: true } },
      { id: 'contract-ratio', escalation: { county: { ms: 1 } }, assumed: true },
    ],
    playbooks: [{ id: 'over-quota' }],
  })
  t.equal(answer.headers['x-quotawatch-n'], '7')
  await app.close()
})
