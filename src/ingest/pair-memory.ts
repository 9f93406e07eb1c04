/**
 * The pairs (source, id) that were taken, by hash: ten million and more without a Map of strings.
 *
 * Open addressing in 1,024 partitions of their own size: when one is full only that one is rebuilt (10,000 slots at ten
 * million pairs, well under a millisecond), so no request ever waits for the whole table. A slot is 24 bytes:
 *
 *   word 0-1  hash of the pair       word 4  position, low 32 bits
 *   word 2-3  hash of the content    word 5  position, high 12 bits | hour of the event's time, 20 bits
 *
 * Pairs whose hour fell out of the duplicate horizon are as good as absent, since an event with such a time is refused
 * before it could count twice; they are dropped when their partition is rebuilt. Hour 0 means "kept for good" (loads).
 */
import type { LogPosition, UnixMs } from '../core/names.js'

const partitionCount = 1024
const slotWords = 6
const hourMs = 3_600_000
const hourMax = 2 ** 20 - 1 // the year 2089
export const keptForGood = 0
// Linear probing: at 0.8 an absent pair costs about 13 probes, all within a few cache lines.
const loadMax = 0.8
const loadAfterRebuild = 0.5
const slotsMin = 8

/** The hour a pair is filed under, 1 or more. */
export const hourOf = (timeMs: UnixMs): number => Math.min(hourMax, Math.max(1, Math.floor(timeMs / hourMs)))

export class PairMemory {
  /** What `find` found. */
  contentLo = 0
  contentHi = 0
  position = 0 as LogPosition
  /** Slots in use, those of forgotten pairs included until their partition is rebuilt. */
  size = 0
  private readonly partitions: Uint32Array[] = []
  private readonly used = new Uint32Array(partitionCount)
  private sweepNext = 0
  /** Where `find` looked last: an event that is new is filed where it was not found. */
  private looked: Uint32Array | undefined
  private lookedAt = 0
  private lookedLo = 0
  private lookedHi = 0

  constructor() {
    for (let i = 0; i < partitionCount; i++) this.partitions.push(new Uint32Array(slotsMin * slotWords))
  }

  /** `oldestHour`: pairs of earlier hours are not found. */
  find(keyLo: number, keyHi: number, oldestHour: number): boolean {
    const slots = this.partitions[keyHi >>> 22] as Uint32Array
    const at = slotOf(slots, keyLo, keyHi)
    this.looked = slots
    this.lookedAt = at
    this.lookedLo = keyLo
    this.lookedHi = keyHi
    if (isEmpty(slots, at) || isForgotten(slots, at, oldestHour)) return false
    this.contentLo = slots[at + 2] as number
    this.contentHi = slots[at + 3] as number
    this.position = positionAt(slots, at)
    return true
  }

  /** Files the pair; one that was there is replaced. `hour`: `hourOf` its time, or `keptForGood`. */
  put(pair: PairHashes, position: LogPosition, hour: number, oldestHour: number): void {
    const index = pair.keyHi >>> 22
    let slots = this.partitions[index] as Uint32Array
    if ((this.used[index] as number) + 1 > (slots.length / slotWords) * loadMax) slots = this.rebuild(index, oldestHour)
    const at = this.isLooked(slots, pair) ? this.lookedAt : slotOf(slots, pair.keyLo, pair.keyHi)
    // What is filed may take the place that was found empty.
    this.looked = undefined
    if (isEmpty(slots, at)) this.count(index, 1)
    slots[at] = pair.keyLo
    slots[at + 1] = pair.keyHi
    slots[at + 2] = pair.contentLo
    slots[at + 3] = pair.contentHi
    slots[at + 4] = position
    slots[at + 5] = Math.floor(position / 2 ** 32) * 2 ** 20 + hour
  }

  /** Rebuilds the next `count` partitions, each in its turn, so that forgotten pairs make room. */
  sweep(count: number, oldestHour: number): void {
    for (let i = 0; i < count; i++) {
      this.rebuild(this.sweepNext, oldestHour)
      this.sweepNext = (this.sweepNext + 1) % partitionCount
    }
  }

