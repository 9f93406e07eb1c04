/**
 * The tables of the store: wide rows that are written once and never changed.
 *
 * Times are whole milliseconds in `…_ms` columns, exactly as in the log; the readable time beside each is an alias that
 * costs nothing on disk. Order and codecs were chosen by measurement (docs/decisions/0007): in the order of the log,
 * numbers and times shrink to nothing, and so does the text of an entry once what the columns say is taken out of it.
 */

export interface Column {
  readonly name: string
  readonly type: string
  readonly codec?: string
}

export interface Table {
  readonly name: TableName
  /** Column by which the writer asks what is there: all rows of one value are inserted together. */
  readonly key: 'position' | 'n'
  /** Column of milliseconds by whose month (UTC) the table is partitioned. */
  readonly timeMs: string
  readonly columns: readonly Column[]
  /** Computed when read. */
  readonly aliases: readonly string[]
  /** An alias that says all that these columns are for: two ways of sharing a text among them mean the same. */
  readonly whole?: { readonly alias: string; readonly of: readonly string[] }
  readonly orderBy: string
  /**
   * Rows go with `storeTtlDays`. Only those that nothing but replay and reading them needs: a row of the other tables
   * tells what is true until the next one of its unit or cell, however late that comes, so history needs the old ones
   * for as long as there is any; and who decided what is asked after the longest time.
   */
  readonly isRaw: boolean
}

export const tableNames = ['log', 'transitions', 'unit_state', 'hourly', 'audit'] as const
export type TableName = (typeof tableNames)[number]

const column = (name: string, type: string, codec?: string): Column => ({ name, type, ...(codec ? { codec } : {}) })

/** Grows by one, or by nearly the same, from row to row. */
const counter = (name: string) => column(name, 'UInt64', 'DoubleDelta, ZSTD(1)')
const millis = (name: string) => column(name, 'Int64', 'DoubleDelta, ZSTD(1)')
/** Few values, or a few thousand. */
const word = (name: string) => column(name, 'LowCardinality(String)', 'ZSTD(1)')
const text = (name: string) => column(name, 'String', 'ZSTD(3)')
const count = (name: string) => column(name, 'Int64', 'T64, ZSTD(1)')
const missingCount = (name: string) => column(name, 'Nullable(Int64)', 'ZSTD(1)')
const flag = (name: string) => column(name, 'UInt8', 'ZSTD(1)')

const readable = (name: string, ms: string) =>
  `${name} DateTime64(3, 'Asia/Shanghai') ALIAS fromUnixTimestamp64Milli(${ms}, 'Asia/Shanghai')`

/** What stands for what in `rest`; characters that JSON text never holds as they are. */
export const holes = {
  data: '\u0001',
  timeMs: '\u0002',
  id: '\u0003',
  source: '\u0004',
  type: '\u0005',
  subject: '\u0006',
  /** `time` as `2024-07-03T09:15:00+08:00`, from `time_ms`. */
  time: '\u0007',
} as const

const filled = (inside: string, hole: string, value: string) =>
  `replaceOne(${inside}, char(${hole.charCodeAt(0)}), ${value})`

/** The entry as the log has it, byte for byte. */
const entryAlias = [
  [holes.timeMs, 'toString(time_ms)'],
  [holes.id, 'id'],
  [holes.source, 'source'],
  [holes.type, 'type'],
  [holes.subject, 'subject'],
  [
    holes.time,
    "formatDateTime(fromUnixTimestamp64Milli(time_ms, 'Asia/Shanghai'), '%Y-%m-%dT%H:%i:%S+08:00', 'Asia/Shanghai')",
  ],
  [holes.data, 'data'],
].reduce((inside, [hole, value]) => filled(inside, hole as string, value as string), 'rest')

export const tables: readonly Table[] = [
  {
    name: 'log',
    key: 'position',
    timeMs: 'now_ms',
    columns: [
      counter('position'),
      counter('batch'),
      millis('now_ms'),
      word('kind'),
      word('source'),
      text('id'),
      word('type'),
      word('subject'),
      word('county'),
      word('sector'),
      column('time_ms', 'Int64', 'Delta(8), ZSTD(3)'),
      text('data'),
      text('rest'),
    ],
    aliases: [`entry String ALIAS ${entryAlias}`, readable('now', 'now_ms'), readable('time', 'time_ms')],
    whole: { alias: 'entry', of: ['data', 'rest'] },
    orderBy: 'position',
    isRaw: true,
  },
  {
    name: 'transitions',
    key: 'n',
    timeMs: 'at_ms',
    columns: [
      counter('n'),
      counter('position'),
      millis('at_ms'),
      word('kind'),
      word('subject'),
      word('unit'),
      word('county'),
      word('sector'),
      word('rule'),
      word('state_from'),
      word('state_to'),
      column('sequence', 'UInt32', 'ZSTD(1)'),
      flag('correction'),
      text('whole'),
    ],
    aliases: [`why String ALIAS JSONExtractRaw(whole, 'why')`, readable('at', 'at_ms')],
    orderBy: 'n',
    isRaw: true,
  },
  {
    name: 'unit_state',
    key: 'position',
    timeMs: 'at_ms',
    columns: [
      word('unit'),
      counter('position'),
      millis('at_ms'),
      word('county'),
      word('sector'),
      word('level'),
      word('kind'),
      flag('frontline'),
      flag('stands'),
      missingCount('approved'),
      count('on_loan'),
      missingCount('usable'),
      count('filled'),
      missingCount('over_by'),
      ...['permanent', 'seconded_in', 'seconded_out', 'posted_in', 'posted_out'].map(count),
      count('contract'),
      word('colour'),
      word('freeze'),
      word('policy'),
    ],
    aliases: [readable('at', 'at_ms')],
    orderBy: '(unit, position)',
    isRaw: false,
  },
  {
    name: 'hourly',
    key: 'position',
    timeMs: 'hour_ms',
    columns: [
      word('county'),
      word('sector'),
      millis('hour_ms'),
      counter('position'),
      ...['units', 'approved', 'on_loan', 'usable', 'filled', 'over_posts', 'institution_approved', 'contract'].map(
        count,
      ),
      ...['green', 'yellow', 'red', 'frozen'].map(count),
      // Last: where it was added later, that is where it stands. Empty in rows of before, as far as nobody can tell.
      word('policy'),
    ],
    aliases: [readable('hour', 'hour_ms')],
    orderBy: '(county, sector, hour_ms)',
    isRaw: false,
  },
  {
    // What people ordered, corrected and set aside: who, what, about whom and why. The rest stands in the entry.
    name: 'audit',
    key: 'position',
    timeMs: 'at_ms',
    columns: [
      counter('position'),
      millis('at_ms'),
      word('who'),
      word('what'),
      word('subject'),
      word('county'),
      word('sector'),
      text('why'),
      text('entry'),
    ],
    aliases: [readable('at', 'at_ms')],
    orderBy: 'position',
    isRaw: false,
  },
]

export function tableOf(name: TableName): Table {
  const table = tables.find((table) => table.name === name)
  if (!table) throw new Error(`no table ${name}`)
  return table
}
