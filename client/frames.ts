/**
 * The frames of the stream (docs/stream.md), typed, and the one place where text from the network becomes a value.
 *
 * What the client acts upon is checked here field by field; what it only hands on (items, figures, why) is left as it
 * came. A type that this client does not know is passed over, so that an older client understands a newer server.
 */

export type Colour = 'green' | 'yellow' | 'red'
export type FreezeState = 'none' | 'frozen' | 'lifted'
/** Who must look after an alert. */
export type Rung = 'unit' | 'county' | 'city'

/** Why a transition happened, as in `GET /v1/transitions`. */
export interface Why {
  readonly ruleVersion?: string
  readonly figure?: {
    readonly numerator: string
    readonly denominator: string
    readonly value: number
    /** How people see it; absent: as a share, or as a count when the denominator is 1. */
    readonly shown?: 'share' | 'ratio' | 'times' | 'yuan' | 'count'
  }
  readonly threshold?: {
    readonly above?: string
    readonly below?: string
    readonly back?: string
    readonly or?: string
    readonly when?: string
  }
  readonly events: readonly { readonly source: string; readonly id: string }[]
  readonly policy: string
  readonly assumed: boolean
  readonly uncertain?: true
  readonly order?: { readonly order: string; readonly by: string; readonly reason: string }
  readonly cause?: string
}

interface TransitionFields {
  readonly type: 'transition'
  readonly topic: string
  readonly n: number
  /** The `n` before it on this topic. */
  readonly p: number
  readonly subject: string
  readonly unit?: string
  readonly county?: string
  readonly sector?: string
  /** RFC 3339 with offset. */
  readonly at: string
  readonly why: Why
  readonly correction?: boolean
  /** Microseconds of the server's monotonic clock; absent on resumed frames. */
  readonly stamps?: {
    readonly received: number
    readonly durable: number
    readonly judged: number
    readonly published: number
  }
}

export interface AlertTransition extends TransitionFields {
  readonly kind: 'alert'
  readonly rule: string
  readonly from: Colour
  readonly to: Colour
  /** Somebody asked not to be told. */
  readonly silenced?: true
}

export interface FreezeTransition extends TransitionFields {
  readonly kind: 'freeze'
  readonly unit: string
  readonly from: FreezeState
  readonly to: FreezeState
  readonly sequence: number
  readonly reasons: readonly string[]
  readonly until?: string
  readonly by?: string
}

/** An alert that nobody acknowledged climbed, or somebody sent it up. */
export interface EscalationTransition extends TransitionFields {
  readonly kind: 'escalation'
  readonly rule: string
  readonly from: Rung
  readonly to: Rung
}

/** Somebody has an alert in hand, or no longer. */
export interface AcknowledgementTransition extends TransitionFields {
  readonly kind: 'acknowledgement'
  readonly rule: string
  readonly from: 'open' | 'acknowledged'
  readonly to: 'open' | 'acknowledged'
  readonly by?: string
  readonly until?: string
}

/** A silence began or ended, also of an alert that does not stand. */
export interface SilenceTransition extends TransitionFields {
  readonly kind: 'silence'
  readonly rule: string
  readonly from: 'audible' | 'silenced'
  readonly to: 'audible' | 'silenced'
  readonly by?: string
  readonly until?: string
}

export type Decision = 'approved' | 'refused' | 'withdrawn'

/** What is proposed, in figures. */
export interface Proposed {
  readonly kind: string
  /** Signed share. */
  readonly ratio?: string
  readonly approved?: { readonly from: number; readonly to: number }
  readonly requestId?: string
  readonly assumed?: true
}

/** A proposal appeared, was decided, or lost its reason. */
export interface ProposalTransition extends TransitionFields {
  readonly kind: 'proposal'
  readonly rule: string
  readonly proposalId: string
  readonly from: 'none' | 'open'
  readonly to: 'open' | Decision
  readonly proposed: Proposed
}

/** A request was decided. */
export interface RequestTransition extends TransitionFields {
  readonly kind: 'request'
  readonly requestId: string
  readonly from: 'pending'
  readonly to: Decision
}

/** Another kind may come from a newer server: it is handed on, and whoever does not know it passes over it. */
export type Transition =
  | AlertTransition
  | FreezeTransition
  | EscalationTransition
  | AcknowledgementTransition
  | SilenceTransition
  | ProposalTransition
  | RequestTransition

