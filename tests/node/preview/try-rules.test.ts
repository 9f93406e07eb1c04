import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { faultOf } from '../../../src/alerts/rules.js'
import { readRules } from '../../../src/config/rules-file.js'
import type { LogPosition, UnixMs } from '../../../src/core/names.js'
import { shownFields } from '../../../src/core/shown.js'
import type { Transition } from '../../../src/core/transition.js'
import { openLog } from '../../../src/log/log.js'
import { tryRules } from '../../../src/node/preview/try-rules.js'
import type { Question } from '../../../src/node/preview/words.js'
import { Engine } from '../../alerts/engine.js'
import { makeWorld, type WorldOptions, worldRuleTexts } from '../../alerts/world.js'
import { settingsFor } from '../../log/fixtures.js'
import { writeState } from '../state-file.js'

const units = 30
/** A batch of a log is never empty. */
const worldOf = (options: Omit<WorldOptions, 'units'>) =>
  makeWorld({ ...options, units }).filter(({ entries }) => entries.length > 0)
type World = ReturnType<typeof worldOf>
const dayMs = 86_400_000

const [shipped = '', ...relatives] = worldRuleTexts(units)
/** What a rule file may become: another threshold, other names, all that climbs at once, new proposals, nearly nothing. */
const files = [
  shipped,
  ...relatives,
  ...[1, 2].map((minutes) =>
    shipped.replaceAll(/county: (1wd|10m), city: (2wd|30m)/g, `county: ${minutes}m, city: ${minutes}m`),
  ),
  shipped.replace(
    '  - id: vacancy\n',
    '  - id: vacancy\n    proposals: [{ kind: quota, ratio: -0.10, when: usable > filled }]\n',
  ),
  shipped.replace(/^rules:[\s\S]*?(?=^ {2}- id: vacancy$)/m, 'rules:\n'),
]

/** The world as files of a service that made a snapshot on the way. */
async function onDisk(directory: string, world: World, snapshotAfter: number, shards: number) {
  const [logPath, snapshotPath] = [join(directory, 'log'), join(directory, 'snapshots')]
  await Promise.all([logPath, snapshotPath].map((path) => mkdir(path)))
  let nowMs = 0 as UnixMs
  const log = await openLog(settingsFor(logPath, { clock: () => nowMs }))
  const engine = new Engine(shards)
  for (const [index, batch] of world.entries()) {
    nowMs = batch.nowMs
    await log.append(batch.entries).durable
    engine.step(batch)
    if (index !== snapshotAfter) continue
    await writeState(snapshotPath, log.head, engine, {})
  }
  const head = log.head
  await log.close()
  return { logPath, snapshotPath, shards, position: head, n: engine.fold.n }
}

/** What the service says of the same set when it is activated, in the order in which it says it. */
function activated(world: World, text: string, nowMs: UnixMs, clockRuns: boolean): Transition[] {
  const engine = new Engine().run(world)
  const rules = readRules(text, 'a file', faultOf)
  engine.step({ nowMs, entries: [{ kind: 'tick' }] })
  const { name, version } = rules
  const order = { order: 'rules.activate', by: '王', reason: 'a test', rules: { name, version } } as const
  const said = engine.step({
    nowMs,
    entries: [
      { kind: 'order', order },
      { kind: 'rules', rules, origin: 'order' },
    ],
  })
  return clockRuns ? [...said, ...engine.step({ nowMs, entries: [{ kind: 'tick' }] })] : said
}

const withoutPlace = (transition: Transition) => {
  const { position: _, ...fields } = shownFields(transition)
  return fields
}

t.test('what a preview tells is, transition by transition, what activating the same set does', async (t) => {
  const seen = { freeze: 0, alert: 0, proposal: 0, others: 0 }
  for (const [seed, shards, snapshotAfter] of [
    [1, 1, 100],
    [2, 2, -1],
    [3, 3, 190],
  ] as const) {
    const world = worldOf({ seed, batches: 200 })
    const place = await onDisk(t.testdir({}), world, snapshotAfter, shards)
    const lastMs = world.at(-1)?.nowMs ?? 0
    for (const [index, text] of files.entries()) {
      const clockRuns = (seed + index) % 2 === 0
      // Days later, so that deadlines have passed that are not the rules' doing.
      const nowMs = (lastMs + (index % 2) * 9 * dayMs) as UnixMs
      const question: Question = {
        ...place,
        text,
        nowMs,
        clockRuns,
        skipped: [],
        skippedFrom: 0 as LogPosition,
        limit: 100_000,
      }
      const told = await tryRules(question)
      const expected = activated(world, text, nowMs, clockRuns).map(withoutPlace)
      const of = (accepts: (kind: unknown) => boolean) => expected.filter(({ kind }) => accepts(kind))
      const lists = ['freeze', 'alert', 'proposal'] as const
      t.same(
        told.freezes.items,
        of((kind) => kind === 'freeze'),
      )
      t.same(
        told.alerts.items,
        of((kind) => kind === 'alert'),
      )
      t.same(
        told.proposals.items,
        of((kind) => kind === 'proposal'),
      )
      t.same(
        told.others.items,
        of((kind) => !(lists as readonly unknown[]).includes(kind)),
      )
      for (const kind of lists) seen[kind] += of((each) => each === kind).length
      seen.others += told.others.total
    }
  }
  for (const [kind, count] of Object.entries(seen)) t.ok(count > 0, `${kind}: ${count}`)
})

