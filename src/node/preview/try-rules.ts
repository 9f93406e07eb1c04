/**
 * What another rule set would change now: the newest snapshot and the log's tail give the engine as it stands, in this
 * process and not in the shards', and it takes the very entries that the order `rules.activate` would append.
 *
 * So it is what would happen, by the same functions, and nothing that judges is asked anything. What deadlines alone
 * change by now is stepped over first: it is not the rule set's doing.
 */
import { faultOf } from '../../alerts/rules.js'
import { engineVersion } from '../../alerts/shard.js'
import { readRules } from '../../config/rules-file.js'
import { QwError } from '../../core/errors.js'
import type { LogPosition } from '../../core/names.js'
import type { RuleSet } from '../../core/rule-set.js'
import type { Transition } from '../../core/transition.js'
import { LogFollower } from '../../log/follow-log.js'
import type { CommittedBatch } from '../../log/log.js'
import { Trial } from '../../workers/trial.js'
import { findState } from '../snapshots.js'
import { type Told, tell } from './told.js'
import type { Question } from './words.js'

// Large enough that nothing is lost by calls, small enough that few batches are in memory at once.
const callEntriesMax = 5000

/** @throws QwError QW_RULES_INVALID, QW_LOG_TRIMMED, QW_SNAPSHOT_DAMAGED, QW_LOG_DAMAGED */
export async function tryRules(question: Question): Promise<Told> {
  const rules = readRules(question.text, 'the body', faultOf)
  const trial = await trialAt(question)
  const { rules: from } = (await trial.read({ kind: 'standing' })) as { readonly rules: RuleSet }
  const transitions = await change(trial, rules, question)
  return tell({ from, to: rules, transitions, n: question.n, nowMs: question.nowMs, limit: question.limit })
}

async function change(trial: Trial, rules: RuleSet, { nowMs, clockRuns }: Question): Promise<readonly Transition[]> {
  await trial.take(nowMs, [{ kind: 'tick' }])
  const { name, version } = rules
  const order = { order: 'rules.activate', by: 'preview', reason: 'preview', rules: { name, version } } as const
  const transitions = await trial.take(nowMs, [
    { kind: 'order', order },
    { kind: 'rules', rules, origin: 'order' },
  ])
  // A span that is shorter now may be over already: the service's next tick follows at once.
  return clockRuns ? [...transitions, ...(await trial.take(nowMs, [{ kind: 'tick' }]))] : transitions
}

/** The engine as it stands after the entry at `position`. */
async function trialAt(question: Question): Promise<Trial> {
  const { logPath, snapshotPath, shards, position, n, skipped, skippedFrom } = question
  const refused: string[] = []
  const search = { position, n, shards, onRefused: (reason: string) => refused.push(reason) }
  const state = await findState(snapshotPath, search)
  const stands = state?.engine.position ?? 0
  // Older than what this start began from: then not every entry that was set aside is known here.
  if (stands < skippedFrom || (state && state.engineVersion !== engineVersion))
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file: snapshotPath, reason: refused.join('; ') || 'no usable snapshot' })
  const trial = await Trial.begin(shards, state?.engine)
  const omitted = new Set(skipped)
  for await (const group of groupsOf(logPath, (stands + 1) as LogPosition, position))
    await trial.follow(group, (at) => omitted.has(at))
  if (trial.n !== n) throw new Error(`the log gave n ${trial.n} at ${position}, and not ${n}`)
  return trial
}

async function* groupsOf(path: string, from: LogPosition, to: LogPosition): AsyncGenerator<CommittedBatch[]> {
  if (from > to) return
  const log = await LogFollower.open(path)
  let group: CommittedBatch[] = []
  let entries = 0
  for await (const batch of log.read(from, to)) {
    group.push(batch)
    entries += batch.entries.length
    if (entries < callEntriesMax) continue
    yield group
    group = []
    entries = 0
  }
  if (group.length > 0) yield group
}
