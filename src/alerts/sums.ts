/**
 * The running sums, held by the fold: of each cell, and of each scope that is a union of cells.
 */
import type { DayNumber } from '../core/names.js'
import { type FoldDelta, heardFlow, listFlow, loanFlow, shareNames } from './cells.js'
import { type Cell, cellOfName } from './profile.js'
import { sorted } from './sorted.js'

/** Parts of a scope's sums that rules compare; each is of the cells for which `of` is true. */
const parts = [
  { name: 'administrativeApproved', from: 'approved', of: ({ kind }: Cell) => kind === 'administrative' },
  { name: 'administrativeMovedByState', from: 'movedByState', of: ({ kind }: Cell) => kind === 'administrative' },
  { name: 'institutionApproved', from: 'approved', of: ({ kind }: Cell) => kind === 'institution' },
  { name: 'educationHealthInstitutionApproved', from: 'approved', of: (c: Cell) => isInstitution(c, educationHealth) },
  { name: 'growthInstitutionApproved', from: 'approved', of: (c: Cell) => isInstitution(c, growth) },
  { name: 'innovationApproved', from: 'approved', of: ({ sector }: Cell) => sector === 'innovation' },
  { name: 'frontlineApproved', from: 'approved', of: ({ frontline }: Cell) => frontline },
  { name: 'frontlineFilled', from: 'filled', of: ({ frontline }: Cell) => frontline },
  { name: 'municipalUnits', from: 'units', of: ({ level }: Cell) => level === 'municipal' },
  // Density is counted over county quota outside education and health (domain 1).
  {
    name: 'densityApproved',
    from: 'approved',
    of: ({ level, sector }: Cell) => level !== 'municipal' && !educationHealth.includes(sector),
  },
] as const

const educationHealth: readonly string[] = ['education', 'health']
const growth: readonly string[] = ['innovation', 'industry', 'ecology']
const isInstitution = ({ kind, sector }: Cell, sectors: readonly string[]): boolean =>
  kind === 'institution' && sectors.includes(sector)

export const sumNames = [...shareNames, ...parts.map(({ name }) => name)] as const
export type SumName = (typeof sumNames)[number]
export type SumsByName = Readonly<Record<SumName, number>>

export const sumAt = Object.fromEntries(sumNames.map((name, at) => [name, at])) as Readonly<Record<SumName, number>>

export interface SumsJson {
  readonly cells: readonly FoldDelta[]
  readonly flows: readonly (readonly [name: string, value: number])[]
}

interface HeldCell {
  readonly of: Cell
  /** In the order of `shareNames`. */
  readonly own: number[]
  readonly scopeNames: readonly string[]
  /** Sums of the scopes it lies in, in the order of `sumNames`. */
  readonly scopes: readonly number[][]
  /** By share: the sums of a scope that it goes into, itself and its parts. */
  readonly into: readonly (readonly number[])[]
}

export class Sums {
  readonly #cells = new Map<string, HeldCell>()
  readonly #scopes = new Map<string, number[]>()
  /** By name, of all units; and by `name|part` of those that are of the part. */
  readonly #flows = new Map<string, number>()
  /** Flows of innovation quota that there ever were, by name: their years. Follows from the rest. */
  readonly #quotaYears = new Map<string, number>()
  readonly #heard = new Map<FlowPart, { after: DayNumber; today: DayNumber; names: readonly string[] }>()

  /** @returns the scopes whose sums it may have changed. */
  add({ cell: name, change, flows }: FoldDelta): readonly string[] {
    const cell = this.#cell(name)
    // Most batches move two or three of the shares of a cell.
    for (let share = 0; share < change.length; share++) {
      const by = change[share] as number
      if (by !== 0) addShare(cell, share, by)
    }
    for (const [flow, value] of flows ?? []) for (const part of flowParts(cell.of)) this.#addFlow(flow + part, value)
    return cell.scopeNames
  }

  /** `scope`: `city`, `county/XH`, `sector/education`, `level/township`, `kind/institution`; 0 where there is no unit. */
  of(scope: string): SumsByName {
    const sums = this.#scopes.get(scope)
    return Object.fromEntries(sumNames.map((name, at) => [name, sums?.[at] ?? 0])) as SumsByName
  }

  /** The scope's own, in the order of `sumNames`; they move on. Undefined where there never was a unit. */
  own(scope: string): readonly number[] | undefined {
    return this.#scopes.get(scope)
  }

