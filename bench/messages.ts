/**
 * What the coordinator and its child processes say to each other (IPC, structured clone: typed arrays and maps pass).
 *
 * The coordinator asks one thing at a time of a child and waits, with a limit, for the answer of the same kind.
 */
import type { CitySettings } from './city.js'
import type { Schedule } from './pacer.js'
import type { Receipt } from './receipts.js'
import type { SecondOfClients, SecondOfGenerator } from './series.js'

/** One schedule for warm-up and measurement; figures begin with event `firstMeasured`. */
export interface Plan {
  readonly schedule: Schedule
  readonly firstMeasured: number
}

export type ToClients =
  | {
      readonly kind: 'connect'
      readonly host: string
      readonly port: number
      readonly sourceAddress: string
      /** Clients `first` … `first + count - 1` of the run. */
      readonly first: number
      readonly count: number
      readonly units: number
      /** Share of clients that subscribe to their unit's county too, 0…1. */
      readonly countyShare: number
      readonly connectsInFlight: number
    }
  | { readonly kind: 'measure'; readonly plan: Plan }
  | { readonly kind: 'progress' }
  | { readonly kind: 'report' }

export type FromClients =
  | {
      readonly kind: 'connect'
      /** Clients whose topics are all subscribed and whose snapshots are in. */
      readonly ready: number
      readonly lostReasons: readonly string[]
      readonly subscriptions: number
      readonly tookMs: number
    }
  | { readonly kind: 'measure' }
  | { readonly kind: 'progress'; readonly received: number; readonly disconnects: number }
  | ({ readonly kind: 'report' } & ClientsReport)

export interface ClientsReport {
  readonly receipts: readonly Receipt[]
  readonly latency: string
  readonly stages: Readonly<Record<StageName, string>>
  readonly lag: string
  readonly seconds: readonly SecondOfClients[]
  readonly malformed: readonly string[]
  readonly malformedCount: number
  readonly disconnects: number
  readonly disconnectReasons: readonly string[]
  readonly cpuMs: number
  readonly residentBytes: number
}

/** The way of an event, cut at the moments that the frame carries. Together they are the latency. */
export const stageNames = [
  'intendedToReceived',
  'receivedToDurable',
  'durableToJudged',
  'judgedToPublished',
  'publishedToClient',
] as const
export type StageName = (typeof stageNames)[number]

export type ToGenerator =
  | {
      readonly kind: 'prepare'
      readonly host: string
      readonly port: number
      readonly connectionsMax: number
      /** Opened before the run. */
      readonly connectionsWarm: number
      readonly answerWaitMs: number
    }
  | { readonly kind: 'run'; readonly plan: Plan; readonly city: CitySettings }
  | { readonly kind: 'progress' }

export type FromGenerator =
  | { readonly kind: 'prepare'; readonly connections: number }
  | { readonly kind: 'progress'; readonly sent: number; readonly answered: number; readonly errors: number }
  | ({ readonly kind: 'run' } & GeneratorReport)

export interface GeneratorReport {
  /** Measured requests that were on the wire before the window's end. */
  readonly sentInWindow: number
  readonly sent: number
  readonly answered: number
  readonly errors: number
  /** The first few different ones. */
  readonly errorExamples: readonly string[]
  readonly http: string
  readonly lag: string
  readonly seconds: readonly SecondOfGenerator[]
  readonly connections: number
  readonly cpuMs: number
}
