/**
 * The configuration: one file, then the environment, then arguments, to one frozen, validated object.
 *
 * Read once, at boot, by the command line; every process and every room gets the values it needs handed to it and none
 * reads a file or the environment by itself. So what `quotawatch config` prints is what runs.
 */
import { join } from 'node:path'
import { readValue } from './option-value.js'
import { type Config, type OptionName, optionNames, options } from './options.js'
import { checkRelations } from './relations.js'
import { configFile, fromArguments, fromEnvironment, fromFile, type RawValues } from './sources.js'

export type { Config, OptionName } from './options.js'

export type Source = 'default' | 'file' | 'environment' | 'argument'

export interface LoadedConfig {
  readonly config: Config
  /** Where each value came from. */
  readonly sources: Readonly<Record<OptionName, Source>>
  /** The file that was read, absolute. */
  readonly file?: string
}

export interface ConfigInput {
  /** What relative paths start from; the working directory. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `--config`; before QUOTAWATCH_CONFIG. */
  readonly file?: string
  /** `--set option=value`, in order; the last one wins. */
  readonly settings?: readonly string[]
}

/** QW_OPTION_UNKNOWN or QW_OPTION_INVALID for the first thing that is wrong. */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const file = configFile(input.file ?? input.environment['QUOTAWATCH_CONFIG'], input.directory)
  const layers: readonly (readonly [Source, RawValues])[] = [
    ['argument', fromArguments(input.settings ?? [])],
    ['environment', fromEnvironment(input.environment)],
    ['file', file === undefined ? new Map() : fromFile(file)],
  ]
  const values: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  for (const name of optionNames) {
    const [source, raw] = layers.find(([, raw]) => raw.has(name)) ?? (['default', undefined] as const)
    values[name] = readValue(name, raw === undefined ? options[name].default : raw.get(name), input.directory)
    sources[name] = source
  }
  if (values['tokenSecretFile'] === '')
    values['tokenSecretFile'] = join(String(values['dataDirectory']), 'token.secret')
  const config = Object.freeze(values) as Config
  checkRelations(config)
  return { config, sources: Object.freeze(sources) as LoadedConfig['sources'], ...(file === undefined ? {} : { file }) }
}
