/**
 * The kinds of options that there are, and how one is written down in the table (options.ts).
 */

interface Base {
  /** One sentence for an operator, without a full stop. */
  readonly about: string
}

export interface WholeOption extends Base {
  readonly type: 'whole'
  /** What is counted, as the name's end says. */
  readonly unit: string
  readonly default: number
  readonly min: number
  readonly max: number
}

export interface RatioOption extends Base {
  readonly type: 'ratio'
  readonly default: number
}

export interface ChoiceOption extends Base {
  readonly type: 'choice'
  readonly default: string
  readonly choices: readonly string[]
}

/**
 * `path`: made absolute from the working directory. `time`: RFC 3339 with offset. `url`: http or https, of scheme,
 * host and port, or empty. `name`: an identifier.
 */
export interface TextOption extends Base {
  readonly type: 'path' | 'host' | 'time' | 'url' | 'name'
  readonly default: string
}

export type Option = WholeOption | RatioOption | ChoiceOption | TextOption

export const whole = (unit: string, value: number, min: number, max: number, about: string) =>
  ({ type: 'whole', unit, default: value, min, max, about }) as const
export const ratio = (value: number, about: string) => ({ type: 'ratio', default: value, about }) as const
export const text = (type: TextOption['type'], value: string, about: string) =>
  ({ type, default: value, about }) as const
export const choice = <const C extends readonly string[]>(choices: C, value: C[number], about: string) =>
  ({ type: 'choice', default: value, choices, about }) as const

/** What a room gets for an option. */
export type ValueOf<O extends Option> = O extends { type: 'whole' | 'ratio' }
  ? number
  : O extends { type: 'choice'; choices: readonly (infer C)[] }
    ? C
    : string
