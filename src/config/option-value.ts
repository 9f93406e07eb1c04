/**
 * One value for one option: from whatever a file, the environment or an argument holds, or QW_OPTION_INVALID.
 *
 * Text is read as the option's type asks, because the environment and arguments hold nothing but text; a YAML file
 * may hold numbers.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { QwError } from '../core/errors.js'
import type { Option, TextOption } from './option-kinds.js'
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
    default:
      return textOf(name, option.type, given, directory)
  }
}

interface TextKind {
  readonly fits: (text: string) => boolean
  readonly must: string
  /** A value that does not fit is not repeated: it may hold a secret. */
  readonly hidden?: true
}

const textKinds: Readonly<Record<TextOption['type'], TextKind>> = {
  path: { fits: (text) => !text.includes('\0'), must: 'must be a path' },
  host: { fits: isHost, must: 'must be an IP address or a host name' },
  time: { fits: isTime, must: 'must be a time with offset, for example 2024-01-02T00:00:00+08:00' },
  url: {
    fits: (text) => text === '' || isUrl(text),
    must: 'must be an http or https address of scheme, host and port: no password, path or query',
    hidden: true,
  },
  name: { fits: (text) => /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(text), must: 'must be a name of letters, digits and _' },
}

function textOf(name: OptionName, type: TextOption['type'], given: unknown, directory: string): string {
  const { fits, must, hidden } = textKinds[type]
  if (typeof given !== 'string' || !fits(given)) throw refuse(name, hidden ? 'given' : given, must)
  return type === 'path' && given !== '' ? resolve(directory, given) : given
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

function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text))
}

/**
 * A secret in an address ends up in logs, so it is refused there. A path is a database to ClickHouse's client and a query
 * its settings; they would come before ours, and one that it does not know ended the core at every start.
 */
function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, pathname, search, hash } = new URL(text)
  const bare = pathname === '/' && search === '' && hash === ''
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && bare
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** A value in a message: on one line, and no longer than a path may reasonably be. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const line = text === '' ? '(empty)' : text.replace(/\s+/g, ' ')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
