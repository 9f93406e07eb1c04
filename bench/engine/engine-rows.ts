/**
 * What one row of the engine bench is told and what it answers.
 */
export interface Row {
  readonly units: number
  readonly events: number
  readonly perBatch: number
  readonly hours: number
  readonly rulesTimes: number
  readonly seed: number
  /** Whether what is said is hashed: costs time, so only where the record is compared. */
  readonly hashed: boolean
  /** How often the engine is restored from its snapshot on the way. */
  readonly restores: number
}

export interface RowResult {
  readonly events: number
  /** Of the engine alone. */
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly nanosecondsPerEvent: number
  readonly transitions: number
  /** The batch that took longest: midnights are in it. */
  readonly longestBatchMs: number
  /** After a collection, over what an empty engine has. */
  readonly heapBytesPerUnit: { readonly standing: number; readonly afterEvents: number }
  readonly digest?: string
}
