/**
 * The city as this page holds it: every unit with its figures, what stands on it, and the counts that follow.
 *
 * Colours and freezes come from the stream's snapshot and transitions alone, because those are exact and in order;
 * figures come from the list that is read over HTTP and from figures frames, of which the latest counts. Every change
 * marks the unit, so that the canvas paints only what is new. No DOM here: the tests run this file as it is.
 */
import { alertKey, Standing, type StandingAlert } from '../../client/standing.js'
import type { Colour, FreezeState, Transition } from '../../client/stream.js'
import type { CityFigures, Facts, UnitAnswer } from './answers.js'
import type { Look } from './look.js'
import { type County, counties, isCounty } from './names.js'

export interface Tile {
  readonly id: string
  readonly name: string
  readonly county: County
  readonly sector: string
  readonly facts: Facts
  /** Undefined where nothing was judged yet. */
  readonly colour: Colour | undefined
  readonly freeze: FreezeState
  /** A load that touches it is open. The stream does not tell its end: it is asked for. */
  readonly setAside: boolean
  /** A feed that told of it is silent. The stream does not tell of which units: they are asked for. */
  readonly isOld: boolean
}

/** How many units look how. `frozen` are counted in their colour too: a freeze comes beside the colour. */
export type Tally = Record<Look | 'units' | 'approved' | 'filled' | 'old', number>

const emptyTally = (): Tally => ({
  units: 0,
  approved: 0,
  filled: 0,
  green: 0,
  yellow: 0,
  red: 0,
  frozen: 0,
  unknown: 0,
  old: 0,
})

export const lookOfTile = ({ colour, freeze }: Tile): Look => (freeze === 'frozen' ? 'frozen' : (colour ?? 'unknown'))

const noAlerts: ReadonlyMap<string, StandingAlert> = new Map()

export class City {
  /** What stands on the topic `all`. */
  readonly standing = new Standing('all')
  /** Grows whenever units come or go: then places have to be found anew. */
  structure = 0
  readonly tiles = new Map<string, Tile>()
  readonly total = emptyTally()
  readonly tallies: Readonly<Record<County, Tally>> = {
    HS: emptyTally(),
    PJ: emptyTally(),
    JH: emptyTally(),
    EP: emptyTally(),
    KP: emptyTally(),
    XH: emptyTally(),
    TS: emptyTally(),
    SZ: emptyTally(),
  }
  readonly #changed = new Set<string>()
  readonly #alertsOf = new Map<string, Map<string, StandingAlert>>()
  /** Figures that came while the list was being read: they are newer than it. */
  #figuresMeanwhile: Map<string, Facts> | undefined
  #order: Map<County, readonly string[]> | undefined
  /** Id -> where it stands among the units of its county. */
  readonly #places = new Map<string, number>()

  /** Ids of a county, in the order in which they are shown. */
  idsOf(county: County): readonly string[] {
    this.#order ??= this.#sorted()
    return this.#order.get(county) ?? []
  }

  placeOf(id: string): number {
    this.#order ??= this.#sorted()
    return this.#places.get(id) ?? 0
  }

  alertsOf(id: string): ReadonlyMap<string, StandingAlert> {
    return this.#alertsOf.get(id) ?? noAlerts
  }

  /** Whether some unit's verdict is put off until a load ends. */
  get awaitsLoad(): boolean {
    for (const { setAside } of this.tiles.values()) if (setAside) return true
    return false
  }

