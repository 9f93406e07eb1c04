/**
 * `quotawatch verify`: proves that the log, the record, the store and what is served say the same, or says where not.
 */
import { exitCodes, linesOf } from '../verify/report.js'
import { verify as compareAll } from '../verify/verify.js'
import { type Command, configOf, configOptions, UsageError } from './command.js'
import { progressBar } from './progress-bar.js'

export const verify: Command = {
  name: 'verify',
  usage: '[--json] [--wait-seconds 60] [--without-store]',
  about:
    'proves that log, record, store and what is served are the same, of a service that runs or is stopped; ends with 0 the same, 1 something differs, 2 not all could be compared',
  takesWords: false,
  options: {
    ...configOptions,
    json: { type: 'boolean' },
    'wait-seconds': { type: 'string' },
    'without-store': { type: 'boolean' },
  },
  async run(_words, values, terminal) {
    const waitMs = secondsOf(values['wait-seconds'] ?? '60') * 1000
    terminal.stepBack?.()
    const bar = progressBar(terminal)
    const report = await compareAll({
      config: configOf(values, terminal).config,
      waitMs,
      withStore: values['without-store'] !== true,
      onProgress: bar.tell,
    })
    bar.end()
    if (values['json'] === true) await terminal.out(JSON.stringify(report))
    else for (const line of linesOf(report)) await terminal.out(line)
    return exitCodes[report.verdict]
  },
}

function secondsOf(text: unknown): number {
  if (!/^\d{1,6}$/.test(String(text))) throw new UsageError('--wait-seconds must be a whole number of seconds')
  return Number(text)
}
