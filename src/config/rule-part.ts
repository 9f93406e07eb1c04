/**
 * A value in a rule file, and where it stands: what is wrong with it is said with file and line.
 */
import { type Path, RuleDocument } from './rule-document.js'

export class Part {
  readonly #document: RuleDocument
  readonly #path: Path
  readonly #value: unknown

  constructor(document: RuleDocument, path: Path, value: unknown) {
    this.#document = document
    this.#path = path
    this.#value = value
  }

  /** The whole of a file. @throws QwError QW_RULES_INVALID when the text is no YAML. */
  static open(text: string, file: string): Part {
    const document = new RuleDocument(text, file)
    return new Part(document, [], document.toPlain())
  }

  get isThere(): boolean {
    return this.#value !== undefined
  }

  get line(): number {
    return this.#document.lineOf(this.#path)
  }

  at(key: string | number): Part {
    const held = this.#value as Record<string | number, unknown> | null | undefined
    const value = typeof held === 'object' && held !== null && Object.hasOwn(held, key) ? held[key] : undefined
    return new Part(this.#document, [...this.#path, key], value)
  }

  under(path: Path): Part {
    return path.reduce<Part>((part, key) => part.at(key), this)
  }

  ifThere<V extends object>(read: (part: Part) => V): V | Record<string, never> {
    return this.isThere ? read(this) : {}
  }

  /** An object with no other keys than these. */
  allow(keys: readonly string[]): void {
    for (const key of this.keys())
      if (!keys.includes(key)) this.at(key).fail(`is not known here; known are ${keys.join(', ')}`)
  }

  list<V>(read: (part: Part) => V): V[] {
    if (!Array.isArray(this.#value)) return this.fail(this.isThere ? 'must be a list' : 'is missing')
    return this.#value.map((_, i) => read(this.at(i)))
  }

  text(): string {
    if (typeof this.#value !== 'string' || this.#value.trim() === '')
      return this.fail(this.isThere ? 'must be text' : 'is missing')
    return this.#value
  }

  matching(pattern: RegExp): string {
    const text = this.text()
    return pattern.test(text) ? text : this.fail(`must match ${pattern.source}`)
  }

  oneOf<V extends string>(values: readonly V[]): V {
    const text = this.text()
    return (values as readonly string[]).includes(text) ? (text as V) : this.fail(`must be one of ${values.join(', ')}`)
  }

  decimal(): string {
    const text = this.text()
    const isDecimal = /^-?[0-9]+(\.[0-9]{1,9})?$/.test(text)
    return isDecimal ? text : this.fail('must be a decimal with at most nine places, such as 0.20')
  }

  /** The keys of a mapping; fails when it is none. */
  keys(): string[] {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value))
      return this.fail(this.isThere ? 'must be a mapping' : 'is missing')
    return Object.keys(this.#value)
  }

  /** As it would be in JSON: numbers are numbers. */
  json(): unknown {
    return this.#document.toJson(this.#path)
  }

  get isText(): boolean {
    return typeof this.#value === 'string'
  }

  get isMapping(): boolean {
    return typeof this.#value === 'object' && this.#value !== null && !Array.isArray(this.#value)
  }

  get isList(): boolean {
    return Array.isArray(this.#value)
  }

  truth(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.fail('must be true or false')
  }

  fail(reason: string): never {
    return this.#document.fail(this.#path, reason)
  }
}
