/**
 * Evaluations of units (domain 2, `assessment.*`): all three kinds wait for their period to be closed.
 *
 * A unit's colour follows its figure in the latest closed period that has one. Economic contribution is compared with the
 * plain mean over the units assessed in that period, which only the fold can add up: it feeds sum and count back to the
 * shards within the same batch.
 */
import type { EventDataByType } from '../core/event.js'
import type { Stamp } from './stamp.js'

type Published = EventDataByType['assessment.published']
export type AssessmentKind = Published['kind']

/** `figure`: millionths of the value; 1 when the rank is in the bottom tenth, else 0; the grade, 0 is the best. */
export interface Assessment extends Stamp {
  readonly kind: AssessmentKind
  readonly period: string
  readonly figure: number
  /** As it was published, for showing. */
  readonly shown: number | string
}

/** The mean of a closed period, exactly: sum of the units' millionths, and how many units. */
export interface Mean {
  readonly period: string
  /** A whole number, as text. */
  readonly sum: string
  readonly count: number
}

/** What a shard knows of periods. */
export interface Periods {
  /** `kind/period`. */
  readonly closed: ReadonlySet<string>
  readonly means: ReadonlyMap<string, Mean>
}

export const keyOfPeriod = (kind: AssessmentKind, period: string): string => `${kind}/${period}`

/** A later period of the kind is closed already: what was judged since then is corrected. */
export function isClosedBehind(key: string, closed: Iterable<string>): boolean {
  const kind = key.slice(0, key.indexOf('/') + 1)
  for (const other of closed) if (other.startsWith(kind) && other > key) return true
  return false
}

const grades = ['excellent', 'good', 'passed', 'failed']

/** Bottom 10 %: ranks > 0.9 × of, rank 1 being the best. */
const isBottom = (rank: number, of: number): boolean => rank * 10 > of * 9

export function assessmentOf({ timeMs, source, id }: Stamp, data: Published): Assessment {
  const { kind, period } = data
  const { figure, shown } = figureOf(data)
  return { timeMs, source, id, kind, period, figure, shown }
}

function figureOf(data: Published): Pick<Assessment, 'figure' | 'shown'> {
  switch (data.kind) {
    case 'economic_contribution':
      return { figure: Math.round(data.value * 1_000_000), shown: data.value }
    case 'efficiency':
      return { figure: isBottom(data.rank, data.of) ? 1 : 0, shown: `${data.rank}/${data.of}` }
    case 'annual':
      return { figure: grades.indexOf(data.grade), shown: data.grade }
  }
}

type Assessments = ReadonlyMap<string, Assessment>

/** The one in the latest closed period that has one. Periods of one kind sort as text. */
export function latestClosed(
  assessments: Assessments | undefined,
  closed: ReadonlySet<string>,
  kind: AssessmentKind,
): Assessment | undefined {
  let latest: Assessment | undefined
  for (const [key, assessment] of assessments ?? [])
    if (assessment.kind === kind && closed.has(key) && (!latest || assessment.period > latest.period))
      latest = assessment
  return latest
}

/** Years in the bottom tenth without a break, up to the latest closed one that has a rank. Both must be closed. */
export function bottomYears(assessments: Assessments | undefined, closed: ReadonlySet<string>): number | undefined {
  const latest = latestClosed(assessments, closed, 'efficiency')
  if (!latest) return undefined
  let years = 0
  for (let year = Number(latest.period); ; year--) {
    const key = keyOfPeriod('efficiency', String(year))
    if (!closed.has(key) || assessments?.get(key)?.figure !== 1) return years
    years += 1
  }
}
