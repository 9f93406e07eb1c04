/**
 * What a command is: a name, how it is used, its own options, and what it does.
 *
 * Commands write through `Terminal` and return their exit code, so tests run them without a process.
 */
import type { ParseArgsConfig } from 'node:util'
import { type LoadedConfig, loadConfig } from '../../config/config.js'

export interface Terminal {
  /** One line to standard output; resolves when more may follow. */
  readonly out: (line: string) => void | Promise<void>
  /** One line to standard error. */
  readonly err: (line: string) => void
  /** Rewrites the last line of standard error; absent where that is no terminal. */
  readonly status?: (line: string) => void
  /** Calls with each key that is pressed, until the answer is called; absent where there is no keyboard. */
  readonly onKey?: (listener: (key: string) => void) => () => void
  /** Lets others go first on this machine, for work that a service must not feel; absent where that is not ours to say. */
  readonly stepBack?: () => void
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The working directory. */
  readonly directory: string
  /** Aborted by Ctrl-C or a request to end. */
  readonly ended: AbortSignal
  /** Whether colours are shown. */
  readonly colours: boolean
}

export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

export interface Command {
  readonly name: string
  /** What stands behind the name, for the help. */
  readonly usage: string
  readonly about: string
  /** Whether words may stand beside the options; `start all` is a mistake. */
  readonly takesWords: boolean
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Resolves to the exit code: 0 done, 1 an expected error. Throws QwError, or UsageError. */
  readonly run: (words: readonly string[], values: OptionValues, terminal: Terminal) => Promise<number>
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}

/** Options of every command that reads the configuration. */
export const configOptions = {
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
} as const

export function configOf(values: OptionValues, { environment, directory }: Terminal): LoadedConfig {
  const file = values['config']
  return loadConfig({
    directory,
    environment,
    settings: (values['set'] ?? []) as string[],
    ...(typeof file === 'string' ? { file } : {}),
  })
}
