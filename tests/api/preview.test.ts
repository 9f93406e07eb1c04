import t from 'tap'
import { serve, standingCity } from './fixture.js'

const post = async (payload: string, type: string, query = '') => {
  const app = await serve(standingCity())
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/rules/preview${query}`,
    payload,
    headers: { 'content-type': type },
  })
  await app.close()
  return { status: answer.statusCode, body: answer.json(), n: answer.headers['x-quotawatch-n'] }
}

t.test('the file is read as it came: YAML, JSON, or as the order carries it', async (t) => {
  const json = '{ "name": "x",\n  "rules": [] }'
  for (const [payload, type, text] of [
    ['name: x\n', 'application/yaml', 'name: x\n'],
    ['name: x\n', 'text/plain; charset=utf-8', 'name: x\n'],
    [json, 'application/json', json],
    [JSON.stringify({ rules: 'name: x\n' }), 'application/json', 'name: x\n'],
    ['{ name: x', 'application/yaml', '{ name: x'],
  ] as const)
    t.match(await post(payload, type), { status: 200, body: { rules: { added: [text] } }, n: '0' }, payload)
})

t.test('nothing, too much, another type and an unknown parameter are refused', async (t) => {
  for (const [payload, type, query, status, code] of [
    ['  ', 'application/yaml', '', 400, 'QW_BODY_EMPTY'],
    ['x'.repeat(1001), 'application/yaml', '', 413, 'QW_BODY_TOO_LARGE'],
    ['name: x', 'application/xml', '', 415, 'QW_MEDIA_TYPE'],
    ['name: x', 'application/yaml', '?limit=1001', 400, 'QW_QUERY_INVALID'],
    ['name: x', 'application/yaml', '?page=2', 400, 'QW_QUERY_INVALID'],
  ] as const)
    t.match(await post(payload, type, query), { status, body: { code } })
})
