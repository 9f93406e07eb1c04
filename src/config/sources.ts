/**
 * Where options come from: one file, the environment, arguments. Later ones win.
 *
 * Each source yields raw values by option name; a name that is no option is refused with the nearest one that is, so
 * that a misspelt limit never is silently the default.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { QwError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { refuse } from './option-value.js'
import { environmentName, type OptionName, optionNames } from './options.js'

export type RawValues = ReadonlyMap<OptionName, unknown>

export const defaultFile = 'quotawatch.yaml'

/** The file that applies: the one that is named, which must exist, or `quotawatch.yaml` where there is one. */
export function configFile(named: string | undefined, directory: string): string | undefined {
  if (named !== undefined) return resolve(directory, named)
  const found = resolve(directory, defaultFile)
  return existsSync(found) ? found : undefined
}

/** JSON is YAML, so one parser reads both. */
export function fromFile(file: string): RawValues {
  let content: unknown
  try {
    content = parseYaml(readFileSync(file, 'utf8')) ?? {}
  } catch (error) {
    throw refuse('config', file, `must be a file of YAML or JSON: ${(error as Error).message.split('\n', 1)[0]}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw refuse('config', file, 'must hold one mapping of options')
  return new Map(Object.entries(content).map(([name, value]) => [known(name, optionNames, name), value]))
}

/**
 * `QUOTAWATCH_<OPTION>`. Two families of names are not ours: Kubernetes sets `QUOTAWATCH_SERVICE_…` and
 * `QUOTAWATCH_PORT…` in every pod beside a service called quotawatch.
 */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): RawValues {
  const byVariable = new Map(optionNames.map((name) => [environmentName(name), name]))
  const values = new Map<OptionName, unknown>()
  // The name that ClickHouse's own tools go by; ours, below, comes before it.
  const { CLICKHOUSE_URL } = environment
  if (CLICKHOUSE_URL !== undefined) values.set('clickhouseUrl', CLICKHOUSE_URL)
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith('QUOTAWATCH_') || notOurs.test(variable)) continue
    known(variable, [...byVariable.keys()], variable)
    values.set(byVariable.get(variable) as OptionName, value)
  }
  return values
}

const notOurs = /^QUOTAWATCH_(CONFIG$|SERVICE_|PORT$|PORT_)/

/** `option=value`, as `--set` takes it. */
export function fromArguments(settings: readonly string[]): RawValues {
  return new Map(
    settings.map((setting) => {
      const at = setting.indexOf('=')
      if (at < 1) throw refuse('set', setting, 'must be option=value')
      const name = setting.slice(0, at)
      return [known(name, optionNames, name), setting.slice(at + 1)]
    }),
  )
}

function known<T extends string>(name: string, names: readonly T[], shown: string): T {
  if ((names as readonly string[]).includes(name)) return name as T
  const hint = nearest(name, names)
  throw new QwError('QW_OPTION_UNKNOWN', { option: shown, hint: hint === undefined ? '' : `; did you mean ${hint}?` })
}
