/** Fills a running service with the shipped city, the way an operator would: in a load, through the ordinary door. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask, root } from './service.js'

const load = 'walk'

export async function loadCity(http: string): Promise<void> {
  const lines = (await readFile(join(root, 'data', 'jiangmen', 'events.ndjson'), 'utf8')).trim().split('\n')
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const order = (fields: object) =>
    accepted(`${http}/v1/orders`, { by: 'walk', reason: 'first filling', load, ...fields })
  await order({ order: 'load.open', until })
  const events = lines.map((line) => JSON.stringify({ ...JSON.parse(line), load }))
  await accepted(`${http}/v1/events`, events.join('\n'), 'application/x-ndjson')
  await order({ order: 'load.close' })
}

async function accepted(url: string, body: unknown, type?: string): Promise<void> {
  const answer = await ask(url, body, type)
  if (answer.status !== 202) throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  const items = (answer.body as { items?: { status: string }[] }).items ?? []
  const refused = items.filter(({ status }) => status !== 'accepted')
  if (refused.length > 0) throw new Error(`${refused.length} refused, the first: ${JSON.stringify(refused[0])}`)
}
