import fc from 'fast-check'
import t from 'tap'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import { Hash64 } from '../../src/ingest/hash.js'
import { hourOf, keptForGood, PairMemory } from '../../src/ingest/pair-memory.js'

function hashed(text: string): { keyLo: number; keyHi: number; contentLo: number; contentHi: number } {
  const hash = new Hash64()
  hash.start().text(text).finish()
  return { keyLo: hash.lo, keyHi: hash.hi, contentLo: hash.hi, contentHi: hash.lo }
}

t.test('a quarter of a million pairs are found again with content and position, and no others', async (t) => {
  const memory = new PairMemory()
  const count = 250_000
  // Beyond 2^32, so that the upper bits of a position are used too.
  const offset = 2 ** 40
  for (let i = 0; i < count; i++)
    memory.put(hashed(`/departments/hr hr-2024-${i}`), (offset + i) as LogPosition, 1 + (i % 1000), 0)
  t.equal(memory.size, count)
  let wrong = 0
  for (let i = 0; i < count; i++) {
    const pair = hashed(`/departments/hr hr-2024-${i}`)
    const isFound = memory.find(pair.keyLo, pair.keyHi, 0)
    if (!isFound || memory.position !== offset + i || memory.contentLo !== pair.contentLo) wrong++
    const absent = hashed(`/departments/hr hr-2025-${i}`)
    if (memory.find(absent.keyLo, absent.keyHi, 0)) wrong++
  }
  t.equal(wrong, 0)
})

// All in one partition, so that it is rebuilt again and again.
const pairOf = (key: number) => ({
  keyLo: Math.imul(key, 0x9e3779b9) >>> 0,
  keyHi: key,
  contentLo: key,
  contentHi: ~key >>> 0,
})

interface Held {
  readonly position: number
  readonly hour: number
}

function agree(memory: PairMemory, map: ReadonlyMap<number, Held>, key: number, oldest: number): boolean {
  const held = map.get(key)
  const expected = held !== undefined && (held.hour === keptForGood || held.hour >= oldest)
  if (memory.find(pairOf(key).keyLo, pairOf(key).keyHi, oldest) !== expected) return false
  return !expected || (memory.position === held.position && memory.contentHi === ~key >>> 0)
}

t.test('the memory agrees with a map through any puts and any passing of time', async (t) => {
  const key = fc.integer({ min: 0, max: 40 })
  const step = fc.record({ key, hour: fc.nat(60), ahead: fc.nat(3), sweep: fc.boolean() })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const memory = new PairMemory()
        const map = new Map<number, Held>()
        let oldest = 1
        return steps.every(({ key, hour, ahead, sweep }, index) => {
          oldest += ahead
          const kept = hour === 0 ? keptForGood : Math.max(1, oldest - 10 + (hour % 30))
          memory.put(pairOf(key), (index + 1) as LogPosition, kept, oldest)
          map.set(key, { position: index + 1, hour: kept })
          if (sweep) memory.sweep(1024, oldest)
          return Array.from({ length: 41 }, (_, k) => agree(memory, map, k, oldest)).every(Boolean)
        })
      }),
    ),
  )
})

t.test('forgotten pairs make room', async (t) => {
  const memory = new PairMemory()
  for (let i = 0; i < 20_000; i++) memory.put(hashed(`old ${i}`), (i + 1) as LogPosition, 5, 0)
  memory.put(hashed('kept'), 1 as LogPosition, keptForGood, 0)
  memory.sweep(1024, 6)
  t.equal(memory.size, 1)
})

t.test('the hour of a time stays within what a slot can hold', async (t) => {
  t.equal(hourOf(-1 as UnixMs), 1)
  t.equal(hourOf(0 as UnixMs), 1)
  t.equal(hourOf(7_200_000 as UnixMs), 2)
  t.equal(hourOf(Number.MAX_SAFE_INTEGER as UnixMs), 2 ** 20 - 1)
})

t.test('hashes of alike texts are spread like chance, in each half', async (t) => {
  const count = 200_000
  const texts = [
    (i: number) => `hr-${i}`,
    (i: number) => `${i}`.padStart(12, '0'),
    (i: number) => String.fromCharCode(i & 0xff, i >> 8, 0x4e00),
  ]
  for (const text of texts) {
    const [los, his, both] = [new Set<number>(), new Set<number>(), new Set<bigint>()]
    const byPartition = new Uint32Array(1024)
    for (let i = 0; i < count; i++) {
      const { keyLo, keyHi } = hashed(text(i))
      los.add(keyLo)
      his.add(keyHi)
      both.add((BigInt(keyHi) << 32n) | BigInt(keyLo))
      byPartition[keyHi >>> 22] = (byPartition[keyHi >>> 22] as number) + 1
    }
    t.equal(both.size, count)
    // By chance about 4.7 of 200,000 fall together in 32 bits; more than 20 happens once in ten million tries.
    t.ok(count - los.size <= 20, `${count - los.size} lower halves fall together`)
    t.ok(count - his.size <= 20, `${count - his.size} upper halves fall together`)
    // 195 expected in each of 1,024 partitions, standard deviation 14.
    t.ok(Math.max(...byPartition) < 195 + 6 * 14 && Math.min(...byPartition) > 195 - 6 * 14)
  }
})

t.test('numbers are hashed by value and apart from texts', async (t) => {
  const of = (add: (hash: Hash64) => unknown) => {
    const hash = new Hash64().start()
    add(hash)
    hash.finish()
    return [hash.lo, hash.hi]
  }
  t.same(
    of((h) => h.number(0)),
    of((h) => h.number(-0)),
  )
  t.same(
    of((h) => h.number(1)),
    of((h) => h.number(1.0)),
  )
  t.notSame(
    of((h) => h.number(1)),
    of((h) => h.text('1')),
  )
  t.notSame(
    of((h) => h.number(1)),
    of((h) => h.flag(true)),
  )
  t.notSame(
    of((h) => h.text('ab').text('c')),
    of((h) => h.text('a').text('bc')),
  )
})
