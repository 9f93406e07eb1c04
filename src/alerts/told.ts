/**
 * Which feeds told of a unit, and what: when one of them falls silent, what it would have said is old (domain 4,
 * `silent-source`). Nothing is judged by it; old data keeps its colours, and who reads them is told.
 *
 * A few feeds tell the same things of most units, so units share one object for each combination. Only feeds that are
 * expected to speak are noted, for no other can be silent.
 */
import type { EventType } from '../core/event.js'
import type { RuleScope } from '../core/rule-set.js'
import { compareText } from './stamp.js'
import { touch } from './touch.js'

interface Part {
  readonly name: string
  readonly of: readonly EventType[]
  /** What of a unit's answer hangs on it. */
  readonly members: readonly string[]
  /** Bits of touch.ts by which rules about units hang on it. */
  readonly touched: number
  /** Rules of these scopes hang on it. */
  readonly scope?: RuleScope
}

/** The first four by the bits below. */
const parts: readonly Part[] = [
  {
    name: 'quota',
    of: ['quota.approved'],
    members: ['approved', 'usable', 'overBy', 'vacancyRatio'],
    touched: touch.quota | touch.over,
  },
  {
    name: 'heads',
    of: ['staff.entered', 'staff.left'],
    members: ['filled', 'overBy', 'vacancyRatio', 'heads'],
    touched: touch.heads | touch.frozenUse | touch.over | touch.negative,
  },
  { name: 'contract', of: ['contract.entered', 'contract.left'], members: ['contract'], touched: touch.contract },
  {
    name: 'loans',
    of: ['pool.lent', 'pool.returned'],
    members: ['onLoan', 'usable', 'overBy', 'vacancyRatio', 'loans'],
    touched: touch.loans | touch.over,
    scope: 'loan',
  },
  {
    name: 'assessments',
    of: ['assessment.published'],
    members: ['assessments'],
    touched: touch.assessed | touch.mean,
  },
  { name: 'tasks', of: ['task.planned', 'task.progressed'], members: ['tasks'], touched: 0, scope: 'task' },
  { name: 'requests', of: ['request.submitted'], members: ['requests'], touched: 0, scope: 'request' },
  { name: 'cases', of: ['case.opened', 'case.answered'], members: ['cases'], touched: 0, scope: 'case' },
  { name: 'reports', of: ['risk.reported'], members: [], touched: 0, scope: 'report' },
  { name: 'funds', of: ['fund.budgeted', 'fund.spent'], members: ['funds'], touched: 0 },
]

/** A bit for each part. */
export type ToldBits = number

const bitOfType: ReadonlyMap<EventType, ToldBits> = new Map(
  parts.flatMap(({ of }, at) => of.map((type) => [type, 1 << at] as const)),
)

const quotaBit = 1
const headsBit = 2
const contractBit = 4
const loansBit = 8

/** 0: such an event tells nothing that may grow old. `touched`: what it touched of its unit, for most events say all there. */
export function toldBits(type: EventType, touched: number): ToldBits {
  const ofUnit =
    ((touched & touch.quota) !== 0 ? quotaBit : 0) |
    ((touched & touch.heads) !== 0 ? headsBit : 0) |
    ((touched & touch.contract) !== 0 ? contractBit : 0) |
    ((touched & touch.loans) !== 0 ? loansBit : 0)
  return ofUnit !== 0 ? ofUnit : (bitOfType.get(type) ?? 0)
}

/** The members of a unit's answer that hang on these. */
export const membersOf = (bits: ToldBits): string[] => [
  ...new Set(parts.flatMap(({ members }, at) => ((bits & (1 << at)) !== 0 ? members : []))),
]

/** Whether a rule of that scope, which reads facts with these touch bits, hangs on them. */
export const hangsOn = (bits: ToldBits, scope: RuleScope, touchedBy: number): boolean =>
  parts.some(
    ({ touched, scope: own }, at) =>
      (bits & (1 << at)) !== 0 && (scope === 'unit' ? (touched & touchedBy) !== 0 : scope === own),
  )

/** By source: what it told. */
export type ToldJson = readonly (readonly [source: string, bits: ToldBits])[]

/** One combination; units share it. */
export interface Told {
  readonly index: number
  /** By the place of the source. */
  readonly bits: readonly ToldBits[]
  /** What it comes to with one more, by place and bits. */
  readonly next: Map<number, Told>
}

/** Bits of a part take less. */
const bitsMax = 1 << parts.length

export class Tellers {
  /** Both in the order in which they came about, so that a restored shard counts on as a living one. */
  readonly #sources: string[] = []
  readonly #all: Told[] = []
  readonly #byKey = new Map<string, Told>()

  placeOf(source: string): number {
    const known = this.#sources.indexOf(source)
    return known < 0 ? this.#sources.push(source) - 1 : known
  }

  /** What was told when one more event was. */
  after(told: Told | undefined, place: number, bits: ToldBits): Told {
    if (told && ((told.bits[place] ?? 0) & bits) === bits) return told
    const step = place * bitsMax + bits
    const known = told?.next.get(step)
    if (known) return known
    const all = [...(told?.bits ?? [])]
    while (all.length <= place) all.push(0)
    all[place] = (all[place] as number) | bits
    const next = this.#of(all)
    told?.next.set(step, next)
    return next
  }

  at(index: number): Told | undefined {
    return this.#all[index]
  }

  shown({ bits }: Told): ToldJson {
    return bits
      .flatMap((told, place) => (told === 0 ? [] : [[this.#sources[place] as string, told] as const]))
      .sort(([a], [b]) => compareText(a, b))
  }

  toJson(): TellersJson {
    return { sources: [...this.#sources], told: this.#all.map(({ bits }) => bits) }
  }

  restore({ sources, told }: TellersJson): void {
    this.#sources.push(...sources)
    for (const bits of told) this.#of(bits)
  }

  #of(bits: readonly ToldBits[]): Told {
    const key = bits.join()
    const known = this.#byKey.get(key)
    if (known) return known
    const told: Told = { index: this.#all.length, bits, next: new Map() }
    this.#all.push(told)
    this.#byKey.set(key, told)
    return told
  }
}

export interface TellersJson {
  readonly sources: readonly string[]
  readonly told: readonly (readonly ToldBits[])[]
}
