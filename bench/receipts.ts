/**
 * The client's half of the ledger: what one subscription really got, frame by frame, checked against its cursor.
 *
 * A loss is seen as it happens (`p` beyond the cursor) and, independently, after the run by the coordinator, which
 * compares the tally with the record of transitions. Nothing is asked for again because of a gap: what was lost on the
 * way must stay lost, so that it is seen. Only a connection that was lost is made anew, where a bench says so.
 */
import { addTo, emptyTally, type Tally } from './tally.js'

export interface Receipt {
  readonly topic: string
  /** What the snapshot was true for when the subscription began: everything after it is expected. */
  baseline: number
  /** Last n received; the baseline before the first. */
  cursor: number
  /** Set when the service had this subscription reload: only what is up to here was to be received before. */
  until?: number
  readonly tally: Tally
  /** Frames whose `p` is beyond the cursor: at least one frame before it was lost. */
  gaps: number
  /** Frames whose `n` is not beyond the cursor. Not in the tally. */
  duplicates: number
  /**
   * Frames whose `p` is before the cursor while `n` is beyond it: the chain of the topic is broken. The first frame may
   * do so, for the n of a snapshot is the newest of all topics.
   */
  brokenChains: number
}

export const openReceipt = (topic: string): Receipt => ({
  topic,
  baseline: 0,
  cursor: 0,
  tally: emptyTally(),
  gaps: 0,
  duplicates: 0,
  brokenChains: 0,
})

/** From `subscribed` (its head) and from each part of the snapshot (its n); the later one counts. */
export const startReceipt = (receipt: Receipt, n: number): void => {
  if (receipt.tally.count > 0 || n < receipt.baseline) return
  receipt.baseline = n
  receipt.cursor = n
}

/** Ends this part of a subscription that must reload, and returns it; the receipt begins anew. */
export const reloadReceipt = (receipt: Receipt): Receipt => {
  const ended = { ...receipt, tally: { ...receipt.tally }, until: receipt.cursor }
  Object.assign(receipt, openReceipt(receipt.topic))
  return ended
}

/** Counts one transition frame; false when it is a duplicate, whose latency says nothing. */
export const receive = (receipt: Receipt, n: number, p: number): boolean => {
  if (n <= receipt.cursor) {
    receipt.duplicates += 1
    return false
  }
  if (p > receipt.cursor) receipt.gaps += 1
  else if (p < receipt.cursor && receipt.tally.count > 0) receipt.brokenChains += 1
  receipt.cursor = n
  addTo(receipt.tally, n)
  return true
}
