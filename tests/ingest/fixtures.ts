/**
 * A service of ingest with a log in memory, and events to send it.
 */
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import type { Batch, LogEntry } from '../../src/core/entry.js'
import { type ErrorCode, QwError } from '../../src/core/errors.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { Order } from '../../src/core/order.js'
import { installProblems, problemOptions } from '../../src/http/problem.js'
import {
  type AppendLog,
  createWorkingDays,
  type IngestLimits,
  type OrderDesk,
  registerIngest,
  Sequencer,
  type SequencerLimits,
} from '../../src/ingest/ingest.js'

export const dayMs = 86_400_000
/** Wednesday 2024-07-03 10:00 in Asia/Shanghai. */
export const startMs = Date.parse('2024-07-03T10:00:00+08:00') as UnixMs

export const limits: IngestLimits & SequencerLimits = {
  bodyBytesMax: 100_000,
  orderBytesMax: 24_576,
  eventsPerRequestMax: 1000,
  pendingEntriesMax: 10_000,
  timeAheadMsMax: dayMs,
  duplicateHorizonMs: 30 * dayMs,
  duplicateKeysMax: 1_000_000,
  waitingEventsMax: 100,
  quarantineItemsMax: 100,
  quarantineBytesMax: 1_000_000,
  quarantinedEventBytesMax: 200_000,
  quarantineDoneItemsMax: 100,
}

/** The log's contract without a disk. While `isHeld`, nothing becomes durable until `sync()`. */
export class MemoryLog implements AppendLog {
  readonly batches: Batch[] = []
  isHeld = false
  /** Before it is said to be durable, as the log does it. */
  onBatch: (batch: Batch) => void = () => {}
  private readonly pending: { entries: readonly LogEntry[]; done: () => void }[] = []
  private readonly nowMs: () => UnixMs

  constructor(nowMs: () => UnixMs) {
    this.nowMs = nowMs
  }

  get entries(): LogEntry[] {
    return this.batches.flatMap((batch) => batch.entries)
  }

  get head(): LogPosition {
    const last = this.batches.at(-1)
    return (last === undefined ? 0 : last.firstPosition + last.entries.length - 1) as LogPosition
  }

  get pendingEntries(): number {
    return this.pending.reduce((sum, { entries }) => sum + entries.length, 0)
  }

  append(
    entries: readonly LogEntry[],
    texts: readonly (string | undefined)[] = [],
  ): { first: LogPosition; durable: Promise<void> } {
    const first = (this.head + this.pendingEntries + 1) as LogPosition
    const durable = new Promise<void>((done) => {
      // As a real log keeps them: what was appended cannot be changed afterwards.
      const kept = entries.map((entry, i) => JSON.parse(texts[i] ?? JSON.stringify(entry)) as LogEntry)
      this.pending.push({ entries: kept, done })
    })
    if (!this.isHeld) setImmediate(() => this.sync())
    return { first, durable }
  }

  sync(): void {
    const taken = this.pending.splice(0)
    const entries = taken.flatMap((append) => append.entries)
    if (entries.length > 0) {
      const batch = { firstPosition: (this.head + 1) as LogPosition, nowMs: this.nowMs(), entries }
      this.batches.push(batch)
      this.onBatch(batch)
    }
    for (const append of taken) append.done()
  }

  async *read(from: LogPosition): AsyncGenerator<Batch> {
    for (const batch of this.batches) if (batch.firstPosition + batch.entries.length > from) yield batch
  }
}

export interface Service<L extends AppendLog = MemoryLog> {
  readonly app: FastifyInstance
  readonly log: L
  readonly sequencer: Sequencer
  readonly counts: Map<string, number>
  readonly settle: () => Promise<number>
  nowMs: UnixMs
  admission: ErrorCode | undefined
  /** Between the slices of a long request; absent: there is always room. */
  room: () => Promise<void>
  /** Room node's; without it every order is taken as it comes. */
  desk: OrderDesk
  /** What the observer was told. */
  readonly defects: readonly Error[]
  readonly fatal: readonly Error[]
}

