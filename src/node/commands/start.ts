/**
 * `quotawatch start`: the service, until Ctrl-C.
 */
import { pino } from 'pino'
import { startMain } from '../main.js'
import { type Addresses, hostOf } from '../messages.js'
import { wallWords } from '../wall-page.js'
import { type Command, configOf, configOptions, type Terminal } from './command.js'

export const start: Command = {
  name: 'start',
  usage: '[--config FILE] [--set OPTION=VALUE]…',
  about: 'starts the service; Ctrl-C ends it',
  takesWords: false,
  options: configOptions,
  async run(_words, values, terminal) {
    const { config } = configOf(values, terminal)
    const log = pino({ name: 'main', level: config.logLevel }, pino.destination({ fd: 2, sync: true }))
    const service = await startMain(config, {
      say: (level, message) => log[level](message),
      onServing: (addresses) => announce(addresses, config.clock, terminal),
    })
    if (terminal.ended.aborted) service.stop()
    else terminal.ended.addEventListener('abort', service.stop, { once: true })
    await service.ended
    return 0
  },
}

function announce(addresses: Addresses, clock: 'system' | 'scenario', { out }: Terminal): void {
  const http = `http://${hostOf(addresses.httpHost)}:${addresses.httpPort}`
  const stream = (port: number) => `ws://${hostOf(addresses.streamHost)}:${port}/v1/stream`
  if (clock === 'scenario') void out('演练 exercise: the clock is a scenario and moves by POST /v1/clock')
  void out(`events and questions  ${http}/v1`)
  void out(`wall                  ${wallWords(http)}`)
  void out(`documentation         ${http}/docs`)
  void out(`readiness, figures    ${http}/readyz  ${http}/metrics`)
  void out(`gate                  http://${hostOf(addresses.httpHost)}:${addresses.gatePort}/v1/gate`)
  void out(`stream                ${stream(addresses.streamPort)}`)
  void out(`walls, triggers       ${stream(addresses.criticalPort)}`)
}
