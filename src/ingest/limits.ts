/**
 * The bounds of ingest. Room config validates them and holds their defaults; here they are only obeyed.
 */
export interface IngestLimits {
  /** A request's body over this is answered 413. */
  readonly bodyBytesMax: number
  /** An order over this is answered 413. */
  readonly orderBytesMax: number
  /** Events of one request; more are answered 413 and nothing is taken. */
  readonly eventsPerRequestMax: number
  /** Entries appended but not durable; from here on requests are answered 503. */
  readonly pendingEntriesMax: number
}

/** The bounds of the sequencer. */
export interface SequencerLimits {
  /** An event further ahead of the log's clock is quarantined. */
  readonly timeAheadMsMax: number
  /** An event whose time lies further back is quarantined, unless it comes in an open load. */
  readonly duplicateHorizonMs: number
  /** Pairs of source and id remembered; 30 to 48 bytes each. When reached, requests are answered 503. */
  readonly duplicateKeysMax: number
  /** Events that wait for a unit, loan, task, request or case. */
  readonly waitingEventsMax: number
  /** Items that a person must look at; when reached, an event that would become one more is refused. */
  readonly quarantineItemsMax: number
  /** The same in characters of their JSON. */
  readonly quarantineBytesMax: number
  /** Of one of them; a larger event that cannot be accepted is refused. */
  readonly quarantinedEventBytesMax: number
  /** Items that were done with and can still be read; older ones stay in the log. */
  readonly quarantineDoneItemsMax: number
}
