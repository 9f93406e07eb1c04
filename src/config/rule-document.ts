/**
 * A YAML document that knows on which line each of its parts stands.
 *
 * Thresholds are read as they are written: YAML would make 0.20 a double, and the rule means exactly 20/100.
 */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { QwError } from '../core/errors.js'

export type Path = readonly (string | number)[]

export class RuleDocument {
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #root: Node | null

  /** @throws QwError QW_RULES_INVALID when the text is no YAML. */
  constructor(text: string, file: string) {
    this.#file = file
    const document = parseDocument(text, { lineCounter: this.#lines, strict: true, uniqueKeys: true })
    const [problem] = [...document.errors, ...document.warnings]
    if (problem)
      throw new QwError('QW_RULES_INVALID', {
        file,
        line: problem.linePos?.[0].line ?? 1,
        reason: problem.message.split('\n')[0],
      })
    this.#root = document.contents
  }

  /** The line of the part at `path`, or of the nearest part around it that is there. */
  lineOf(path: Path): number {
    const offset = this.#offsetOf(path)
    return offset === undefined ? 1 : this.#lines.linePos(offset).line
  }

  fail(path: Path, reason: string): never {
    const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
    const named = name === '' ? reason : `${name.replace(/^\./, '')} ${reason}`
    throw new QwError('QW_RULES_INVALID', { file: this.#file, line: this.lineOf(path), reason: named })
  }

  /** The document as plain values, every number as the text that was written. */
  toPlain(): unknown {
    return plainOf(this.#root, numberAsWritten, (reason) => this.fail([], reason))
  }

  /** The part at `path` with numbers as numbers, for what is passed on as JSON. */
  toJson(path: Path): unknown {
    const node = path.reduce<unknown>((within, key) => partOf(within, key).value, this.#root)
    return plainOf(node, Number, (reason) => this.fail(path, reason))
  }

  #offsetOf(path: Path): number | undefined {
    let node: unknown = this.#root
    let offset: number | undefined
    for (const key of path) {
      const { value, place } = partOf(node, key)
      offset = startOf(place) ?? offset
      node = value
    }
    return offset
  }
}

/** A member of a map, which stands where its key stands, or an item of a list. */
function partOf(node: unknown, key: string | number): { value: unknown; place: unknown } {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
    return { value: pair?.value, place: pair?.key }
  }
  const item = isSeq(node) && typeof key === 'number' ? node.items[key] : undefined
  return { value: item, place: item }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

const numberAsWritten = (written: string): unknown => written

function plainOf(node: unknown, numberOf: (written: string) => unknown, fail: (reason: string) => never): unknown {
  if (isScalar(node)) return typeof node.value === 'number' ? numberOf(node.source ?? String(node.value)) : node.value
  if (isSeq(node)) return node.items.map((item) => plainOf(item, numberOf, fail))
  if (isMap(node))
    return Object.fromEntries(
      node.items.map((pair) => {
        if (!isPair(pair) || !isScalar(pair.key)) return fail('has a key that is no text')
        return [String(pair.key.value), plainOf(pair.value, numberOf, fail)]
      }),
    )
  if (node === null) return null
  return fail('uses an alias; write the value where it is meant')
}
