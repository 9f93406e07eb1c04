/** A play against a service that runs already: which play it had, and where its clock stands, decide whether it may begin. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { QwError } from '../../../src/core/errors.js'
import { PlayedDirectory } from '../../../src/node/play/played-directory.js'
import { root } from '../../walk/service.js'
import { say } from '../terminal.js'

/** Answers as the service does, of a city that has units; what moves the clock is kept. */
async function serviceAt(t: Test, clock: object): Promise<{ address: string; moved: object[] }> {
  const moved: object[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.method === 'POST') moved.push(JSON.parse(Buffer.concat(chunks).toString()))
    const answer = request.url?.startsWith('/v1/units') ? { items: [{}] } : { clock: 'scenario', ...clock }
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, moved }
}

const played = (address: string, ...words: string[]) =>
  say(['simulate', '--address', address, '--to', '2024-03', ...words], { directory: root })

t.test(
  'a play that would begin before the clock that nobody has played is refused, with the first month that can be',
  async (t) => {
    for (const [now, first] of [
      ['2024-01-02T00:00:00.001+08:00', '2024-02'],
      ['2024-01-01T00:00:00+08:00', '2024-01'],
      ['2023-12-05T00:00:00+08:00', '2024-01'],
    ] as const) {
      const { address, moved } = await serviceAt(t, { now })
      const { code, err } = await played(address, '--from', '2023-05')
      t.match({ code, err }, { code: 1, err: /^QW_PLAY_TOO_EARLY .*a play from 2023-05 would begin before it/ })
      t.match(err, `--from ${first} or later`)
      t.same(moved, [])
    }
  },
)

t.test('a service that had another play is left alone; the same one goes on', async (t) => {
  const clock = { now: '2024-04-01T00:00:00+08:00', play: { seed: 5, from: '2024-01' } }
  const { address, moved } = await serviceAt(t, clock)
  for (const other of [
    ['--seed', '6'],
    ['--seed', '5', '--from', '2024-02'],
  ])
    t.match(await played(address, ...other), { code: 1, err: /^QW_PLAY_DIFFERS .* seed 5 from 2024-01/ })
  t.same(moved, [])
  t.match(await played(address, '--seed', '5'), { code: 0, out: /nothing left to play to 2024-03/ })
  t.match(moved, [{ now: '2024-03-31T16:00:00.000Z', play: { seed: 5, from: '2024-01' } }])
})

t.test('a directory keeps its first play', async (t) => {
  const directory = t.testdir()
  const empty = new PlayedDirectory(directory)
  t.equal(empty.play, undefined)
  empty.refuseOther({ seed: 1, from: '2024-01' })
  await empty.keep({ seed: 1, from: '2024-01' })
  const again = new PlayedDirectory(join(directory, '.'))
  t.same(again.play, { seed: 1, from: '2024-01' })
  again.refuseOther({ seed: 1, from: '2024-01' })
  t.throws(
    () => again.refuseOther({ seed: 2, from: '2024-01' }),
    new QwError('QW_PLAY_DIFFERS', { seed: 1, from: '2024-01' }),
  )
})
