/**
 * What the coordinator and its child processes say to each other (IPC, structured clone: typed arrays and maps pass).
 *
 * The coordinator asks one thing at a time of a child and waits, with a limit, for the answer of the same kind.
 */
import type { CitySettings } from './city.js'
import type { Stamps } from './frame-text.js'
import type { Schedule } from './pacer.js'
import type { Receipt } from './receipts.js'
import type { SecondOfClients, SecondOfGenerator } from './series.js'

/** One schedule for warm-up and measurement; figures begin with event `firstMeasured`. */
export interface Plan {
  readonly schedule: Schedule
  readonly firstMeasured: number
}

/** The clients that one process holds. */
export interface CrowdSettings {
  readonly host: string
  readonly port: number
  readonly sourceAddress: string
  /** Of the clients `first` … `first + clients - 1` of the run those of the units of this part. */
  readonly first: number
  readonly clients: number
  /** 0 … parts - 1. */
  readonly part: number
  readonly parts: number
  readonly units: number
  /** Share of clients that subscribe to their unit's county too, 0…1. */
  readonly countyShare: number
  readonly only?: 'county' | 'freezes' | undefined
  /** Every latency is reported one by one: for few clients. */
  readonly keepsSamples?: true
  readonly connectsInFlight: number
  /** The process rests so long after each look at its sockets; absent: it does not. */
  readonly gatherMs?: number
  /** Clients that lose their connection resume it after this back-off; absent: what was lost stays lost. */
  readonly comesBack?: { readonly reconnectMsMin: number; readonly reconnectMsMax: number }
}

export type ToClients =
  | ({
      readonly kind: 'connect'
      /** Scheduling priority of the process, where the system permits it. */
      readonly niceness?: number
    } & CrowdSettings)
  | { readonly kind: 'measure'; readonly plan: Plan }
  | { readonly kind: 'progress' }
  /** Everybody is cut off now and comes back at a moment of the next `withinMs`. */
  | { readonly kind: 'storm'; readonly withinMs: number }
  /** Everybody stops reading. */
  | { readonly kind: 'stall' }
  | { readonly kind: 'goOn' }
  | { readonly kind: 'report' }
  /** Everybody leaves. */
  | { readonly kind: 'leave' }

export type FromClients =
  | {
      readonly kind: 'connect'
      /** Clients whose topics are all subscribed and whose snapshots are in. */
      readonly ready: number
      readonly lostReasons: readonly string[]
      readonly subscriptions: number
      readonly tookMs: number
    }
  | { readonly kind: 'measure' | 'storm' | 'stall' | 'goOn' | 'leave' }
  | {
      readonly kind: 'progress'
      readonly ready: number
      readonly received: number
      readonly disconnects: number
      /** Cut off and not at the present yet. */
      readonly away: number
    }
  | ({ readonly kind: 'report' } & ClientsReport)

/** What became of clients that were cut off, made to reconnect, or stalled. */
export interface Recovery {
  readonly disturbed: number
  /** Not at the present when the report was made. */
  readonly away: number
  /** Subscriptions that had to begin anew with a snapshot. */
  readonly reloads: number
  /** When the last of them was at the present again; 0 when none was. */
  readonly lastBackUs: number
  /** From the loss to the present. */
  readonly times: string
}

/** The latencies of a few clients, one by one, in microseconds of the common clock. */
export interface Samples {
  readonly intendedUs: readonly number[]
  readonly receivedUs: readonly number[]
  /** What each frame carried of its way; undefined for a resumed one. */
  readonly stamps: readonly (Stamps | undefined)[]
}

export interface CrowdReport {
  readonly samples?: Samples
  readonly receipts: readonly Receipt[]
  /** Of clients that were never disturbed. */
  readonly latency: string
  readonly disturbedLatency: string
  /** Of frames that events before the first measured one caused. */
  readonly warmUpLatency: string
  readonly stages: Readonly<Record<StageName, string>>
  readonly seconds: readonly SecondOfClients[]
  readonly malformed: readonly string[]
  readonly malformedCount: number
  readonly disconnects: number
  readonly disconnectReasons: readonly string[]
  readonly recovery: Recovery
}

export interface ClientsReport extends CrowdReport {
  readonly lag: string
  /** CPU used since `measure`. */
  readonly cpuMs: number
  /** Frames received since `measure`. */
  readonly receivedWhile: number
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

/** Asked of whoever posts events before it does. */
export interface PrepareToPost {
  readonly kind: 'prepare'
  readonly host: string
  readonly port: number
  /** Scheduling priority of the process, where the system permits it. */
  readonly niceness: number
  readonly connectionsMax: number
  /** Opened before the run. */
  readonly connectionsWarm: number
  readonly answerWaitMs: number
}

export type ToGenerator =
  | PrepareToPost
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
