/**
 * The gate's board: what decides whether a unit may use posts, in memory that several threads share.
 *
 * Each shard writes the rows of the units that a step touched; the core writes what all units have in common; whoever
 * asks, on whatever thread, reads without waiting for anybody. So an answer costs a microsecond also while the engine
 * and the core's loop are busy for milliseconds.
 *
 * A row is guarded by a sequence that is odd while it is written (a seqlock); a reader that meets one looks again. A row
 * is at the slot that its shard gave the unit, ids are appended, and readers keep an index of their own that they
 * extend up to `count`. A shard that begins anew starts its board anew, under another generation; while the engine is
 * not where its last answer was, the board is shut and the gate says so.
 */
import { basesOf, type GateCommon, type GateRow, maskOf } from '../alerts/gate.js'
import { QwError } from '../core/errors.js'
import type { N, UnitId, UnixMs } from '../core/names.js'
import { Names } from './gate-names.js'

/** Of one shard. Memory is only taken where it is written. */
export interface ShardMemory {
  readonly unitsMax: number
  /** Int32: generation, rows, bytes of ids, whether units were left out. */
  readonly header: SharedArrayBuffer
  /** Int32, `rowWords` a unit. */
  readonly rows: SharedArrayBuffer
  /** Of each unit in the order of slots: length of its id in a byte pair, then the id in UTF-8. */
  readonly ids: SharedArrayBuffer
  /** Rules that freeze, by their bit. */
  readonly reasons: SharedArrayBuffer
}

export interface GateMemory {
  readonly shards: readonly ShardMemory[]
  /** Int32: sequence, whether it is open, mask of bases, posts left in the pool, allowed, denied. */
  readonly common: SharedArrayBuffer
  /** BigInt64: n, and the time of the last batch in Unix milliseconds. */
  readonly n: SharedArrayBuffer
  /** The rule that guards the pool, by its bit. */
  readonly poolRules: SharedArrayBuffer
}

// What a row holds.
const [sequence, flags, usable, filled, reasonBits, rowWords] = [0, 1, 2, 3, 4, 6]
// What a shard's header holds.
const [generation, count, idBytes, leftOut, headerWords] = [0, 1, 2, 3, 4]
// What is common.
const [commonSequence, isOpen, basesMask, poolPosts, poolRuleBits, allowed, denied, commonWords] = [
  0, 1, 2, 3, 4, 5, 6, 7,
]

const flag = { registered: 1, closed: 2, hasQuota: 4, frozen: 8 } as const

// An id has 64 characters at most (ingest); UTF-8 takes three bytes for one of UTF-16.
const idBytesMax = 2 + 64 * 3
const idBytesUsual = 40

// A row is written in less than a microsecond; one that stays odd belongs to a thread that died.
const looksMax = 100_000

const words = (length: number) => new SharedArrayBuffer(length * 4)

export function createGateMemory(shards: number, unitsMax: number): GateMemory {
  return {
    shards: Array.from({ length: shards }, () => ({
      unitsMax,
      header: words(headerWords),
      rows: words(unitsMax * rowWords),
      ids: new SharedArrayBuffer(unitsMax * idBytesUsual + idBytesMax),
      reasons: Names.memory(),
    })),
    common: words(commonWords),
    n: new SharedArrayBuffer(16),
    poolRules: Names.memory(),
  }
}

/** Of posts: beyond 32 bits nobody counts them. */
const clamp = (posts: number): number => Math.max(-0x7fff_ffff, Math.min(0x7fff_ffff, posts))

/** What a shard's thread writes. */
export class GateWriter {
  readonly #unitsMax: number
  readonly #header: Int32Array
  readonly #rows: Int32Array
  readonly #ids: Uint8Array
  readonly #reasons: Names
  readonly #encoder = new TextEncoder()

  constructor({ unitsMax, header, rows, ids, reasons }: ShardMemory) {
    this.#unitsMax = unitsMax
    this.#header = new Int32Array(header)
    this.#rows = new Int32Array(rows)
    this.#ids = new Uint8Array(ids)
    this.#reasons = new Names(reasons)
  }