  /** One sum of a scope. */
  sum(scope: string, name: SumName): number {
    return this.#scopes.get(scope)?.[sumAt[name]] ?? 0
  }

  /** Posts that arrived by lists in a calendar year. */
  arrivedByList(year: number, part: FlowPart = ''): number {
    return this.#flows.get(listFlow(year) + part) ?? 0
  }

  /** How often the pool has lent. */
  get loans(): number {
    return this.#flows.get(loanFlow) ?? 0
  }

  /** Innovation quota on 1 January of the year. */
  innovationOn1January(year: number): number {
    let sum = 0
    for (const [name, of] of this.#quotaYears) if (of <= year) sum += this.#flows.get(name) ?? 0
    return sum
  }

  /** Units of which an event came in the days after `after`, up to `today`. */
  heardBetween(after: DayNumber, today: DayNumber, part: FlowPart = ''): number {
    let units = 0
    for (const name of this.#heardNames(after, today, part)) units += this.#flows.get(name) ?? 0
    return units
  }

  toJson(): SumsJson {
    return {
      cells: sorted(this.#cells)
        .filter(([, { own }]) => own.some((value) => value !== 0))
        .map(([cell, { own }]) => ({ cell, change: own })),
      flows: sorted(this.#flows),
    }
  }

  static from({ cells, flows }: SumsJson): Sums {
    const sums = new Sums()
    for (const cell of cells) sums.add(cell)
    for (const [name, value] of flows) sums.#addFlow(name, value)
    return sums
  }

  /** Ninety names that are the same all day. */
  #heardNames(after: DayNumber, today: DayNumber, part: FlowPart): readonly string[] {
    const known = this.#heard.get(part)
    if (known?.after === after && known.today === today) return known.names
    const names: string[] = []
    for (let day = after + 1; day <= today; day++) names.push(heardFlow(day as DayNumber) + part)
    this.#heard.set(part, { after, today, names })
    return names
  }

  #addFlow(name: string, value: number): void {
    const known = this.#flows.get(name)
    const year = known === undefined ? yearOfQuotaFlow(name) : undefined
    if (year !== undefined) this.#quotaYears.set(name, year)
    const sum = (known ?? 0) + value
    if (sum === 0) this.#flows.delete(name)
    else this.#flows.set(name, sum)
  }

  #cell(name: string): HeldCell {
    const known = this.#cells.get(name)
    if (known) return known
    const of = cellOfName(name)
    const cell: HeldCell = {
      of,
      own: shareNames.map(() => 0),
      // Levels and kinds are summed and shown, and no rule is about one.
      scopeNames: scopesOf(of).slice(0, 3),
      scopes: scopesOf(of).map((scope) => this.#scope(scope)),
      into: shareNames.map((share, at) => [
        at,
        ...parts.filter((part) => part.from === share && part.of(of)).map(({ name }) => sumAt[name]),
      ]),
    }
    this.#cells.set(name, cell)
    return cell
  }

  #scope(scope: string): number[] {
    const known = this.#scopes.get(scope)
    if (known) return known
    const sums = sumNames.map(() => 0)
    this.#scopes.set(scope, sums)
    return sums
  }
}

function addShare({ own, scopes, into }: HeldCell, share: number, by: number): void {
  own[share] = (own[share] as number) + by
  const all = into[share] as readonly number[]
  for (const sums of scopes) for (const at of all) sums[at] = (sums[at] as number) + by
}

const flowPartsKnown = ['|innovation', '|frontline', '|municipal'] as const
type FlowPart = '' | (typeof flowPartsKnown)[number]

const flowParts = ({ sector, frontline, level }: Cell): FlowPart[] => [
  '',
  ...(sector === 'innovation' ? ['|innovation' as const] : []),
  ...(frontline ? ['|frontline' as const] : []),
  ...(level === 'municipal' ? ['|municipal' as const] : []),
]

const quotaFlowPattern = /^quota\/(\d+)$/

function yearOfQuotaFlow(name: string): number | undefined {
  const year = quotaFlowPattern.exec(name)?.[1]
  return year === undefined ? undefined : Number(year)
}

const scopesOf = ({ county, sector, level, kind }: Cell): string[] => [
  'city',
  `county/${county}`,
  `sector/${sector}`,
  `level/${level}`,
  `kind/${kind}`,
]
