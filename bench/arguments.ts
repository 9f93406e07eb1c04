/**
 * The command line of the benches: every flag has a default, a unit, a range and a sentence, and `--help` prints them.
 */
import { parseArgs } from 'node:util'

/** A whole number unless `fraction`; both ends belong to the range. */
export interface NumberFlag {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly fraction?: true
  readonly about: string
}

/** Some of these words, with commas between them. */
export interface WordsFlag {
  readonly default: readonly string[]
  readonly words: readonly string[]
  readonly about: string
}

export type Flags = Readonly<Record<string, NumberFlag | WordsFlag>>

export type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends WordsFlag ? readonly F[K]['words'][number][] : number
}

export interface Parsed<F extends Flags> {
  readonly values: Values<F>
  /** Where the JSON goes; absent: standard output. */
  readonly json?: string
  readonly help: boolean
}

/** A wrong flag: the message is for the person who typed it. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/** `countyShare` -> `county-share`. */
const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const readNumber = (name: string, flag: NumberFlag, text: string): number => {
  const value = Number(text)
  const kind = flag.fraction ? 'a number' : 'a whole number'
  const fits =
    text.trim() !== '' && value >= flag.min && value <= flag.max && (flag.fraction || Number.isInteger(value))
  if (!fits) throw new ArgumentError(`--${flagOf(name)} ${text} must be ${kind} between ${flag.min} and ${flag.max}`)
  return value
}

const readWords = (name: string, { words }: WordsFlag, text: string): readonly string[] => {
  const given = text.split(',').filter((word) => word !== '')
  const wrong = given.find((word) => !words.includes(word))
  if (given.length === 0 || wrong !== undefined)
    throw new ArgumentError(`--${flagOf(name)} ${text} must be some of ${words.join(',')}`)
  return given
}

const readFlag = (name: string, flag: NumberFlag | WordsFlag, text: unknown): number | readonly string[] => {
  if (text === undefined) return flag.default
  return 'words' in flag ? readWords(name, flag, String(text)) : readNumber(name, flag, String(text))
}

/** Throws ArgumentError for an unknown flag, a value out of range or a word too many. */
export const parseFlags = <F extends Flags>(flags: F, words: readonly string[]): Parsed<F> => {
  const options = Object.fromEntries(Object.keys(flags).map((name) => [flagOf(name), { type: 'string' as const }]))
  let given: Record<string, unknown>
  try {
    given = parseArgs({
      args: [...words],
      options: { ...options, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error))
  }
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, given[flagOf(name)])]),
  )
  const json = given['json']
  return {
    values: values as unknown as Values<F>,
    help: given['help'] === true,
    ...(json === undefined ? {} : { json: String(json) }),
  }
}

/** The lines of `--help` below the usage. */
export const describeFlags = (flags: Flags): string => {
  const rows = Object.entries(flags).map(([name, flag]) =>
    'words' in flag
      ? [`  --${flagOf(name)} A,B`, `${flag.about} (${flag.words.join(', ')}; default ${flag.default.join()})`]
      : [`  --${flagOf(name)} N`, `${flag.about} (${flag.min}…${flag.max}, default ${flag.default})`],
  )
  rows.push(['  --json FILE', 'write the result there instead of to standard output'])
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0))
  return rows.map(([left = '', right = '']) => `${left.padEnd(width)}  ${right}`).join('\n')
}
