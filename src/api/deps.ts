/**
 * What the api is handed. Here and not in api.ts, so that the files behind the door need not import the door.
 */
import type { Colour, County, LogPosition, N, Sector, UnixMs } from '../core/names.js'
import type { FreezeState, ProposalState, Transition } from '../core/transition.js'
import type { AskGate } from './gate.js'
import type { Metrics } from './metrics.js'

export type ReadQuery =
  | { readonly kind: 'unit'; readonly id: string }
  | {
      readonly kind: 'units'
      readonly county?: County
      readonly sector?: Sector
      readonly colour?: Colour
      /** Units whose id sorts after this one. */
      readonly after?: string
      readonly limit: number
    }
  | { readonly kind: 'alerts'; readonly subject?: string; readonly rule?: string; readonly colour?: Colour }
  | { readonly kind: 'freezes'; readonly unit?: string; readonly state?: FreezeState }
  | { readonly kind: 'summary'; readonly scope: string; readonly withStale?: true }
  | { readonly kind: 'proposals'; readonly subject?: string; readonly state?: ProposalState }
  | { readonly kind: 'standing' }

/** The service's clock (design 2). */
export interface ApiClock {
  readonly kind: 'system' | 'scenario'
  readonly nowMs: () => UnixMs
  /** What plays here since the first move that named one; undefined where none has. */
  readonly play: () => Play | undefined
  /** Resolves when what follows from the new time is judged. QW_CLOCK_KIND, QW_CLOCK_BACKWARD, QW_PLAY_DIFFERS. */
  readonly moveTo: (ms: UnixMs, play?: Play) => Promise<void>
}

/** A play of the scenario: another seed or first month is another city. */
export interface Play {
  readonly seed: number
  /** `YYYY-MM` */
  readonly from: string
}

/** One part of the service, for `/readyz`. */
export interface Part {
  readonly name: string
  /** A word for people: `serving`, `judging 1200 entries`, `away`. */
  readonly state: string
  readonly ready: boolean
}

export interface HistoryQuestion {
  readonly subject: string
  /** 30 days before the end when absent. */
  readonly fromMs?: UnixMs
  /** As far as the store has heard when absent. */
  readonly toMs?: UnixMs
  readonly stepMs: number
}

/** What was true at a moment, with the figures of a unit or the sums of a scope beside it. */
export interface HistoryPoint {
  readonly atMs: UnixMs
}

/** What a rule set would change; the rest is as `RulePreview` describes it. */
export interface RulePreview {
  /** The transition after which it was tried. */
  readonly n: number
}

export interface ApiDeps {
  readonly version: string
  /** The AsyncAPI document of the stream. */
  readonly streamDocument: object
  /**
   * Between batches, true at `n`. Values: `unit` an item or undefined; `summary` an object or undefined; `standing` the
   * rule set and the policy; the others
   * arrays of items as they are shown, `units` sorted by id and at most `limit`.
   */
  readonly read: (query: ReadQuery) => Promise<{ readonly n: N; readonly value: unknown }>
  /** Transitions with a number above `since`, oldest first. */
  readonly transitions: (since: N, limit: number) => Promise<readonly Transition[]>
  /** From the store. QW_QUERY_INVALID, QW_STORE_AWAY. */
  readonly history: (question: HistoryQuestion) => Promise<{
    readonly of: 'unit' | 'sums'
    /** The store has something of the subject, at whatever moment. */
    readonly isKnown: boolean
    /** How far the store had heard: everything up to `position` and up to `atMs`. No point is after it. */
    readonly storedTo: { readonly position: LogPosition; readonly atMs: UnixMs }
    readonly points: readonly HistoryPoint[]
    /** Of a unit that is closed at the last moment. */
    readonly closedAtMs?: UnixMs
    /** Of sums: as they stand, the hour that runs included; absent where the question ends before it. */
    readonly latest?: HistoryPoint
  }>
  /** Of a rule file; each list at most `limit` long. QW_RULES_INVALID, QW_OVERLOADED, QW_PREVIEW_ENDED. */
  readonly preview: (text: string, limit: number) => Promise<RulePreview>
  /** A rule file may be so long. */
  readonly previewBytesMax: number
  /** Never waits. */
  readonly gate: AskGate
  /** The newest transition's number. */
  readonly head: () => N
  readonly clock: ApiClock
  readonly parts: () => readonly Part[]
  readonly metrics: Metrics
}