  /**
   * All pairs filed up to `last`, partition by partition, as slots one after the other. Pairs may be filed between two
   * steps of this iterator: they carry later positions and are left out, so the result is true for `last`.
   */
  *slots(last: LogPosition): Generator<Uint32Array> {
    for (const slots of this.partitions) {
      const kept = new Uint32Array(slots.length)
      let length = 0
      for (let at = 0; at < slots.length; at += slotWords) {
        if (isEmpty(slots, at) || positionAt(slots, at) > last) continue
        kept.set(slots.subarray(at, at + slotWords), length)
        length += slotWords
      }
      if (length > 0) yield kept.subarray(0, length)
    }
  }

  /** Takes back what `slots` gave. */
  load(slots: Uint32Array, oldestHour: number): void {
    const index = (slots[1] as number) >>> 22
    // Room for all of them at once: growing by a quarter at a time took a second for a million pairs.
    const partition = this.rebuild(index, oldestHour, slots.length / slotWords)
    for (let at = 0; at < slots.length; at += slotWords) {
      const keyHi = slots[at + 1] as number
      if (keyHi >>> 22 !== index) throw new Error('pairs of two partitions in one piece')
      const to = slotOf(partition, slots[at] as number, keyHi)
      if (isEmpty(partition, to)) this.count(index, 1)
      for (let word = 0; word < slotWords; word++) partition[to + word] = slots[at + word] as number
    }
  }

  private isLooked(slots: Uint32Array, { keyLo, keyHi }: PairHashes): boolean {
    return slots === this.looked && keyLo === this.lookedLo && keyHi === this.lookedHi
  }

  /** `more`: how many are about to be filed. */
  private rebuild(index: number, oldestHour: number, more = 1): Uint32Array {
    const old = this.partitions[index] as Uint32Array
    let live = 0
    for (let at = 0; at < old.length; at += slotWords) if (isLive(old, at, oldestHour)) live++
    const slots = new Uint32Array(Math.max(slotsMin, Math.ceil((live + more) / loadAfterRebuild)) * slotWords)
    for (let at = 0; at < old.length; at += slotWords) {
      if (!isLive(old, at, oldestHour)) continue
      const to = slotOf(slots, old[at] as number, old[at + 1] as number)
      for (let word = 0; word < slotWords; word++) slots[to + word] = old[at + word] as number
    }
    this.partitions[index] = slots
    this.count(index, live - (this.used[index] as number))
    return slots
  }

  private count(index: number, more: number): void {
    this.used[index] = (this.used[index] as number) + more
    this.size += more
  }
}

/** A `Fingerprint`, as far as this file needs it. */
export interface PairHashes {
  readonly keyLo: number
  readonly keyHi: number
  readonly contentLo: number
  readonly contentHi: number
}

/** Where the pair stands, or the empty slot where it would. A partition is never full, so the walk ends. */
function slotOf(slots: Uint32Array, keyLo: number, keyHi: number): number {
  const length = slots.length
  let at = Math.floor((keyLo / 2 ** 32) * (length / slotWords)) * slotWords
  while (!isEmpty(slots, at) && !(slots[at] === keyLo && slots[at + 1] === keyHi)) {
    at += slotWords
    if (at === length) at = 0
  }
  return at
}

/** Positions begin at 1, so a slot of position 0 was never filled. */
const isEmpty = (slots: Uint32Array, at: number): boolean =>
  slots[at + 4] === 0 && (slots[at + 5] as number) >>> 20 === 0

function isForgotten(slots: Uint32Array, at: number, oldestHour: number): boolean {
  const hour = (slots[at + 5] as number) & hourMax
  return hour !== keptForGood && hour < oldestHour
}

const isLive = (slots: Uint32Array, at: number, oldestHour: number): boolean =>
  !isEmpty(slots, at) && !isForgotten(slots, at, oldestHour)

const positionAt = (slots: Uint32Array, at: number): LogPosition =>
  (((slots[at + 5] as number) >>> 20) * 2 ** 32 + (slots[at + 4] as number)) as LogPosition