t.test('lists are cut at the limit and say how many there are; counts and the sentence are of all', async (t) => {
  const world = worldOf({ seed: 4, batches: 200 })
  const place = await onDisk(t.testdir({}), world, 150, 1)
  const nowMs = world.at(-1)?.nowMs ?? (0 as UnixMs)
  const text = files.at(-1) ?? ''
  const common = { ...place, text, nowMs, clockRuns: false, skipped: [], skippedFrom: 0 as LogPosition }
  const whole = await tryRules({ ...common, limit: 100_000 })
  const cut = await tryRules({ ...common, limit: 1 })
  t.ok(whole.alerts.total > 1)
  t.same(cut.alerts, { total: whole.alerts.total, items: whole.alerts.items.slice(0, 1) })
  t.same(cut.counts, whole.counts)
  t.equal(cut.counts.alertsCleared, whole.alerts.items.filter((item) => (item as { to: string }).to === 'green').length)
  t.match(cut.sentence.en, new RegExp(`^Activated now it would .*clear ${cut.counts.alertsCleared} alert`))
  t.match(cut.sentence.zh, new RegExp(`^现在启用将.*消除 ${cut.counts.alertsCleared} 条预警`))
  t.ok(cut.rules.removed.includes('over-quota'))
  t.same([cut.rules.added, cut.rules.changed, cut.rules.set], [[], [], []])
})

t.test('the set that judges already changes nothing, and says so', async (t) => {
  const world = worldOf({ seed: 5, batches: 60, reloads: false })
  const place = await onDisk(t.testdir({}), world, 30, 1)
  const nowMs = world.at(-1)?.nowMs ?? (0 as UnixMs)
  const told = await tryRules({
    ...place,
    text: files[0] ?? '',
    nowMs,
    clockRuns: false,
    skipped: [],
    skippedFrom: 0 as LogPosition,
    limit: 10,
  })
  t.match(told.sentence, { en: 'Activated now it would change nothing.', zh: '现在启用不会引起任何变化。' })
  t.same(told.from, told.to)
  t.same(told.rules, { added: [], removed: [], changed: [], set: [] })
})

t.test('a wrong file is refused with line and reason before anything is read', async (t) => {
  const nowhere = '/nowhere' as const
  const question = {
    text: 'name: x\nrules:\n  - id: NOT\n',
    logPath: nowhere,
    snapshotPath: nowhere,
    shards: 1,
    position: 0 as LogPosition,
    n: 0 as Question['n'],
    nowMs: 0 as UnixMs,
    clockRuns: false,
    skipped: [],
    skippedFrom: 0 as LogPosition,
    limit: 10,
  }
  await t.rejects(tryRules(question), { code: 'QW_RULES_INVALID', detail: { file: 'the body', line: 3 } })
})

t.test('what every engine passes over is passed over here too', async (t) => {
  const world = worldOf({ seed: 6, batches: 80, reloads: false })
  const place = await onDisk(t.testdir({}), world, -1, 1)
  const nowMs = world.at(-1)?.nowMs ?? (0 as UnixMs)
  const common = { ...place, text: files[0] ?? '', nowMs, clockRuns: false, limit: 10, skippedFrom: 0 as LogPosition }
  const all = Array.from({ length: place.position }, (_, i) => (i + 1) as LogPosition)
  const told = await tryRules({ ...common, n: 0 as Question['n'], skipped: all })
  t.equal(told.from.name, 'none', 'nothing was judged, not even the rules')
  await t.rejects(tryRules({ ...common, skipped: [], skippedFrom: 5 as LogPosition }), { code: 'QW_SNAPSHOT_DAMAGED' })
})
