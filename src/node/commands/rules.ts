/**
 * `quotawatch rules check` and `quotawatch rules test`: whether a rule file can be used, and whether it does what its
 * tests say; neither needs a service. `quotawatch rules preview` asks one what a file would change now.
 */
import { resolve } from 'node:path'
import { QwError } from '../../core/errors.js'
import { hasFailed, linesOf, summaryOf } from '../rule-tests/report.js'
import { summaryLines } from '../rule-tests/rule-summary.js'
import { type FileResult, readRuleFile, runFile } from '../rule-tests/run-files.js'
import { type Command, configOptions, type Terminal, UsageError } from './command.js'
import { previewFile } from './rules-preview.js'

/** A file that cannot be used: as with a wrong command line, nothing was found out. */
const badFile = 2

export const rules: Command = {
  name: 'rules',
  usage: 'check FILE... | test FILE... [--json] | preview FILE [--json] [--address URL]',
  about:
    'checks rule files, runs files of rule tests, or shows what a rule file would change now; ends with 0 all well, 1 a test failed, 2 a file cannot be used',
  takesWords: true,
  options: { ...configOptions, json: { type: 'boolean' }, address: { type: 'string' } },
  async run([what, ...files], values, terminal) {
    if (what === 'preview' && files.length === 1) return previewFile(files[0] ?? '', values, terminal)
    if (values['address'] !== undefined) throw new UsageError('--address goes with rules preview FILE')
    if ((what !== 'check' && what !== 'test') || files.length === 0)
      throw new UsageError('rules check FILE..., rules test FILE..., or rules preview FILE')
    if (what === 'check' && values['json'] === true)
      throw new UsageError('--json goes with rules test and rules preview')
    return what === 'check' ? check(files, terminal) : test(files, values['json'] === true, terminal)
  },
}

async function check(files: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0
  for (const file of files) {
    const set = usable(file, terminal, () => readRuleFile(resolve(terminal.directory, file), file))
    if (set) for (const line of summaryLines(file, set)) await terminal.out(line)
    else code = badFile
  }
  return code
}

async function test(files: readonly string[], asJson: boolean, terminal: Terminal): Promise<number> {
  const results: FileResult[] = []
  for (const file of files) {
    const result = usable(file, terminal, () => runFile(file, terminal.directory))
    if (!result) continue
    results.push(result)
    if (!asJson) for (const line of linesOf(result)) await terminal.out(line)
  }
  await terminal.out(asJson ? JSON.stringify({ files: results }) : summaryOf(results))
  if (results.length < files.length) return badFile
  return results.some(hasFailed) ? 1 : 0
}

/** Undefined when the file cannot be used; why stands on standard error, in the form that editors jump to. */
function usable<V>(file: string, { err }: Terminal, open: () => V): V | undefined {
  try {
    return open()
  } catch (error) {
    if (error instanceof QwError && error.code === 'QW_RULES_INVALID')
      err(`${error.detail['file']}:${error.detail['line']}: ${error.detail['reason']}`)
    else if ((error as NodeJS.ErrnoException).syscall !== undefined) err(`${file}: ${(error as Error).message}`)
    else throw error
    return undefined
  }
}
