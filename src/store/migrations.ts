/**
 * The schema, in numbered steps. Each statement may run twice without harm, so a crash between a step and its record
 * in `schema_migrations` is mended by the next start.
 */
import { QwError } from '../core/errors.js'
import { rowsOf, type StoreAccess } from './stored-log.js'
import { type Table, tableOf, tables } from './tables.js'

export interface SchemaSettings {
  /** `ReplicatedMergeTree` on a cluster; its path comes from the server's macros. */
  readonly engine: 'MergeTree' | 'ReplicatedMergeTree'
  /** Rows of the raw tables go when they are older than this by their own time. 0: they stay. */
  readonly ttlDays: number
}

interface Migration {
  readonly version: number
  readonly name: string
  /** Asked for when the steps before it are done. */
  readonly statements: (access: StoreAccess, settings: SchemaSettings) => readonly string[] | Promise<readonly string[]>
}

/** How many tokens a table remembers. One range is in doubt at a time, with a part per table and month. */
const deduplicationWindow = 1000

const engineOf = (table: string, { engine }: SchemaSettings): string =>
  engine === 'MergeTree'
    ? 'MergeTree'
    : `ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/${table}', '{replica}')`

/** An acknowledged row is on the disk, as with the log: at one insert a second that costs nothing that is felt. */
const syncSettings = 'fsync_after_insert = 1, fsync_part_directory = 1'

function createTable(database: string, table: Table, settings: SchemaSettings): string {
  const columns = table.columns.map(({ name, type, codec }) => `${name} ${type}${codec ? ` CODEC(${codec})` : ''}`)
  return `CREATE TABLE IF NOT EXISTS ${database}.${table.name} (
  ${[...columns, ...table.aliases].join(',\n  ')}
) ENGINE = ${engineOf(table.name, settings)}
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(${table.timeMs}, 'UTC'))
ORDER BY ${table.orderBy}
SETTINGS non_replicated_deduplication_window = ${deduplicationWindow}, ${syncSettings}`
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'log, transitions, unit_state, hourly',
    statements: ({ database }, settings) =>
      (['log', 'transitions', 'unit_state', 'hourly'] as const).map((name) =>
        createTable(database, tableOf(name), settings),
      ),
  },
  {
    version: 2,
    name: 'audit',
    statements: ({ database }, settings) => [createTable(database, tableOf('audit'), settings), fillAudit(database)],
  },
  {
    version: 3,
    name: 'the policy of hourly sums',
    statements: async (access) => [
      `ALTER TABLE ${access.database}.hourly ADD COLUMN IF NOT EXISTS policy LowCardinality(String) CODEC(ZSTD(1))`,
      ...fillPolicy(access.database, await policiesOverTime(access)),
    ],
  },
]

/** Held at the end of this hour, and of those after it up to the next one in the list. */
interface HeldPolicy {
  readonly hourMs: string
  readonly policy: string
}

/**
 * Which policy held when: each unit's rows name it, and all units have one when it changes; the log has it too, in case a
 * crash left rows of an hour without those of its units.
 */
async function policiesOverTime(access: StoreAccess): Promise<HeldPolicy[]> {
  const hourOf = (ms: string) => `intDiv(${ms}, 3600000) * 3600000 AS hour`
  const nameOf = `concat(JSONExtractString(entry, 'policy', 'name'), '@', toString(JSONExtractUInt(entry, 'policy', 'version')))`
  const hours = await rowsOf<HeldPolicy>(
    access,
    `SELECT toString(hour) AS hourMs, argMax(said, position) AS policy FROM (
       SELECT ${hourOf('at_ms')}, position, toString(policy) AS said FROM ${access.database}.unit_state
       UNION ALL
       SELECT ${hourOf('now_ms')}, position, ${nameOf} AS said FROM ${access.database}.log WHERE kind = 'policy'
     ) GROUP BY hour ORDER BY hour`,
    {},
  )
  return hours.filter(({ policy }, at) => policy !== hours[at - 1]?.policy)
}