  /** Units that changed since this was last asked. */
  takeChanged(): string[] {
    const ids = [...this.#changed]
    this.#changed.clear()
    return ids
  }

  /** Call it before the list is read; what the stream says meanwhile is kept. */
  beginReading(): void {
    this.#figuresMeanwhile = new Map()
  }

  replaceUnits(answers: readonly UnitAnswer[]): void {
    const meanwhile = this.#figuresMeanwhile ?? new Map<string, Facts>()
    this.#figuresMeanwhile = undefined
    const kept = new Set(answers.map(({ id }) => id))
    for (const id of this.tiles.keys()) if (!kept.has(id)) this.#remove(id)
    for (const answer of answers) this.addUnit({ ...answer, facts: meanwhile.get(answer.id) ?? answer.facts })
  }

  /** One unit, new or with new attributes. */
  addUnit({ id, name, county, sector, facts, setAside, stale = [] }: UnitAnswer): void {
    if (!isCounty(county)) return
    const known = this.tiles.get(id)
    if (known?.county !== county || known.name !== name) {
      if (known) this.#remove(id)
      this.#order = undefined
      this.structure += 1
    }
    const isOld = stale.length > 0
    this.#put(this.#judged({ id, name, county, sector, facts, setAside: setAside === true, isOld }))
  }

  /** Ids of units that are not in the list yet. */
  figures({ units }: CityFigures): string[] {
    const unknown: string[] = []
    for (const { unit, facts } of units) {
      this.#figuresMeanwhile?.set(unit, facts)
      const tile = this.tiles.get(unit)
      if (tile) this.#put(this.#judged({ ...tile, facts }))
      else unknown.push(unit)
    }
    return unknown
  }

  reset(items: readonly unknown[]): void {
    this.standing.reset(items)
    this.#alertsOf.clear()
    for (const alert of this.standing.alerts.values()) this.#noteAlert(alert)
    for (const id of this.tiles.keys()) this.#judge(id)
  }

  apply(transition: Transition): void {
    this.standing.apply(transition)
    const { unit } = transition
    if (unit === undefined) return
    if (transition.kind === 'alert') {
      const alert = this.standing.alerts.get(alertKey(transition))
      if (alert) this.#noteAlert(alert)
      else this.#alertsOf.get(unit)?.delete(alertKey(transition))
    }
    this.#judge(unit)
  }

  #noteAlert(alert: StandingAlert): void {
    if (alert.unit === undefined) return
    const alerts = this.#alertsOf.get(alert.unit) ?? new Map<string, StandingAlert>()
    this.#alertsOf.set(alert.unit, alerts.set(alertKey(alert), alert))
  }

  #judge(id: string): void {
    const tile = this.tiles.get(id)
    if (tile) this.#put(this.#judged(tile))
  }

  /**
   * A unit without an approved quota was never judged; one that is set aside will be; and what a silent feed told may be
   * true no longer. None of them is green, and trouble stays trouble.
   */
  #judged(tile: Omit<Tile, 'colour' | 'freeze'>): Tile {
    const colours = [...this.alertsOf(tile.id).values()].map(({ colour }) => colour)
    const freeze = this.standing.freezes.get(tile.id)?.state ?? 'none'
    if (colours.includes('red')) return { ...tile, colour: 'red', freeze }
    if (colours.includes('yellow')) return { ...tile, colour: 'yellow', freeze }
    const isUnknown = tile.facts.approved === null || tile.setAside || tile.isOld
    return { ...tile, colour: isUnknown ? undefined : 'green', freeze }
  }

  #put(tile: Tile): void {
    const known = this.tiles.get(tile.id)
    if (known) this.#count(known, -1)
    this.tiles.set(tile.id, tile)
    this.#count(tile, 1)
    this.#changed.add(tile.id)
  }

  #remove(id: string): void {
    const tile = this.tiles.get(id)
    if (!tile) return
    this.#count(tile, -1)
    this.tiles.delete(id)
    this.#changed.delete(id)
    this.#order = undefined
    this.structure += 1
  }

  #count({ county, colour, freeze, facts, isOld }: Tile, by: 1 | -1): void {
    for (const tally of [this.total, this.tallies[county]]) {
      tally.units += by
      tally.approved += by * (facts.approved ?? 0)
      tally.filled += by * (facts.filled ?? 0)
      tally[colour ?? 'unknown'] += by
      if (freeze === 'frozen') tally.frozen += by
      if (isOld) tally.old += by
    }
  }

  #sorted(): Map<County, readonly string[]> {
    const order = new Map<County, string[]>(counties.map((county) => [county, []]))
    this.#places.clear()
    for (const id of [...this.tiles.keys()].sort()) {
      const ids = order.get(this.tiles.get(id)?.county as County) ?? []
      this.#places.set(id, ids.length)
      ids.push(id)
    }
    return order
  }
}
