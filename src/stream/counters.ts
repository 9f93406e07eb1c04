/**
 * What a push process counts, since its start. It tells the core every second; the core adds the processes up.
 */
export interface PushStats {
  clients: number
  /** Of these, the ones that wait to be let in. */
  waiting: number
  subscriptions: number
  /** Frames with a topic that were published or sent, counted once per cohort or client. */
  publications: number
  /** Parts of snapshots that were made into frames, each once for all who are sent it. */
  snapshotFrames: number
  /** Transition frames handed to clients' sockets. */
  deliveries: number
  /** Connections that ended because the socket library dropped a frame. */
  drops: number
  /** Deliveries left out by faultDropRatio. */
  faults: number
  resumes: { ring: number; record: number; reload: number }
  /** Connections that we ended, by close code. */
  closes: Record<string, number>
}

export const newStats = (): PushStats => ({
  clients: 0,
  waiting: 0,
  subscriptions: 0,
  publications: 0,
  snapshotFrames: 0,
  deliveries: 0,
  drops: 0,
  faults: 0,
  resumes: { ring: 0, record: 0, reload: 0 },
  closes: {},
})

const counts = [
  'clients',
  'waiting',
  'subscriptions',
  'publications',
  'snapshotFrames',
  'deliveries',
  'drops',
  'faults',
] as const

/** Adds `more` into `sum`. */
export function addStats(sum: PushStats, more: PushStats): PushStats {
  for (const name of counts) sum[name] += more[name]
  for (const name of ['ring', 'record', 'reload'] as const) sum.resumes[name] += more.resumes[name]
  for (const [code, count] of Object.entries(more.closes)) sum.closes[code] = (sum.closes[code] ?? 0) + count
  return sum
}
