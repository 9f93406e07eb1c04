/**
 * One value for one option: from whatever a file, the environment or an argument holds, or QW_OPTION_INVALID.
 *
 * Text is read as the option's type asks, because the environment and arguments hold nothing but text; a YAML file
 * may hold numbers.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { QwError } from '../core/errors.js'
import type { Option } from './option-kinds.js'
import { type Config, type OptionName, options } from './options.js'

/** The value as the option's type has it. `directory`: what a relative path starts from. */
export function readValue<K extends OptionName>(name: K, given: unknown, directory: string): Config[K] {
  return readAs(name, options[name], given, directory) as Config[K]
}

/** `QW_OPTION_INVALID cohortSubscribersMax 0 must be between 1 and 100000`. */
export const refuse = (option: string, value: unknown, must: string): QwError =>
  new QwError('QW_OPTION_INVALID', { option, value: shown(value), must })

function readAs(name: OptionName, option: Option, given: unknown, directory: string): number | string {
  switch (option.type) {
    case 'whole':
      return wholeNumber(name, option.min, option.max, given)
    case 'ratio':
      return ratioNumber(name, given)
    case 'choice':
      if (typeof given === 'string' && option.choices.includes(given)) return given
      throw refuse(name, given, `must be one of ${option.choices.join(', ')}`)
    case 'path':
      if (typeof given !== 'string' || given.includes('\0')) throw refuse(name, given, 'must be a path')
      return given === '' ? '' : resolve(directory, given)
    case 'host':
      if (typeof given === 'string' && isHost(given)) return given
      throw refuse(name, given, 'must be an IP address or a host name')
    case 'time':
      if (typeof given === 'string' && isTime(given)) return given
      throw refuse(name, given, 'must be a time with offset, for example 2024-01-02T00:00:00+08:00')
  }
}

function wholeNumber(name: string, min: number, max: number, given: unknown): number {
  const value = typeof given === 'string' && /^-?\d{1,16}$/.test(given) ? Number(given) : given
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw refuse(name, given, 'must be a whole number')
  if (value < min || value > max) throw refuse(name, value, `must be between ${min} and ${max}`)
  return value
}

function ratioNumber(name: string, given: unknown): number {
  const value = typeof given === 'string' && /^\d(\.\d+)?$/.test(given) ? Number(given) : given
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw refuse(name, given, 'must be between 0 and 1')
  return value
}

const isHost = (text: string): boolean =>
  isIP(text) !== 0 || (text.length <= 253 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text))

const isTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))

/** A value in a message: on one line, and no longer than a path may reasonably be. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const line = text === '' ? '(empty)' : text.replace(/\s+/g, ' ')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
