/**
 * The arrows between the rooms: who may import whom, and that only doors are imported (style, "The house").
 *
 * The table below is the rule; dependency-cruiser looks. A checker that looked at nothing has passed nothing, so the
 * count of modules is asserted, and a small house with forbidden arrows proves that each kind of arrow is found.
 */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import t from 'tap'
import ts from 'typescript'

interface Room {
  /** Files that other rooms may import, without `.ts`; all of them when absent. */
  readonly doors?: readonly string[]
  /** Other rooms whose doors it may import. `core` is open to every room but itself stands alone. */
  readonly imports: readonly string[]
  /** The only packages and Node modules it may import; any when absent. */
  readonly packages?: readonly string[]
}

const rooms: Readonly<Record<string, Room>> = {
  core: { imports: [], packages: [] },
  config: { doors: ['config', 'printed', 'rules-file', 'rule-part', 'calendar'], imports: ['core'] },
  http: { doors: ['problem'], imports: ['core'] },
  ingest: { doors: ['ingest'], imports: ['core', 'http', 'log'] },
  log: { doors: ['log', 'record', 'check', 'reader', 'follow-log', 'follow-record'], imports: ['core'] },
  workers: { doors: ['judge', 'snapshot-file', 'trial', 'gate-board'], imports: ['core', 'alerts', 'log'] },
  alerts: { doors: ['shard', 'fold', 'route', 'rules', 'gate'], imports: ['core'], packages: ['@marcbachmann/cel-js'] },
  stream: {
    doors: ['bus', 'kept-socket', 'push', 'watch', 'token', 'frames', 'asyncapi'],
    imports: ['core', 'http', 'log'],
  },
  api: { doors: ['api', 'metrics', 'schemas'], imports: ['core', 'http'] },
  scenario: { doors: ['scenario'], imports: ['core'] },
  store: { doors: ['store', 'embedded-server'], imports: ['core'] },
  wall: { doors: ['wall'], imports: ['core'] },
  node: {
    doors: ['main', 'commands/command-line'],
    imports: [
      'core',
      'config',
      'http',
      'ingest',
      'log',
      'workers',
      'alerts',
      'stream',
      'api',
      'store',
      'scenario',
      'wall',
    ],
  },
}

/** The whole table as rules of dependency-cruiser. */
function ruleSet(): IFlattenedRuleSet {
  const forbidden: NonNullable<IFlattenedRuleSet['forbidden']> = [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'main-opens-node-only',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/(?!node/|core/)' },
    },
    { name: 'nobody-imports-main', severity: 'error', from: { path: '^src/.+/' }, to: { path: '^src/main\\.ts$' } },
  ]
  for (const [name, room] of Object.entries(rooms)) {
    const inside = `^src/${name}/`
    const open = [name, ...room.imports].join('|')
    forbidden.push({
      name: `${name}-arrows`,
      severity: 'error',
      from: { path: inside },
      to: { path: '^src/', pathNot: `^src/(${open})/` },
    })
    if (room.doors)
      forbidden.push({
        name: `${name}-door`,
        severity: 'error',
        from: { path: '^src/', pathNot: inside },
        to: { path: inside, pathNot: `${inside}(${room.doors.join('|')})\\.ts$` },
      })
    if (room.packages)
      forbidden.push({
        name: `${name}-packages`,
        severity: 'error',
        from: { path: inside },
        to: { pathNot: ['^src/', ...room.packages.map((name) => `node_modules/${name}/`)] },
      })
  }
  return { forbidden }
}

async function look(baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(
    ['src'],
    { baseDir, ruleSet: ruleSet(), validate: true, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
    { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
    { tsConfig: { options: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext } } },
  )
  if (typeof output === 'string') throw new Error(output)
  return output
}

const violations = (result: ICruiseResult): string[] =>
  result.summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`).sort()

// This file runs as dist/tests/arrows.test.js.
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

t.test('every import in src follows the arrows and goes through a door', async (t) => {
  const files = (await readdir(join(root, 'src'), { recursive: true })).filter((file) => file.endsWith('.ts'))
  const result = await look(root)
  const seen = result.modules.filter((module) => /^src\/.+\.ts$/.test(module.source))
  t.same(violations(result), [])
  t.equal(seen.length, files.length, 'every source file was looked at')
  t.ok(seen.length > 8)
  const arrows = seen.flatMap((module) => module.dependencies).filter(({ resolved }) => resolved.startsWith('src/'))
  t.ok(arrows.length >= seen.length / 2, `${arrows.length} imports between ${seen.length} files were seen`)
})

t.test('every room in src has a row in the table', async (t) => {
  const entries = await readdir(join(root, 'src'), { withFileTypes: true })
  const unknown = entries.filter((entry) => entry.isDirectory() && rooms[entry.name] === undefined)
  t.same(
    unknown.map((entry) => entry.name),
    [],
  )
})

t.test('each kind of forbidden arrow is found, in imports of values and of types alike', async (t) => {
  const house = t.testdir({
    'tsconfig.json': '{}',
    src: {
      'main.ts': `import { join } from './log/log.js'\nexport const started = join`,
      core: {
        'words.ts': `import type { A } from '../alerts/shard.js'\nimport { readFileSync } from 'node:fs'\nexport type B = A\nexport const read = readFileSync`,
      },
      alerts: {
        'shard.ts': `import { readFile } from 'node:fs/promises'\nimport { hidden } from './hidden.js'\nexport type A = string\nexport const a = [readFile, hidden]`,
        'hidden.ts': `export const hidden = 1`,
      },
      workers: { 'judge.ts': `import { hidden } from '../alerts/hidden.js'\nexport const judge = hidden` },
      log: {
        'log.ts': `import { other } from './other.js'\nexport const join = () => other`,
        'other.ts': `import { join } from './log.js'\nimport { lost } from './lost.js'\nexport const other = [join, lost]`,
      },
      api: { 'api.ts': `export type { B } from '../ingest/ingest.js'` },
      ingest: { 'ingest.ts': `export type B = 1` },
    },
  })
  const found = violations(await look(house))
  for (const expected of [
    'core-arrows: src/core/words.ts -> src/alerts/shard.ts',
    'core-packages: src/core/words.ts -> fs',
    'alerts-packages: src/alerts/shard.ts -> fs/promises',
    'alerts-door: src/workers/judge.ts -> src/alerts/hidden.ts',
    'no-cycle: src/log/log.ts -> src/log/other.ts',
    'resolvable: src/log/other.ts -> ./lost.js',
    'api-arrows: src/api/api.ts -> src/ingest/ingest.ts',
    'main-opens-node-only: src/main.ts -> src/log/log.ts',
  ])
    t.ok(found.includes(expected), expected, { found })
  t.notOk(
    found.some((line) => line.includes('src/alerts/shard.ts -> src/alerts/hidden.ts')),
    'a file of the own room is no door',
  )
})