  /** Forgets all rows: slots are given anew. */
  begin(): void {
    Atomics.add(this.#header, generation, 1)
    for (const at of [count, idBytes, leftOut]) Atomics.store(this.#header, at, 0)
  }

  readonly write = (slot: number, id: UnitId, row: GateRow): void => {
    if (slot >= (this.#header[count] as number) && !this.#append(slot, id)) return
    const rows = this.#rows
    const at = slot * rowWords
    const newFlags = flagsOf(row)
    const [newUsable, newFilled] = [clamp(row.usable), clamp(row.filled)]
    const bits = row.isFrozen ? this.#reasons.bitsOf(row.reasons) : 0
    const isSame =
      rows[at + flags] === newFlags &&
      rows[at + usable] === newUsable &&
      rows[at + filled] === newFilled &&
      rows[at + reasonBits] === bits
    if (isSame) return
    Atomics.add(rows, at + sequence, 1)
    rows[at + flags] = newFlags
    rows[at + usable] = newUsable
    rows[at + filled] = newFilled
    rows[at + reasonBits] = bits
    Atomics.add(rows, at + sequence, 1)
  }

  /** New units come in the order of their slots, for each is touched by the step that brings it; their rows were zeroed. */
  #append(slot: number, id: UnitId): boolean {
    const header = this.#header
    const bytes = header[idBytes] as number
    if (slot >= this.#unitsMax || bytes + idBytesMax > this.#ids.length) {
      Atomics.store(header, leftOut, 1)
      return false
    }
    if (slot !== header[count]) throw new Error(`unit ${id} at slot ${slot}, not ${header[count]}`)
    const { written } = this.#encoder.encodeInto(id, this.#ids.subarray(bytes + 2))
    this.#ids[bytes] = written & 255
    this.#ids[bytes + 1] = written >> 8
    // A thread may have died while it wrote here: the sequence stays even.
    const at = slot * rowWords
    if (((this.#rows[at + sequence] as number) & 1) === 1) Atomics.add(this.#rows, at + sequence, 1)
    this.#rows.fill(0, at + flags, at + rowWords)
    header[idBytes] = bytes + 2 + written
    Atomics.store(header, count, slot + 1)
    return true
  }
}

function flagsOf({ standing, hasQuota, isFrozen }: GateRow): number {
  const stands = standing === 'none' ? 0 : flag[standing]
  return stands | (hasQuota ? flag.hasQuota : 0) | (isFrozen ? flag.frozen : 0)
}

/** What the core writes. */
export class GateCommonWriter {
  readonly #common: Int32Array
  readonly #n: BigInt64Array
  readonly #poolRules: Names

  constructor({ common, n, poolRules }: GateMemory) {
    this.#common = new Int32Array(common)
    this.#n = new BigInt64Array(n)
    this.#poolRules = new Names(poolRules)
  }

  /** Nobody is answered until `write`: the engine is not where its last answer was. */
  shut(): void {
    Atomics.store(this.#common, isOpen, 0)
  }

  write(n: N, nowMs: UnixMs, { counted, poolLeft, poolRule }: GateCommon): void {
    const common = this.#common
    const bits = this.#poolRules.bitsOf(poolRule === undefined ? [] : [poolRule])
    Atomics.add(common, commonSequence, 1)
    common[basesMask] = maskOf(counted)
    common[poolPosts] = clamp(poolLeft)
    common[poolRuleBits] = bits
    Atomics.store(this.#n, 0, BigInt(n))
    Atomics.store(this.#n, 1, BigInt(nowMs))
    Atomics.add(common, commonSequence, 1)
    Atomics.store(common, isOpen, 1)
  }
}

/** Reads the time of the last batch that was judged. */
export function judgedMsOf({ n }: GateMemory): () => UnixMs {
  const words = new BigInt64Array(n)
  return () => Number(Atomics.load(words, 1)) as UnixMs
}

/** What a reader found: the unit's row with what all units have in common, true at about `n`. */
export interface GateFound {
  readonly n: N
  readonly common: GateCommon
  /** Undefined: no such unit is known. */
  readonly row: GateRow | undefined
}

/** What anybody reads, on any thread; each keeps its own. */
export class GateReader {
  readonly #shards: readonly ShardReader[]
  readonly #common: Int32Array
  readonly #n: BigInt64Array
  readonly #poolRules: Names

  constructor({ shards, common, n, poolRules }: GateMemory) {
    this.#shards = shards.map((memory) => new ShardReader(memory))
    this.#common = new Int32Array(common)
    this.#n = new BigInt64Array(n)
    this.#poolRules = new Names(poolRules)
  }

  /** @throws QwError QW_NOT_JUDGING, QW_GATE_UNITS_MAX */
  find(id: UnitId): GateFound {
    const read = this.#readCommon()
    const row = this.#row(id)
    // A board that was shut meanwhile may have been cleared under our eyes.
    if (Atomics.load(this.#common, isOpen) === 0) throw new QwError('QW_NOT_JUDGING')
    if (!row) for (const shard of this.#shards) shard.checkComplete()
    return { ...read, row }
  }

  /** Counts an answer; all readers' together are in `answered`. */
  count(isAllowed: boolean): void {
    Atomics.add(this.#common, isAllowed ? allowed : denied, 1)
  }

  get answered(): { readonly allowed: number; readonly denied: number } {
    const at = (word: number) => Atomics.load(this.#common, word) >>> 0
    return { allowed: at(allowed), denied: at(denied) }
  }

  #row(id: UnitId): GateRow | undefined {
    for (const shard of this.#shards) {
      const row = shard.find(id)
      if (row) return row
    }
    return undefined
  }

  #readCommon(): Omit<GateFound, 'row'> {
    const common = this.#common
    for (let looks = 0; looks < looksMax; looks++) {
      const before = Atomics.load(common, commonSequence)
      if (Atomics.load(common, isOpen) === 0) throw new QwError('QW_NOT_JUDGING')
      const [mask, posts, bits] = [common[basesMask], common[poolPosts], common[poolRuleBits]] as [
        number,
        number,
        number,
      ]
      const n = Number(Atomics.load(this.#n, 0)) as N
      if ((before & 1) === 1 || Atomics.load(common, commonSequence) !== before) continue
      return { n, common: { counted: basesOf(mask), poolLeft: posts, poolRule: this.#poolRules.namesOf(bits)[0] } }
    }
    throw new QwError('QW_NOT_JUDGING')
  }
}

class ShardReader {
  readonly #unitsMax: number
  readonly #header: Int32Array
  readonly #rows: Int32Array
  readonly #ids: Uint8Array
  readonly #reasons: Names
  readonly #decoder = new TextDecoder()
  #slots = new Map<UnitId, number>()
  #generation = 0
  #bytes = 0

  constructor({ unitsMax, header, rows, ids, reasons }: ShardMemory) {
    this.#unitsMax = unitsMax
    this.#header = new Int32Array(header)
    this.#rows = new Int32Array(rows)
    this.#ids = new Uint8Array(ids)
    this.#reasons = new Names(reasons)
  }

  find(id: UnitId): GateRow | undefined {
    this.#extend()
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    const row = this.#read(slot)
    return row.standing === 'none' ? undefined : row
  }

  checkComplete(): void {
    if (Atomics.load(this.#header, leftOut) !== 0) throw new QwError('QW_GATE_UNITS_MAX', { limit: this.#unitsMax })
  }

  #extend(): void {
    const now = Atomics.load(this.#header, generation)
    if (now !== this.#generation) {
      this.#generation = now
      this.#slots = new Map()
      this.#bytes = 0
    }
    const end = Atomics.load(this.#header, count)
    for (let slot = this.#slots.size; slot < end; slot++) {
      const length = (this.#ids[this.#bytes] as number) | ((this.#ids[this.#bytes + 1] as number) << 8)
      const start = this.#bytes + 2
      // A copy: a decoder takes no shared memory.
      this.#slots.set(this.#decoder.decode(this.#ids.slice(start, start + length)), slot)
      this.#bytes = start + length
    }
  }

  #read(slot: number): GateRow {
    const rows = this.#rows
    const at = slot * rowWords
    for (let looks = 0; looks < looksMax; looks++) {
      const before = Atomics.load(rows, at + sequence)
      const bits = rows[at + reasonBits] as number
      const row = rowOf(rows[at + flags] as number, rows[at + usable] as number, rows[at + filled] as number)
      if ((before & 1) === 1 || Atomics.load(rows, at + sequence) !== before) continue
      return { ...row, reasons: row.isFrozen ? this.#reasons.namesOf(bits) : [] }
    }
    throw new QwError('QW_NOT_JUDGING')
  }
}

const rowOf = (flags: number, usable: number, filled: number): Omit<GateRow, 'reasons'> => ({
  standing: (flags & flag.registered) !== 0 ? 'registered' : (flags & flag.closed) !== 0 ? 'closed' : 'none',
  hasQuota: (flags & flag.hasQuota) !== 0,
  usable,
  filled,
  isFrozen: (flags & flag.frozen) !== 0,
})
