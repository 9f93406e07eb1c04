/**
 * `quotawatch config`: what would run, and where each value came from. It validates exactly as `start` does.
 */
import { configAsJson, configAsTable } from '../../config/printed.js'
import { type Command, configOf, configOptions } from './command.js'

export const config: Command = {
  name: 'config',
  usage: '[--json] [--config FILE] [--set OPTION=VALUE]…',
  about: 'prints the validated configuration and where each value came from',
  takesWords: false,
  options: { ...configOptions, json: { type: 'boolean' } },
  async run(_words, values, terminal) {
    const loaded = configOf(values, terminal)
    await terminal.out(values['json'] === true ? configAsJson(loaded) : configAsTable(loaded))
    return 0
  },
}