/** Rows are filled where they stand, since they must be what the log gives: `quotawatch verify` compares every column. */
function fillPolicy(database: string, held: readonly HeldPolicy[]): string[] {
  const [first, ...later] = held
  if (!first) return []
  const quoted = (policy: string) => `'${policy.replace(/[\\']/g, '\\$&')}'`
  const cases = later.map(({ hourMs, policy }) => `hour_ms >= ${hourMs}, ${quoted(policy)}`).reverse()
  const held0 = quoted(first.policy)
  const policy = cases.length > 0 ? `multiIf(${[...cases, held0].join(', ')})` : held0
  return [
    `ALTER TABLE ${database}.hourly UPDATE policy = ${policy}
     WHERE policy = '' AND hour_ms >= ${first.hourMs} SETTINGS mutations_sync = 2`,
  ]
}

/** From the log that is there already, as rows.ts says it; a second time finds nothing to add. */
const fillAudit = (database: string): string => {
  const said = (key: string) =>
    `multiIf(kind = 'order', JSONExtractString(entry, 'order', '${key}'),
       kind = 'dismissed', JSONExtractString(entry, '${key}'), JSONExtractString(entry, 'corrected', '${key}'))`
  return `INSERT INTO ${database}.audit (${tableOf('audit')
    .columns.map(({ name }) => name)
    .join(', ')})
  SELECT position, now_ms, ${said('by')}, multiIf(kind = 'order', type, kind = 'dismissed', 'dismiss', 'correct'),
    subject, county, sector, ${said('reason')}, entry
  FROM ${database}.log
  WHERE (kind IN ('order', 'dismissed') OR (kind IN ('event', 'quarantined') AND JSONHas(entry, 'corrected')))
    AND position NOT IN (SELECT position FROM ${database}.audit)`
}

/** Makes or completes the schema. QW_STORE_NEWER when a later version of the service has been here. */
export async function migrate(access: StoreAccess, settings: SchemaSettings): Promise<void> {
  const { client, database } = access
  const run = (query: string) => client.command({ query })
  await run(`CREATE DATABASE IF NOT EXISTS ${database}`)
  await run(`CREATE TABLE IF NOT EXISTS ${database}.schema_migrations (version UInt32, name String, applied_ms Int64)
    ENGINE = ${engineOf('schema_migrations', settings)} ORDER BY version
    SETTINGS non_replicated_deduplication_window = ${deduplicationWindow}, ${syncSettings}`)
  const applied = await rowsOf<{ version: number }>(access, `SELECT version FROM ${database}.schema_migrations`, {})
  const found = Math.max(0, ...applied.map(({ version }) => version))
  const known = migrations.at(-1)?.version ?? 0
  if (found > known) throw new QwError('QW_STORE_NEWER', { found, known })
  for (const { version, name, statements } of migrations.filter(({ version }) => version > found)) {
    for (const statement of await statements(access, settings)) await run(statement)
    await client.insert({
      table: `${database}.schema_migrations`,
      values: [{ version, name, applied_ms: Date.now() }],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: `migration/${version}`, async_insert: 0 },
    })
  }
  for (const table of tables) await applyTtl(access, table, settings)
}

/**
 * Only when it differs from what stands: each change makes the server look at every part. An earlier version gave it to
 * all tables, so it is also taken away.
 */
async function applyTtl(access: StoreAccess, { name, timeMs, isRaw }: Table, settings: SchemaSettings): Promise<void> {
  const ttlDays = isRaw ? settings.ttlDays : 0
  const [found] = await rowsOf<{ days: number }>(
    access,
    `SELECT toInt32OrZero(extract(engine_full, 'TTL .*toIntervalDay\\\\((\\\\d+)\\\\)')) AS days
     FROM system.tables WHERE database = {database:String} AND name = {name:String}`,
    { database: access.database, name },
  )
  if (!found || found.days === ttlDays) return
  const change =
    ttlDays === 0
      ? 'REMOVE TTL'
      : `MODIFY TTL toDateTime(intDiv(${timeMs}, 1000), 'UTC') + INTERVAL ${Math.trunc(ttlDays)} DAY`
  await access.client.command({
    query: `ALTER TABLE ${access.database}.${name} ${change}`,
    clickhouse_settings: { materialize_ttl_after_modify: 0 },
  })
}
