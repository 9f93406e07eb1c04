import t from 'tap'
import { eventMaker, requestMaker } from '../../bench/cannon-bodies.js'

const settings = { units: 11, run: 'shot1', time: '2024-07-03T09:15:00+08:00' }

t.test('each event has an id of its own and half of them take back what the others add', async (t) => {
  const next = eventMaker(settings)
  const events = Array.from({ length: 220 }, () => JSON.parse(next()) as { id: string; type: string; subject: string })
  t.equal(new Set(events.map(({ id }) => id)).size, 220)
  t.ok(events.every(({ id }) => id.startsWith('shot1-')))
  t.equal(new Set(events.map(({ subject }) => subject)).size, 11)
  t.equal(events.filter(({ type }) => type === 'contract.entered').length, 110)
  t.equal(events.filter(({ type }) => type === 'contract.left').length, 110)
})

t.test('a request says the length of its body, for each type of event', async (t) => {
  const next = requestMaker({ ...settings, host: '127.0.0.1', port: 80, path: '/v1/events' })
  const lengths = new Set<number>()
  for (let i = 0; i < 30; i += 1) {
    const [head = '', body = ''] = next().toString().split('\r\n\r\n')
    const said = Number(/Content-Length: (\d+)/.exec(head)?.[1])
    lengths.add(said)
    t.equal(said, Buffer.byteLength(body))
    t.doesNotThrow(() => JSON.parse(body))
  }
  t.equal(lengths.size, 2, 'entered and left differ in length')
})
