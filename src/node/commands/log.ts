/**
 * `quotawatch log check` and `quotawatch log export`: the log as it lies on the disk, without changing a byte.
 */
import { join } from 'node:path'
import type { LogPosition } from '../../core/names.js'
import { checkLog, exportLog } from '../../log/check.js'
import { type Command, configOf, configOptions, UsageError } from './command.js'

export const log: Command = {
  name: 'log',
  usage: 'check | export [--from POSITION]',
  about: 'checks every byte of the log, or prints its entries as lines of JSON; of a service that is stopped',
  takesWords: true,
  options: { ...configOptions, from: { type: 'string' } },
  async run([what, ...rest], values, terminal) {
    if (rest.length > 0 || (what !== 'check' && what !== 'export')) throw new UsageError('log check, or log export')
    const directory = join(configOf(values, terminal).config.dataDirectory, 'log')
    if (what === 'export') {
      await exportLog(directory, (line) => terminal.out(line.trimEnd()), positionOf(values['from']))
      return 0
    }
    const figures = await checkLog(directory)
    for (const [name, figure] of Object.entries(figures)) await terminal.out(`${name.padEnd(14)}${figure}`)
    return 0
  },
}

function positionOf(text: unknown): LogPosition | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(String(text))) throw new UsageError('--from must be a position: 1, 2, 3 …')
  return Number(text) as LogPosition
}
