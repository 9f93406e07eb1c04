/**
 * The command line: finds the command, reads its options, and turns what happens into an exit code.
 *
 * 0 done · 1 an expected error, told as its code and one sentence · 2 the command line is wrong.
 */
import { parseArgs } from 'node:util'
import { QwError } from '../../core/errors.js'
import { nearest } from '../../core/nearest.js'
import { version } from '../version.js'
import { type Command, type OptionValues, type Terminal, UsageError } from './command.js'
import { config } from './config.js'
import { log } from './log.js'
import { rules } from './rules.js'
import { simulate } from './simulate.js'
import { start } from './start.js'
import { token } from './token.js'
import { verify } from './verify.js'
import { watch } from './watch.js'

const commands: readonly Command[] = [start, simulate, watch, config, token, log, verify, rules]

export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = words
  if (name === '--version' || name === 'version') {
    await terminal.out(version)
    return 0
  }
  if (name === 'help' || name === '--help' || name === '-h' || rest.includes('--help')) {
    await terminal.out(help())
    return 0
  }
  try {
    const command = commandOf(name)
    const { values, positionals } = parse(command, rest)
    return await command.run(positionals, values, terminal)
  } catch (error) {
    return told(error, terminal)
  }
}

function commandOf(name: string): Command {
  const command = commands.find((each) => each.name === name)
  if (command) return command
  const meant = nearest(
    name,
    commands.map((each) => each.name),
  )
  throw new UsageError(`no command ${name} is known${meant === undefined ? '' : `; did you mean ${meant}?`}`)
}

function parse(command: Command, words: readonly string[]): { values: OptionValues; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: command.options, allowPositionals: command.takesWords, strict: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function told(error: unknown, { err }: Terminal): number {
  if (error instanceof UsageError) {
    err(`${error.message}\n\n${help()}`)
    return 2
  }
  // A defect shows where it came from; what was to be expected, or comes from the system, is one sentence. An error that
  // came from another process has lost its class, not its code.
  const { message, stack, syscall } = error as NodeJS.ErrnoException
  const expected = error instanceof QwError || syscall !== undefined || /^QW_[A-Z_]+ /.test(message)
  err(expected ? message : (stack ?? message))
  return 1
}

function help(): string {
  const lines = commands.map(({ name, usage, about }) => `  quotawatch ${name} ${usage}\n      ${about}`)
  return `quotawatch ${version}\n\n${lines.join('\n')}\n  quotawatch help | --version\n\nOptions of the service: docs/configuration.md`
}
