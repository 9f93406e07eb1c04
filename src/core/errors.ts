/**
 * What can be expected to go wrong: one table. Codes are never reused. What cannot happen is asserted, and crashes.
 *
 * `{name}` in a meaning is filled from the detail of the error. A test keeps the table, `docs/errors.md` and the
 * OpenAPI document in agreement.
 */

export interface ErrorRow {
  /** HTTP status when a request is answered with it; absent when it never is an answer's status. */
  readonly status?: number
  /** WebSocket close code when a connection ends with it. */
  readonly close?: number
  /** True when the same request may succeed later without being changed. */
  readonly retryable: boolean
  readonly meaning: string
}

export const errorTable = {
  // the request as a whole
  QW_BODY_NOT_JSON: { status: 400, retryable: false, meaning: 'the body is not JSON: {reason}' },
  QW_BODY_INVALID: { status: 400, retryable: false, meaning: 'the body does not fit the schema: {reason}' },
  QW_BODY_EMPTY: { status: 400, retryable: false, meaning: 'the body holds nothing' },
  QW_QUERY_INVALID: { status: 400, retryable: false, meaning: 'the query does not fit the schema: {reason}' },
  QW_CURSOR_INVALID: { status: 400, retryable: false, meaning: 'the cursor was not made by this list' },
  QW_TOKEN_INVALID: {
    status: 401,
    close: 4401,
    retryable: false,
    meaning: 'the token is missing, expired or not ours',
  },
  QW_NOT_ALLOWED: { status: 403, close: 4403, retryable: false, meaning: 'this role may not do that: {reason}' },
  QW_NOT_FOUND: { status: 404, retryable: false, meaning: 'there is no {what}' },
  QW_METHOD_NOT_ALLOWED: { status: 405, retryable: false, meaning: 'this address does not answer {method}' },
  QW_BODY_TOO_LARGE: {
    status: 413,
    retryable: false,
    meaning: 'the body is over {limit} bytes (bodyBytesMax, of an order orderBytesMax, at gatePort gateBodyBytesMax)',
  },
  QW_TOO_MANY_EVENTS: { status: 413, retryable: false, meaning: 'more than eventsPerRequestMax {limit} events' },
  QW_EVENT_TOO_LARGE: {
    status: 413,
    retryable: false,
    meaning: 'an event that cannot be accepted is over quarantinedEventBytesMax {limit}, and so was not kept either',
  },
  QW_MEDIA_TYPE: { status: 415, retryable: false, meaning: 'the content type {type} is not one that this call reads' },
  QW_CONTENT_ENCODING: {
    status: 415,
    retryable: false,
    meaning: 'the content encoding {encoding} is not read; send it plain',
  },
  QW_TOO_LATE: {
    status: 503,
    retryable: true,
    meaning:
      'an event taken now would be judged in {delayMs} ms, later than ingestDelayMsMax {limit}; nothing was taken',
  },
  QW_OVERLOADED: { status: 503, retryable: true, meaning: 'the queue {queue} is full; nothing was taken' },
  QW_DISK_NEARLY_FULL: {
    status: 503,
    retryable: true,
    meaning: 'less than diskFreeBytesMin is left where the log lives; nothing was taken',
  },
  QW_STORE_AWAY: { status: 503, retryable: true, meaning: 'the store of history does not answer: {reason}' },
  QW_STARTING: { status: 503, retryable: true, meaning: 'the service is starting: {state}' },
  QW_NOT_JUDGING: { status: 503, retryable: true, meaning: 'the engine is being built anew; ask again' },
  QW_GATE_UNITS_MAX: {
    status: 503,
    retryable: false,
    meaning: 'there are more units than gateUnitsMax {limit}; the gate does not know all of them',
  },
  QW_STOPPING: { status: 503, close: 4503, retryable: true, meaning: 'the service is stopping' },

  // why the gate says no
  QW_GATE_FROZEN: { retryable: false, meaning: 'unit {unit} is frozen by {by}' },
  QW_GATE_NO_QUOTA: { retryable: false, meaning: 'no quota was ever approved for unit {unit}' },
  QW_GATE_OVER_QUOTA: {
    retryable: false,
    meaning: 'unit {unit} fills {filled} of {usable} usable posts; {count} more are too many',
  },
  QW_GATE_POOL: { retryable: false, meaning: 'the pool lends {left} posts more; {count} are too many' },

  QW_INTERNAL: { status: 500, retryable: true, meaning: 'a defect of ours; the log of the service says more' },

  // one event among others: quarantined
  QW_LINE_NOT_JSON: { status: 422, retryable: false, meaning: 'the line is not a JSON object: {reason}' },
  QW_EVENT_INVALID: { status: 422, retryable: false, meaning: 'not a CloudEvents 1.0 event: {reason}' },
  QW_EVENT_TYPE_UNKNOWN: { status: 422, retryable: false, meaning: 'no event type {type} is known' },
  QW_EVENT_IS_ORDER: { status: 422, retryable: false, meaning: 'orders are given at /v1/orders, never as events' },
  QW_FIELD_INVALID: { status: 422, retryable: false, meaning: 'the field {field} {reason}' },
  QW_SOURCE_RESERVED: { status: 422, retryable: false, meaning: 'the source {source} is the service itself' },
  QW_SUBJECT_INVALID: { status: 422, retryable: false, meaning: 'an event {type} cannot be about {subject}' },
  QW_TIME_AHEAD: { status: 422, retryable: true, meaning: 'the time is more than a day ahead of the service clock' },
  QW_TIME_TOO_OLD: {
    status: 422,
    retryable: false,
    meaning: 'the time is older than duplicateHorizonMs; send it in a load',
  },
  QW_ID_CONFLICT: {
    status: 422,
    retryable: false,
    meaning: 'this source and id were taken already, with other content (position {position})',
  },
  QW_UNIT_UNKNOWN: { status: 422, retryable: false, meaning: 'waits for unit {unit} to be registered' },
  QW_UNIT_CLOSED: { status: 422, retryable: false, meaning: 'unit {unit} is closed' },
  QW_UNIT_NOT_EMPTY: { status: 422, retryable: false, meaning: 'unit {unit} still has {left}; move that first' },
  QW_LOAN_UNKNOWN: { status: 422, retryable: false, meaning: 'waits for loan {loanId} of unit {unit}' },
  QW_RETURN_EXCEEDS_LOAN: {
    status: 422,
    retryable: false,
    meaning: 'returns {count}, but loan {loanId} has {out} out; waits for more to be lent',
  },
  QW_TASK_UNKNOWN: { status: 422, retryable: false, meaning: 'waits for task {taskId} of unit {unit}' },
  QW_REQUEST_UNKNOWN: { status: 422, retryable: false, meaning: 'waits for request {requestId} of unit {unit}' },
  QW_CASE_UNKNOWN: { status: 422, retryable: false, meaning: 'waits for case {caseId} of {unit}' },
  QW_WAITING_FULL: {
    status: 422,
    retryable: true,
    meaning: 'waitingEventsMax {limit} events wait already; send it again once {waitsFor} is there',
  },
  QW_QUARANTINE_FULL: {
    status: 503,
    retryable: true,
    meaning:
      'the quarantine is full ({option} {limit}) and an event would have to go there, which was not kept; correct or dismiss what is there, and send it again',
  },
  QW_QUARANTINE_DONE: {
    status: 409,
    retryable: false,
    meaning: 'the item was done with already: {what} at position {position}',
  },
  QW_CORRECTION_REFUSED: { status: 422, retryable: false, meaning: 'the corrected event cannot be taken: {reason}' },
  QW_LOAD_NOT_OPEN: { status: 422, retryable: true, meaning: 'no load {load} is open' },

  // orders
  QW_ORDER_UNKNOWN: { status: 400, retryable: false, meaning: 'no order {order} is known' },
  QW_LIFT_END_INVALID: { status: 422, retryable: false, meaning: 'a lift needs an end after now' },
  QW_LOAD_NAME_USED: { status: 409, retryable: false, meaning: 'a load of the name {load} was opened already' },
  QW_RULE_NOT_THERE: { status: 404, retryable: false, meaning: 'no rule {rule} judges {subject}' },
  QW_NOTHING_RAISED: {
    status: 409,
    retryable: false,
    meaning: 'no alert of {subject} is {wanted}, so there is none to {order}',
  },
  QW_ALERT_AMBIGUOUS: {
    status: 422,
    retryable: false,
    meaning: 'more than one alert of {subject} may be meant; name its rule: {rules}',
  },
  QW_ALERT_NOT_RAISED: {
    status: 409,
    retryable: false,
    meaning: 'the alert {rule} of {subject} is {colour}; to {order} it, it must be {wanted}',
  },
  QW_ALERT_NOT_CLOSABLE: {
    status: 409,
    retryable: false,
    meaning: 'alerts of the rule {rule} end by their figure; nobody closes them',
  },
  QW_ALERT_AT_TOP: { status: 409, retryable: false, meaning: 'the alert {rule} of {subject} is with the city already' },
  QW_FREEZE_NOT_ORDERED: {
    status: 409,
    retryable: false,
    meaning: 'no order holds unit {unit} frozen; what a rule froze only its rule ends, and a lift suspends it',
  },
  QW_NOT_OPEN: { status: 409, retryable: false, meaning: '{what} is {state}; there is nothing to decide any more' },
  QW_PROPOSAL_WITHOUT_FIGURE: {
    status: 409,
    retryable: false,
    meaning: 'proposal {proposalId} names no posts: the unit had no approved quota when it was made',
  },
  QW_POLICY_UNKNOWN: { status: 422, retryable: false, meaning: 'no policy {policy} is known; known are {known}' },
  QW_POLICY_VERSION_USED: {
    status: 409,
    retryable: false,
    meaning: 'the policy {policy} counts other bases already; give the new one another version',
  },

  QW_RESERVE_OPEN: { status: 409, retryable: false, meaning: 'the reserve of the account special is open already' },
  QW_PREVIEW_ENDED: {
    status: 503,
    retryable: true,
    meaning: 'the preview of the rule set was ended: {reason}; nothing was changed',
  },

  // the stream
  QW_FRAME_INVALID: { close: 4400, retryable: false, meaning: 'the frame is not one of this protocol: {reason}' },
  QW_TOPIC_UNKNOWN: { close: 4400, retryable: false, meaning: 'no topic {topic} is known' },
  QW_HELLO_LATE: { close: 4408, retryable: true, meaning: 'no hello within helloWaitMs' },
  QW_PONG_LATE: { close: 4408, retryable: true, meaning: 'no pong before the next ping' },
  QW_FRAME_TOO_LARGE: { close: 4413, retryable: false, meaning: 'the frame is over clientFrameBytesMax' },
  QW_TOO_MANY_FRAMES: { close: 4429, retryable: true, meaning: 'more than {limit}' },
  QW_TOO_SLOW: { close: 4508, retryable: true, meaning: 'more than sendQueueBytesMax is owed; resume from the last n' },
  QW_BUSY: {
    close: 4503,
    retryable: true,
    meaning: 'many clients come at once; come back after {afterMs} ms',
  },
  QW_OTHER_HISTORY: {
    close: 4503,
    retryable: true,
    meaning: 'the service stands on another history; what is held of the one before is reloaded',
  },
  QW_CORE_AWAY: { close: 4503, retryable: true, meaning: 'the core is away; what is shown is stale' },

  // starting
  QW_OPTION_INVALID: { retryable: false, meaning: '{option} {value} {must}' },
  QW_OPTION_UNKNOWN: { retryable: false, meaning: 'no option {option} is known{hint}' },
  QW_RULES_INVALID: { status: 422, retryable: false, meaning: '{file}:{line}: {reason}' },
  QW_PORT_IN_USE: { retryable: true, meaning: '{option} {port} is in use on {host}' },
  QW_DATA_IN_USE: { retryable: true, meaning: 'the data directory {directory} is in use by process {pid}' },
  QW_ENGINE_VERSION: {
    retryable: false,
    meaning:
      'the log was judged by engine {was}, this is {is}; put the version that judged it back, or give this one a new data directory and send it the events that quotawatch log export --events gives (docs/recovery.md)',
  },
  QW_BIRTH_DAMAGED: {
    retryable: false,
    meaning:
      '{file} does not say which clock the data directory has; put {"format":1,"clock":"system"} into it, or "scenario" where a play was run (docs/recovery.md)',
  },
  QW_CLOCK_KIND: { status: 409, retryable: false, meaning: 'the data directory has the clock {clock}; {reason}' },
  QW_PLAY_DIFFERS: {
    status: 409,
    retryable: false,
    meaning: 'this city was played with seed {seed} from {from}: go on with these, or take another data directory',
  },
  QW_PLAY_TOO_EARLY: {
    retryable: false,
    meaning:
      'the clock of the city stands at {now} and no play brought it there, so a play from {from} would begin before it: begin it with --from {first} or later',
  },
  QW_SERVICE_AWAY: { retryable: true, meaning: 'the service at {address} does not answer: {reason}' },
  QW_CLOCK_BACKWARD: { status: 422, retryable: false, meaning: 'the clock stands at {now} and moves forward only' },
  QW_LOG_DAMAGED: {
    retryable: false,
    meaning:
      '{file} is damaged at byte {offset} (position {position}): {reason}; quotawatch log check names all that is lost and what can be done',
  },
  QW_LOG_SHORT: {
    retryable: false,
    meaning:
      'the log ends at position {head}, and entries up to {position} that were acknowledged are gone behind byte {offset} of {file}: {reason}; nothing was cut, and quotawatch log check says what can be done',
  },
  QW_LOG_TRIMMED: { status: 410, retryable: false, meaning: 'the log begins at position {first}' },
  QW_NO_STATE: {
    retryable: false,
    meaning:
      'the log begins at position {first}, and no snapshot can be used to begin from: {reason}; put a good snapshot back, or start with the count of shards it was made with (docs/recovery.md)',
  },
  QW_ENGINE_FAILED: { retryable: false, meaning: 'the engine cannot judge the log again: {reason}' },
  QW_RECORD_DIVERGED: { retryable: false, meaning: 'judging again gave another transition {n} than the record holds' },
  QW_STORE_OTHER_LOG: {
    retryable: false,
    meaning:
      'the store holds other rows in {table} between {first} and {last} than follow from the log: either the log has lost entries that the store still holds, and its table log is the only copy (export it first: docs/recovery.md), or another data directory writes there, and this one needs a database of its own',
  },
  QW_STORE_GAP: {
    retryable: false,
    meaning:
      'what comes after position {stored} is nowhere: the log goes on at {first}, and the store does not have what is between',
  },
  QW_STORE_NEWER: { retryable: false, meaning: 'the store has schema {found}, this service knows {known}' },
  QW_SNAPSHOT_DAMAGED: { retryable: false, meaning: 'the snapshot {file} is damaged: {reason}' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable

/** The row of a code, with every optional column visible. */
export const errorRow = (code: ErrorCode): ErrorRow => errorTable[code]

/** The meaning of a code with its placeholders filled; a placeholder without a value stays as it is. */
export const explain = (code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}): string =>
  errorTable[code].meaning.replace(/\{(\w+)\}/g, (whole, name: string) =>
    detail[name] === undefined ? whole : String(detail[name]),
  )

/** An expected error. Anything else that is thrown is a defect. */
export class QwError extends Error {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}) {
    super(`${code} ${explain(code, detail)}`)
    this.name = 'QwError'
    this.code = code
    this.detail = detail
  }
}