export interface Welcome {
  readonly type: 'welcome'
  /** Names the service's history: a cursor is good for the one it was given in. */
  readonly epoch: string
  /** The service's clock, RFC 3339 with offset. */
  readonly now: string
  readonly clock: 'system' | 'scenario'
  /** True: what is shown is an exercise (演练), and every screen must say so. */
  readonly exercise: boolean
  readonly heartbeatMs: number
  readonly role: string
  /** After a connection that was lost without a `bye`: when to come back. Absent from older servers. */
  readonly returnAfterMs?: number
}

export interface SnapshotPart {
  readonly type: 'snapshot'
  readonly topic: string
  readonly n: number
  readonly part: number
  readonly parts: number
  readonly items: readonly unknown[]
}

export interface Bye {
  readonly type: 'bye'
  readonly code: string
  readonly title: string
  readonly reconnect: boolean
  readonly afterMs: number
  /** Where to connect instead. */
  readonly address?: string
}

export type ServerFrame =
  | Welcome
  /** Many come at once: the welcome follows after about so long. */
  | { readonly type: 'wait'; readonly afterMs: number }
  | { readonly type: 'subscribed'; readonly topic: string; readonly head: number; readonly resumed: boolean }
  | SnapshotPart
  | Transition
  | { readonly type: 'figures'; readonly topic: string; readonly values: unknown }
  | { readonly type: 'stale'; readonly since: string; readonly why: string }
  | { readonly type: 'fresh' }
  | { readonly type: 'ping'; readonly t: number; readonly heads: Readonly<Record<string, number>> }
  | { readonly type: 'error'; readonly code: string; readonly title: string; readonly topic?: string }
  | Bye

export interface TopicRequest {
  readonly topic: string
  readonly since?: number
  readonly figures?: true
}

export type ClientFrame =
  | { readonly type: 'hello'; readonly v: 1; readonly token?: string; readonly locale?: 'zh' | 'en' }
  | { readonly type: 'subscribe'; readonly topics: readonly TopicRequest[]; readonly epoch?: string }
  | { readonly type: 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly type: 'pong'; readonly t: number }

/** The server said something that is not of this protocol. */
export class BadFrame extends Error {
  constructor(reason: string) {
    super(`the server's frame ${reason}`)
    this.name = 'BadFrame'
  }
}

/** The frame that `text` is; undefined for a type that this client does not know. Throws BadFrame. */
export function readServerFrame(text: string): ServerFrame | undefined {
  const frame = parse(text)
  const type = frame['type']
  if (typeof type !== 'string') throw new BadFrame('has no type')
  if (!Object.hasOwn(shapes, type)) return undefined
  for (const [field, fits] of Object.entries(shapes[type as ServerFrame['type']]))
    if (!fits(frame[field])) throw new BadFrame(`${type} has a wrong ${field}`)
  return frame as unknown as ServerFrame
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BadFrame('is not JSON')
  }
  if (!isRecord(value)) throw new BadFrame('is not an object')
  return value
}

type Check = (value: unknown) => boolean

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isWhole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isPositive: Check = (value) => isWhole(value) && value !== 0
const isList: Check = (value) => Array.isArray(value)
const isTime: Check = (value) => typeof value === 'string' && Number.isFinite(Date.parse(value))
const isHeads: Check = (value) => isRecord(value) && Object.values(value).every(isWhole)
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** What this client relies on, by type and field. */
const shapes: Readonly<Record<ServerFrame['type'], Readonly<Record<string, Check>>>> = {
  welcome: { epoch: isText, now: isTime, exercise: isFlag, heartbeatMs: isPositive, returnAfterMs: orAbsent(isWhole) },
  wait: { afterMs: isWhole },
  subscribed: { topic: isText, head: isWhole, resumed: isFlag },
  snapshot: { topic: isText, n: isWhole, part: isPositive, parts: isPositive, items: isList },
  transition: { topic: isText, n: isPositive, p: isWhole, kind: isText, subject: isText, at: isTime, why: isRecord },
  figures: { topic: isText },
  stale: { since: isTime, why: isText },
  fresh: {},
  ping: { t: isWhole, heads: isHeads },
  error: { code: isText, title: isText, topic: orAbsent(isText) },
  bye: { code: isText, title: isText, reconnect: isFlag, afterMs: isWhole, address: orAbsent(isText) },
}
