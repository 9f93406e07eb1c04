/**
 * Every option of the service: one table, from which validation, `quotawatch config` and docs/configuration.md come.
 *
 * A name ends with its measure's unit and then the bound, so that no value needs a suffix. An option that is not in this
 * table does not exist; a number in another room that an operator could want to change belongs here.
 */

import { choice, type Option, ratio, text, type ValueOf, whole } from './option-kinds.js'

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte
const dayMs = 86_400_000

export const options = {
  // what is watched
  dataDirectory: text('path', 'var/data', 'where the log, the record, the snapshots and the secrets live'),
  clock: choice(['system', 'scenario'], 'system', 'fixed when the data directory is made; a scenario moves by order'),
  scenarioStart: text('time', '2024-01-02T00:00:00+08:00', 'where the clock of a new scenario directory begins'),
  dataSet: text(
    'path',
    'data/jiangmen/events.ndjson',
    'events that a new data directory begins with, loaded at its first start; empty: none',
  ),
  rulesFile: text('path', 'rules/jiangmen.yaml', 'the rule set; logged at start when it has changed'),
  policy: choice(['home', 'desk'], 'home', 'who counts as staff on quota'),

  // addresses
  httpHost: text(
    'host',
    '127.0.0.1',
    'where events are taken and questions answered; loopback only, it knows no tokens',
  ),
  httpPort: whole('port', 8600, 0, 65_535, '0 takes any free port'),
  streamHost: text('host', '127.0.0.1', 'where clients of the stream connect'),
  streamPort: whole('port', 8601, 0, 65_535, 'shared by all common push processes; 0 takes any free port'),
  gatePort: whole(
    'port',
    8603,
    0,
    65_535,
    'where POST /v1/gate is answered by a thread of its own, at httpHost; 0 takes any free port',
  ),
  criticalPort: whole('port', 8602, 0, 65_535, 'for freeze triggers and walls alone; 0 takes any free port'),

  // processes
  clientsPlanned: whole(
    'clients',
    100_000,
    1,
    10_000_000,
    'clients of the common lane that there must be room for, also when one push process has died',
  ),
  pushProcesses: whole(
    'processes',
    0,
    0,
    64,
    'common push processes beside the critical one; 0: one more than clientsPlanned fill',
  ),
  hotPathNiceness: whole(
    'niceness',
    0,
    -20,
    19,
    'scheduling priority of the common push processes, where the system permits it',
  ),
  criticalNiceness: whole(
    'niceness',
    -20,
    -20,
    19,
    'scheduling priority of the core, the gate and the critical push process, where the system permits it',
  ),
  realtimePriority: whole(
    'priority',
    1,
    0,
    99,
    'real-time priority (SCHED_RR) of the gate and the critical push process, before all niceness, where the system permits it; 0: none',
  ),
  shards: whole('threads', 1, 1, 64, 'engine threads; the transitions are the same for any number'),
  gateUnitsMax: whole(
    'units',
    2_000_000,
    1,
    10_000_000,
    'units of one shard that the gate knows; memory is taken as they come',
  ),
  gateBodyBytesMax: whole('bytes', 4096, 256, mebibyte, 'of one question to gatePort'),
  gateHeapBytesMax: whole(
    'bytes',
    gibibyte,
    32 * mebibyte,
    64 * gibibyte,
    'the thread of the gate is replaced when its heap would grow over this',
  ),
  gateConnectionsMax: whole('connections', 1000, 1, 100_000, 'connections to gatePort; more are closed at once'),
  restartBackoffMs: whole('ms', 200, 10, 60_000, 'first wait before a process that died is started again; doubles'),
  restartBackoffMsMax: whole('ms', 10_000, 10, 600_000, 'longest of these waits'),
  coreSpareAfterMs: whole(
    'ms',
    1000,
    0,
    3_600_000,
    'so long after the core serves, a process that can take its place at once is kept waiting; 0: none',
  ),
  startAgainMs: whole(
    'ms',
    1000,
    10,
    600_000,
    'a core that cannot use its disk tries again after this, and says so at /readyz meanwhile',
  ),
  childSilenceMs: whole(
    'ms',
    30_000,
    2000,
    3_600_000,
    'a process whose event loop stands still for so long is killed and started again',
  ),
  stopWaitMs: whole('ms', 2500, 100, 60_000, 'a process that has not ended by then is killed'),

  // taking events
  httpConnectionsMax: whole(
    'connections',
    10_000,
    1,
    1_000_000,
    'beyond it resting connections are closed; when all are busy, new ones are answered 503, but for health and the gate',
  ),
  httpConnectionsSpareMax: whole(
    'connections',
    64,
    1,
    10_000,
    'of those new ones so many at once, one answer each; more wait to be let in',
  ),
  openFilesReserved: whole(
    'files',
    256,
    16,
    1_000_000,
    'files that connections leave free for the log, the record and snapshots, of those that the system permits',
  ),
  bodyBytesMax: whole('bytes', 16 * mebibyte, 1024, gibibyte, 'a larger request is refused with 413'),
  bodiesBytesMax: whole(
    'bytes',
    128 * mebibyte,
    1024,
    64 * gibibyte,
    'bodies over 16 KiB that are being read or taken, together; more are refused with 503; one without a length counts as bodyBytesMax',
  ),
  orderBytesMax: whole(
    'bytes',
    256 * 1024,
    16 * 1024,
    16 * mebibyte,
    'a larger order is refused with 413; the longest holds a rule file',
  ),
  ordersWaitingMax: whole(
    'orders',
    64,
    1,
    10_000,
    'orders that wait for the engine to say whether they apply; more are refused with 503',
  ),
  previewsMax: whole(
    'previews',
    1,
    0,
    64,
    'rule sets that are tried at once, each in a process of its own; more are refused with 503',
  ),
  previewMsMax: whole('ms', 60_000, 100, 3_600_000, 'a preview that takes longer is ended'),
  previewNiceness: whole('niceness', 10, -20, 19, 'scheduling priority of the process that tries a rule set'),
  previewHeapBytesMax: whole(
    'bytes',
    4 * gibibyte,
    64 * mebibyte,
    1024 * gibibyte,
    'that process ends when its heap would grow over this; it holds the whole engine once more',
  ),
  eventsPerRequestMax: whole('events', 50_000, 1, 1_000_000, 'more events in one request are refused with 413'),
  duplicateHorizonMs: whole(
    'ms',
    7 * dayMs,
    60_000,
    366 * dayMs,
    'how long a source and id are remembered; older events are quarantined',
  ),
  duplicateKeysMax: whole(
    'keys',
    10_000_000,
    1000,
    1_000_000_000,
    'source and id pairs remembered, 33 bytes each; beyond it requests are refused with 503',
  ),
  waitingEventsMax: whole('events', 100_000, 1, 10_000_000, 'events that wait for a unit or a loan to become known'),
  quarantineItemsMax: whole(
    'items',
    100_000,
    1,
    10_000_000,
    'quarantine items that a person must look at; an event that would become one more is refused with 503, not kept',
  ),
  quarantineBytesMax: whole('bytes', 64 * mebibyte, 16_384, 16 * gibibyte, 'bytes of the same'),
  // No more: a row of the store, escaped twice, must fit into one request beside a full range.
  quarantinedEventBytesMax: whole(
    'bytes',
    mebibyte,
    16_384,
    2 * mebibyte,
    'of the same, one; a larger event that cannot be accepted is refused with 413, not kept',
  ),
  quarantineDoneItemsMax: whole(
    'items',
    10_000,
    1,
    1_000_000,
    'quarantine items that were corrected, dismissed or came in and can still be read; older ones stay in the log',
  ),
  pendingEntriesMax: whole(
    'entries',
    200_000,
    1,
    10_000_000,
    'entries taken and not yet durable; beyond it requests are refused with 503',
  ),
  diskFreeBytesMin: whole('bytes', gibibyte, 0, 1024 * gibibyte, 'below this nothing is taken any more'),
  alarmHoldMs: whole(
    'ms',
    30_000,
    0,
    3_600_000,
    'when a part of the service has been worse, or better, for so long, the log and rule self say so',
  ),

  clockJumpMsMax: whole(
    'ms',
    600_000,
    1000,
    366 * dayMs,
    'a jump of the system clock ahead of more than this is not followed at once',
  ),
  clockHoldMs: whole(
    'ms',
    600_000,
    0,
    366 * dayMs,
    'it is followed when the system clock still stands by it after this',
  ),

  // the log and the engine
  segmentBytesMax: whole(
    'bytes',
    64 * mebibyte,
    64 * 1024,
    4 * gibibyte,
    'a new segment file begins after this, or before; the next one is prepared while twice diskFreeBytesMin is free beside it',
  ),
  batchEntriesMax: whole('entries', 10_000, 1, 1_000_000, 'entries that one sync makes durable'),
  batchBytesMax: whole('bytes', 8 * mebibyte, 4096, gibibyte, 'bytes that one sync makes durable'),
  logZeroAheadBytes: whole(
    'bytes',
    mebibyte,
    0,
    gibibyte,
    'the disk is filled with zeros so far ahead, which makes a sync cheaper, until the next segment is prepared; 0: neither',
  ),
  logCheckBytesMax: whole(
    'bytes',
    gibibyte,
    0,
    1024 * gibibyte,
    'of the newest bytes of the log so many are checked at a start, about a second a gibibyte; the rest when it is read',
  ),
  logKeepMs: whole(
    'ms',
    0,
    0,
    36_600 * dayMs,
    'segments older than this and behind a snapshot are deleted; 0 keeps all for ever',
  ),
  recordSegmentBytesMax: whole(
    'bytes',
    16 * mebibyte,
    64 * 1024,
    gibibyte,
    'a new file of the record begins after this',
  ),
  recordRingTransitionsMax: whole(
    'transitions',
    20_000,
    1,
    10_000_000,
    'newest transitions that the core reads without touching the disk',
  ),
  recordFlushEveryMs: whole('ms', 20, 1, 10_000, 'transitions gather so long before they are written'),
  recordRetryMs: whole('ms', 1000, 10, 600_000, 'a record whose disk is full is tried again after this'),
  recordPendingBytesMax: whole(
    'bytes',
    64 * mebibyte,
    64 * 1024,
    4 * gibibyte,
    'transitions judged and not yet written; beyond it the record counts as behind',
  ),
  judgeBacklogEntriesMax: whole(
    'entries',
    500_000,
    1,
    10_000_000,
    'entries durable and not yet judged; beyond it requests are refused with 503',
  ),
  ingestDelayMsMax: whole(
    'ms',
    15,
    1,
    600_000,
    'events are refused with 503 while one that is taken now would be judged later than this, so that 50 ms hold to the frame; orders never',
  ),
  judgeCallEntriesMax: whole('entries', 4000, 1, 1_000_000, 'entries handed to the engine at once while it is behind'),
  judgeCallMsMax: whole('ms', 60_000, 100, 3_600_000, 'an engine thread that has not answered by then is replaced'),
  shardHeapBytesMax: whole(
    'bytes',
    4 * gibibyte,
    16 * mebibyte,
    1024 * gibibyte,
    'an engine thread whose heap would grow over this is replaced',
  ),
  skippedEntriesMax: whole(
    'entries',
    1000,
    0,
    1_000_000,
    'entries that the engine cannot take are set aside, at most so many in one life of the core; beyond it the core ends',
  ),
  readsWaitingMax: whole(
    'reads',
    10_000,
    1,
    1_000_000,
    'reads that wait for the engine; beyond it they are refused with 503',
  ),
  snapshotEveryEntries: whole(
    'entries',
    50_000,
    1,
    100_000_000,
    'a snapshot is made after so many entries; a start judges again what came since, about 100,000 a second',
  ),
  snapshotPerEntryBytesMax: whole(
    'bytes',
    512,
    1,
    mebibyte,
    'a large snapshot is made more rarely, so that it costs no more bytes for each entry since the last',
  ),
  snapshotSliceMs: whole(
    'ms',
    1,
    1,
    1000,
    'a snapshot is written in pieces between batches: a shard writes for so long, then as long it does not',
  ),
  snapshotsKept: whole('snapshots', 3, 1, 100, 'older snapshots are deleted'),

  // the stream
  cohortSubscribersMax: whole(
    'subscribers',
    128,
    1,
    100_000,
    'receivers of one frame in one turn of the loop, so that a wide topic delays nobody',
  ),
  ringTransitionsMax: whole(
    'transitions',
    50_000,
    1,
    10_000_000,
    'newest transitions that each push process keeps for resuming',
  ),
  ringBytesMax: whole('bytes', 64 * mebibyte, 1024, 16 * gibibyte, 'bytes of the same'),
  resumeTransitionsMax: whole('transitions', 10_000, 1, 1_000_000, 'a client that missed more is told to reload'),
  sendQueueBytesMax: whole(
    'bytes',
    65_536,
    1024,
    gibibyte,
    'a client that owes us more is closed and resumes from its last n',
  ),
  eventStreamBytesMax: whole(
    'bytes',
    mebibyte / 4,
    1024,
    gibibyte,
    'a response of server-sent events ends after so much, and the client goes on from its Last-Event-ID',
  ),
  helloWaitMs: whole('ms', 5000, 100, 600_000, 'a client that has not said hello by then is closed'),
  heartbeatMs: whole('ms', 15_000, 100, 600_000, 'time between two pings to a client, jittered'),
  clientFrameBytesMax: whole('bytes', 16_384, 256, 16 * mebibyte, 'a larger frame from a client closes it'),
  clientFramesPerSecondMax: whole('frames per second', 50, 1, 100_000, 'more frames from a client close it'),
  topicsPerClientMax: whole('topics', 64, 1, 100_000, 'subscriptions of one client'),
  clientsPerProcessMax: whole(
    'clients',
    16_000,
    1,
    1_000_000,
    'clients of one push process; fewer where the system permits fewer open files',
  ),
  admissionsPerSecondMax: whole(
    'clients per second',
    450,
    1,
    1_000_000,
    'clients that a push process lets in; who comes faster waits and is told how long',
  ),
  admissionLatenessMsMax: whole(
    'ms',
    20,
    1,
    60_000,
    'while live frames reach a push process later than this after they were judged, it lets in fewer',
  ),
  admissionWaitMsMax: whole('ms', 15_000, 0, 600_000, 'a client that would wait longer is told to come back later'),
  clientReturnSpreadMs: whole(
    'ms',
    5000,
    0,
    600_000,
    'clients that are sent away are asked to come back spread over this',
  ),
  snapshotPartBytesMax: whole('bytes', 16_384, 1024, 16 * mebibyte, 'a snapshot is sent in parts of about this'),
  snapshotReuseMs: whole('ms', 1000, 0, 600_000, 'a snapshot serves all who ask for it within this time'),
  snapshotCacheBytesMax: whole(
    'bytes',
    64 * mebibyte,
    1024,
    16 * gibibyte,
    'snapshots that a push process keeps for that',
  ),

  // between the core and the push processes
  pushQueueBytesMax: whole(
    'bytes',
    64 * mebibyte,
    64 * 1024,
    16 * gibibyte,
    'a push process that owes the core more reading is cut off',
  ),
  coreQueueBytesMax: whole('bytes', 4 * mebibyte, 1024, gibibyte, 'what a push process may have waiting for the core'),
  busMessageBytesMax: whole(
    'bytes',
    256 * mebibyte,
    mebibyte,
    4 * gibibyte,
    'a longer message between them ends the connection',
  ),
  coreRequestsMax: whole(
    'requests',
    10_000,
    1,
    1_000_000,
    'snapshots and gaps that a push process asks the core for at once',
  ),
  coreReadsMax: whole('reads', 16, 1, 1000, 'of these, how many the core reads at once'),
  coreWaitMs: whole('ms', 10_000, 100, 600_000, 'a question that the core has not answered by then has failed'),
  coreReconnectMs: whole('ms', 50, 1, 60_000, 'first wait before a push process connects to the core again; doubles'),
  coreReconnectMsMax: whole('ms', 1000, 1, 600_000, 'longest of these waits'),
  coreSilenceMs: whole(
    'ms',
    5000,
    1500,
    600_000,
    'a core that says nothing for so long is taken for lost; it speaks once a second',
  ),
  figuresPerSecondMax: whole('frames per second', 4, 1, 100, 'frames of figures to one topic; the latest wins'),
  anonymousRole: choice(
    ['none', 'viewer', 'trigger', 'wall'],
    'wall',
    'role of a client without a token; none refuses it',
  ),
  tokenSecretFile: text(
    'path',
    '',
    'the key of tokens, made on the first start; empty: token.secret in the data directory',
  ),

  // the store
  store: choice(
    ['clickhouse', 'none'],
    'clickhouse',
    'where history is kept; alerts never wait for it, and without it there is none',
  ),
  clickhouseUrl: text(
    'url',
    '',
    'a ClickHouse of your own, also from CLICKHOUSE_URL; empty: one is embedded, in the data directory',
  ),
  clickhouseUser: text('name', 'default', 'who the service is there'),
  clickhousePasswordFile: text('path', '', 'a file with the password; empty: none is sent'),
  clickhouseDatabase: text('name', 'quotawatch', 'made when it is missing'),
  storeEngine: choice(['MergeTree', 'ReplicatedMergeTree'], 'MergeTree', 'the tables; replicated on a cluster'),
  storePort: whole('port', 0, 0, 65_535, 'of the embedded ClickHouse, on loopback; 0 takes any free port'),
  storeNiceness: whole('niceness', 10, -20, 19, 'scheduling priority of the embedded ClickHouse'),
  writerNiceness: whole(
    'niceness',
    5,
    -20,
    19,
    'scheduling priority of the process that follows the log for the store',
  ),
  storeMemoryBytesMax: whole(
    'bytes',
    gibibyte,
    256 * mebibyte,
    1024 * gibibyte,
    'the embedded ClickHouse refuses queries that would take it over this',
  ),
  storeTtlDays: whole(
    'days',
    0,
    0,
    36_600,
    'the log and the transitions go from the store when they are older than this by the clock of ClickHouse; what history, sums and audit are made of stays; 0 keeps all',
  ),
  storeInsertEveryMs: whole('ms', 1000, 10, 600_000, 'pause between two inserts when calm'),
  storeRangeRowsMax: whole('rows', 100_000, 1, 10_000_000, 'rows of one insert when behind'),
  storeRangeBytesMax: whole('bytes', 32 * mebibyte, mebibyte, gibibyte, 'bytes of the same'),
  storeRequestMsMax: whole('ms', 30_000, 100, 600_000, 'an insert without an answer after this long is in doubt'),
  storeBackoffMs: whole('ms', 200, 1, 60_000, 'first wait after a failure of the store; doubles'),
  storeStartMs: whole(
    'ms',
    60_000,
    0,
    3_600_000,
    'the embedded ClickHouse may take so long to begin; one that has not answered by then is said to be away',
  ),
  storeBackoffMsMax: whole('ms', 10_000, 1, 600_000, 'longest of these waits'),
  storeMarginMs: whole('ms', dayMs, 0, 366 * dayMs, 'the log keeps what was stored within this time'),
  storeMarginEntries: whole('entries', 1_000_000, 0, 1_000_000_000, 'or within so many entries, what is reached first'),
  storeQueriesRunningMax: whole('queries', 4, 1, 1000, 'queries that the embedded ClickHouse answers at once'),
  storeQueriesWaitingMax: whole('queries', 64, 0, 10_000, 'queries that wait for it; more are refused'),
  historyPointsMax: whole('points', 10_000, 1, 1_000_000, 'moments of one answer of history'),
  historyAsksMax: whole(
    'questions',
    32,
    1,
    10_000,
    'questions about history that wait for the store at once; more are refused with 503',
  ),

  // telling
  logLevel: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info', 'what the service says about itself'),

  // faults, for benches and tests
  faultStallMs: whole(
    'ms',
    0,
    0,
    600_000,
    'stalls the core once for so long while it serves, to prove that a bench notices',
  ),
  faultDropRatio: ratio(0, 'share of transition frames a push process leaves out, to prove that clients notice'),
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof options

/** The validated configuration: frozen, plain JSON, so that it can be handed to a process. */
export type Config = { readonly [K in OptionName]: ValueOf<(typeof options)[K]> }

export const optionNames = Object.keys(options) as readonly OptionName[]

/** `httpPort` -> `QUOTAWATCH_HTTP_PORT`. */
export const environmentName = (name: string): string => `QUOTAWATCH_${name.replace(/([A-Z])/g, '_$1').toUpperCase()}`
