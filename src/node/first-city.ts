/**
 * The city that a new directory begins with. Until it is in, events of others are refused, because they would come among
 * it, of units that are not there yet; all else is answered. Its own requests carry a pass that is made anew at each start.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Admission } from './admission.js'
import { type CityLoadDeps, isCityDue, loadCity } from './city-load.js'
import type { Foundation } from './foundation.js'
import { type Addresses, hostOf } from './messages.js'

const passHeader = 'x-quotawatch-data-set'

export class FirstCity {
  readonly #base: Foundation
  readonly #admission: Admission
  readonly #deps: CityLoadDeps
  readonly #pass = randomBytes(16).toString('hex')

  constructor(base: Foundation, admission: Admission) {
    const { begin, clock, recovered } = base
    this.#base = base
    this.#admission = admission
    this.#deps = {
      file: begin.config.dataSet,
      clock: clock.kind,
      nowMs: clock.nowMs,
      isEmpty: recovered.sequencer.subjects.size === 0,
      endOfLoad: (name) => recovered.sequencer.loads.endOf(name),
      send: (path, mediaType, body) => send(begin.addresses, path, mediaType, body, this.#pass),
    }
  }

  /** Before the routes of ingest are registered, and before anything is served. */
  guard(app: FastifyInstance): void {
    if (!isCityDue(this.#deps)) return
    this.#admission.starting = { state: 'the data set is being loaded', pass: this.#pass }
    app.addHook('onRequest', async ({ routeOptions, headers }) => {
      const refusal = routeOptions.url === '/v1/events' ? this.#admission.notYet(headers[passHeader]) : undefined
      if (refusal) throw refusal
    })
  }

  /** Resolves when it is durable; from then on events are everybody's. */
  async load(): Promise<void> {
    const { logger, begin } = this.#base
    const events = await loadCity(this.#deps)
    this.#admission.starting = undefined
    if (events > 0) logger.info({ events, file: begin.config.dataSet }, 'the data set is loaded')
  }
}

async function send({ httpHost, httpPort }: Addresses, path: string, mediaType: string, body: string, pass: string) {
  const headers = { 'content-type': mediaType, [passHeader]: pass }
  const answer = await fetch(`http://${hostOf(httpHost)}:${httpPort}${path}`, { method: 'POST', headers, body })
  return { status: answer.status, body: (await answer.json()) as unknown }
}
