/**
 * The matters of one kind that a unit has, by id, in the order in which they came.
 *
 * A chain and not a Map for as long as they are few, as nearly everywhere: a Map is three objects on the way to one task,
 * each of them a wait for memory (bench engine).
 */
interface Linked<M> {
  readonly id: string
  next: M | undefined
}

// Cases of a school in five years are some dozens: beyond so many, walking costs more than the Map.
const chainMax = 8

export class MatterList<M extends Linked<M>> {
  #first: M | undefined
  #last: M | undefined
  #size = 0
  #byId: Map<string, M> | undefined

  get(id: string): M | undefined {
    if (this.#byId) return this.#byId.get(id)
    let matter = this.#first
    while (matter !== undefined && matter.id !== id) matter = matter.next
    return matter
  }

  /** One with an id that is new here. */
  add(matter: M): void {
    if (this.#last) this.#last.next = matter
    else this.#first = matter
    this.#last = matter
    this.#size += 1
    if (this.#byId) this.#byId.set(matter.id, matter)
    else if (this.#size > chainMax) this.#byId = new Map(this.all().map((one) => [one.id, one]))
  }

  each(act: (matter: M) => void): void {
    for (let matter = this.#first; matter !== undefined; matter = matter.next) act(matter)
  }

  all(): M[] {
    const all: M[] = []
    this.each((matter) => all.push(matter))
    return all
  }
}
