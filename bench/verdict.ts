/**
 * When a run may be believed, and when it has failed. Two different things.
 *
 * Invalid: the bench did not do what it says it did (offered too little, was late itself, was refused), so its figures
 * mean nothing. Failed: the service broke its promise (a frame lost, doubled or out of its chain). A loss stays a loss
 * however late the generator was, so a run can be both, and failing weighs more.
 */
import type { Balance } from './ledger.js'

/** Below this share of the intended requests the load was not the one that is claimed. */
export const offeredShareMin = 0.99
/** Above this the bench measures itself: its lag would be a fifth of the 50 ms that the service promises. */
export const lagP99MsMax = 10

/** The load is a mix: this much away from it, and no less than so many, other rules than the bench's own spoke too. */
const mixTolerance = 0.02
const mixToleranceMin = 10

export interface RunFigures {
  readonly intendedPerSecond: number
  readonly offeredPerSecond: number
  readonly generatorLagP99Ms: number
  /** The worst of the client processes. */
  readonly clientLagP99Ms: number
  readonly httpErrors: number
  /** What the events should have made, and what came after the founding of the city. */
  readonly transitions?: { readonly intended: number; readonly seen: number }
  /** Latencies measured: a run that measured nothing has shown nothing. */
  readonly samples: number
}

/** Why the run must not be believed; empty when it may. */
export const invalidReasons = (run: RunFigures): string[] => {
  const reasons: string[] = []
  if (!(run.offeredPerSecond >= offeredShareMin * run.intendedPerSecond))
    reasons.push(`offered ${run.offeredPerSecond}/s of ${run.intendedPerSecond}/s, less than ${offeredShareMin}`)
  if (!(run.generatorLagP99Ms <= lagP99MsMax))
    reasons.push(`the generator was ${run.generatorLagP99Ms} ms late at p99, more than ${lagP99MsMax}`)
  if (!(run.clientLagP99Ms <= lagP99MsMax))
    reasons.push(`a client process was ${run.clientLagP99Ms} ms late at p99, more than ${lagP99MsMax}`)
  if (run.httpErrors > 0) reasons.push(`${run.httpErrors} requests were not answered with "accepted"`)
  const { intended, seen } = run.transitions ?? { intended: 0, seen: 0 }
  if (!(Math.abs(seen - intended) <= Math.max(mixToleranceMin, mixTolerance * intended)))
    reasons.push(`the events made ${seen} transitions, not ${intended}: the load is not the one that is claimed`)
  if (run.samples === 0) reasons.push('no latency was measured')
  return reasons
}

/** What a percentile was and may be; `msMax` 0: anything. */
export interface Bound {
  readonly name: string
  readonly ms: number
  readonly msMax: number
}

/** What a run showed beside its ledger. */
export interface RunEvents {
  readonly disconnects: number
  readonly malformed: number
  readonly drained: boolean
  /** When one was made, connections are lost on purpose. */
  readonly incident?: { readonly away: number; readonly reloads: number }
  readonly bounds: readonly Bound[]
}

/** Why the service failed; empty when it kept its promise. */
export const failedReasons = (ledger: Balance, run: RunEvents): string[] => {
  const reasons = [...lossReasons(ledger), ...incidentReasons(run)]
  if (run.malformed > 0) reasons.push(`${run.malformed} frames could not be read`)
  if (!run.drained) reasons.push('the last transition did not appear in the record within the drain time')
  for (const { name, ms, msMax } of run.bounds)
    if (msMax > 0 && !(ms <= msMax)) reasons.push(`${name} ${ms} ms, more than ${msMax}`)
  return reasons
}

const lossReasons = (ledger: Balance): string[] => {
  const reasons: string[] = []
  if (ledger.received !== ledger.expected)
    reasons.push(`${ledger.received} transition frames received, ${ledger.expected} expected`)
  if (ledger.mismatched > 0)
    reasons.push(`${ledger.mismatched} of ${ledger.subscriptions} subscriptions did not get exactly what was expected`)
  if (ledger.gaps > 0) reasons.push(`${ledger.gaps} gaps`)
  if (ledger.duplicates > 0) reasons.push(`${ledger.duplicates} duplicates`)
  if (ledger.brokenChains > 0) reasons.push(`${ledger.brokenChains} frames with a p before the cursor`)
  if (ledger.expected === 0) reasons.push('no transition was expected: the run has shown nothing')
  return reasons
}

const incidentReasons = ({ incident, disconnects }: RunEvents): string[] => {
  if (incident === undefined) return disconnects > 0 ? [`${disconnects} connections were lost`] : []
  const reasons: string[] = []
  if (incident.away > 0) reasons.push(`${incident.away} clients did not come back`)
  if (incident.reloads > 0) reasons.push(`${incident.reloads} subscriptions were not resumed but had to reload`)
  return reasons
}

/** 0 valid and kept, 1 failed, 2 not to be believed. */
export const exitCodeOf = (invalid: readonly string[], failed: readonly string[]): 0 | 1 | 2 => {
  if (failed.length > 0) return 1
  return invalid.length > 0 ? 2 : 0
}