export function service(changed?: Partial<typeof limits>): Service<MemoryLog>
export function service<L extends AppendLog>(changed: Partial<typeof limits>, sequencer: Sequencer, log: L): Service<L>
export function service(
  changed: Partial<typeof limits> = {},
  sequencer?: Sequencer,
  log?: AppendLog,
): Service<AppendLog> {
  const ours = { ...limits, ...changed }
  const app = Fastify(problemOptions)
  installProblems(app)
  const made = {
    app,
    nowMs: startMs,
    admission: undefined as ErrorCode | undefined,
    room: async () => undefined,
    counts: new Map<string, number>(),
    defects: [] as Error[],
    fatal: [] as Error[],
    desk: { give: (request, take) => take({ order: request as Order }) } as OrderDesk,
  }
  const theLog = log ?? new MemoryLog(() => made.nowMs)
  const theSequencer = sequencer ?? new Sequencer(ours)
  const { settle } = registerIngest(app, {
    log: theLog,
    sequencer: theSequencer,
    limits: ours,
    observer: {
      counted: (verdict, events) => made.counts.set(verdict, (made.counts.get(verdict) ?? 0) + events),
      appended: () => {},
      defect: (error) => made.defects.push(error),
      failed: (error) => made.fatal.push(error),
    },
    nowMs: () => made.nowMs,
    room: () => made.room(),
    admission: () => (made.admission === undefined ? undefined : new QwError(made.admission)),
    desk: { give: (request, take) => made.desk.give(request, take) },
    workingDays: () => createWorkingDays(),
  })
  return Object.assign(made, { log: theLog, sequencer: theSequencer, settle })
}

let made = 0

export interface LooseEvent {
  [name: string]: unknown
}

/** A valid event about unit U1, but for what `changes` says; `undefined` takes an attribute away. */
export function event(type: string, data: object, changes: LooseEvent = {}): LooseEvent {
  made++
  const whole: LooseEvent = {
    specversion: '1.0',
    id: `e${made}`,
    source: '/departments/hr',
    type,
    subject: 'U1',
    time: '2024-07-03T09:15:00+08:00',
    datacontenttype: 'application/json',
    data,
    ...changes,
  }
  for (const name of Object.keys(whole)) if (whole[name] === undefined) delete whole[name]
  return whole
}

export const registered = (subject = 'U1', changes: LooseEvent = {}): LooseEvent =>
  event(
    'unit.registered',
    {
      name: '第一小学',
      level: 'county',
      county: 'PJ',
      kind: 'institution',
      sector: 'education',
      frontline: true,
    },
    { subject, ...changes },
  )

export const entered = (changes: LooseEvent = {}): LooseEvent =>
  event('staff.entered', { count: 2, basis: 'permanent' }, changes)

export interface Item {
  source: string | null
  id: string | null
  line?: number
  status: string
  position: number
  code?: string
  field?: string
  reason?: string
  waiting?: boolean
}

export const post = (payload: string | Buffer, type: string, headers: object = {}): InjectOptions => ({
  method: 'POST',
  url: '/v1/events',
  headers: { 'content-type': type, ...headers },
  payload,
})

/** Sends events as one batch and gives the items of the answer. */
export async function send(service: Service<AppendLog>, ...events: readonly unknown[]): Promise<Item[]> {
  const answer = await service.app.inject(post(JSON.stringify(events), 'application/cloudevents-batch+json'))
  if (answer.statusCode !== 202) throw new Error(`answered ${answer.statusCode}: ${answer.payload}`)
  return answer.json<{ items: Item[] }>().items
}

export async function order(
  service: Service,
  body: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await service.app.inject({ method: 'POST', url: '/v1/orders', payload: body })
  return { status: answer.statusCode, body: answer.json() }
}

export const first = (items: readonly Item[]): Item => items[0] as Item
