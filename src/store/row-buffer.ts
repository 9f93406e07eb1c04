/**
 * Rows of TabSeparated as bytes, soon after they are made.
 *
 * A range of a hundred thousand rows kept as strings is a hundred thousand objects for the garbage collector to walk,
 * again and again while the range grows: it took a fifth of the writer's time. Encoding some dozens of rows at once costs
 * less than encoding each, and less than encoding hundreds. Where a row ends need not be remembered: a newline inside a
 * row is escaped.
 */
const chunkChars = 16 * 1024
const newline = 0x0a

export class RowBuffer {
  readonly #chunks: Buffer[] = []
  #text = ''
  #encodedBytes = 0

  /** Bytes; what is not encoded yet is counted in characters, which is near enough for a bound. */
  get length(): number {
    return this.#encodedBytes + this.#text.length
  }

  /** `row` ends in its newline. */
  add(row: string): void {
    this.#text += row
    if (this.#text.length >= chunkChars) this.#encode()
  }

  /** Everything, in pieces of whole rows; small ones, so that others get their turn in between. */
  chunks(): readonly Buffer[] {
    this.#encode()
    return this.#chunks
  }

  /** The rows at these places, in order. */
  only(places: readonly number[]): RowBuffer {
    const [wanted, chosen] = [new Set(places), new RowBuffer()]
    let place = 0
    for (const chunk of this.chunks())
      for (let begin = 0; begin < chunk.length; place++) {
        const end = chunk.indexOf(newline, begin) + 1
        if (wanted.has(place)) chosen.add(chunk.toString('utf8', begin, end))
        begin = end
      }
    return chosen
  }

  #encode(): void {
    if (this.#text === '') return
    const chunk = Buffer.from(this.#text)
    this.#chunks.push(chunk)
    this.#encodedBytes += chunk.length
    this.#text = ''
  }
}
