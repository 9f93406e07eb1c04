/**
 * As much of ClickHouse as the writer speaks to: tables of rows, tokens that make a second insert nothing, and the few
 * questions that are asked. It can fail before it does something, and do it and say nothing.
 */
import type { StoreAccess } from '../../src/store/stored-log.js'
import { type TableName, tableOf } from '../../src/store/tables.js'
import type { Machine } from './machine.js'

interface Insert {
  readonly table: string
  readonly values: AsyncIterable<Buffer> | readonly unknown[]
  readonly abort_signal?: AbortSignal
  readonly clickhouse_settings: { readonly insert_deduplication_token: string }
}

interface Question {
  readonly query: string
  readonly query_params?: Readonly<Record<string, number>>
}

/** Remembered for each table, as the schema asks for it. */
const tokensMax = 1000
/** A request without an answer is in doubt after so long. */
const requestMsMax = 500

export class ClickHouse {
  /** Rows as text, by table, in the order in which they came. */
  readonly rows = new Map<string, string[]>()
  /** Nobody answers. */
  isAway = false
  /** How often an insert is done and not answered, not done at all, or done long after it was given up. */
  troubleShare = 0
  doubts = 0
  /** Happens while the next insert is on its way; the server does it late. */
  interruption: (() => void) | undefined
  readonly #tokens = new Map<string, string[]>()
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  get access(): StoreAccess {
    const client = {
      command: () => this.#request(() => undefined),
      insert: (insert: Insert) => this.#insert(insert),
      query: async (question: Question) => {
        const answer = await this.#request(() => this.#answer(question))
        return { json: async () => answer }
      },
    }
    return { client: client as unknown as StoreAccess['client'], database: 'q' }
  }

  async #insert({ table, values, clickhouse_settings }: Insert): Promise<void> {
    const rows: string[] = []
    if (Array.isArray(values)) rows.push(...values.map((value) => JSON.stringify(value)))
    else {
      const chunks: Buffer[] = []
      for await (const chunk of values as AsyncIterable<Buffer>) chunks.push(chunk)
      rows.push(...Buffer.concat(chunks).toString().split('\n').slice(0, -1))
    }
    const token = clickhouse_settings.insert_deduplication_token
    await this.#request(() => this.#take(table.slice(2), rows, token), this.troubleShare)
  }

  #take(table: string, rows: readonly string[], token: string): void {
    const tokens = this.#tokens.get(table) ?? []
    this.#tokens.set(table, tokens)
    if (tokens.includes(token)) return
    tokens.push(token)
    if (tokens.length > tokensMax) tokens.shift()
    this.rows.set(table, [...(this.rows.get(table) ?? []), ...rows])
  }

  /** The server does it in its own time, whoever is still there to hear of it. */
  #request<T>(act: () => T, troubleShare = 0): Promise<T> {
    const machine = this.#machine
    const { random, life } = machine
    const { interruption } = this
    const isInterrupted = troubleShare > 0 && interruption !== undefined
    if (isInterrupted) {
      this.interruption = undefined
      machine.after(1, interruption, machine.outside)
    }
    const isTrouble = isInterrupted || random.chance(troubleShare)
    const kind = random.pick(['silent', 'undone', 'late'] as const)
    const trouble = isInterrupted ? 'late' : isTrouble ? kind : undefined
    if (isTrouble) this.doubts += 1
    return new Promise((resolve, reject) => {
      const timesOut = () => machine.after(requestMsMax, () => reject(new Error('Timeout error.')), life)
      if (this.isAway || trouble) timesOut()
      if (this.isAway || trouble === 'undone') return
      machine.after(
        trouble === 'late' ? requestMsMax + random.whole(0, 3000) : random.whole(1, 40) / 10,
        () => {
          const done = act()
          if (!trouble) machine.after(random.whole(1, 10) / 10, () => resolve(done), life)
        },
        machine.outside,
      )
    })
  }

  #answer({ query, query_params = {} }: Question): unknown[] {
    const table = /FROM q\.(\w+)/.exec(query)?.[1]
    if (table === undefined) return []
    const rows = this.rows.get(table) ?? []
    if (table === 'schema_migrations') return rows.map((row) => JSON.parse(row))
    // Which policy held when: a migration fills older rows by it, and here all rows have every column from the start.
    if (query.includes('AS policy FROM')) return []
    const keyed = keysOf(table as TableName, rows)
    if (query.includes('min(position)')) return [endsOf(keyed.map(({ key }) => key))]
    const { first, last } = query_params as { first: number; last: number }
    const within = keyed.filter(({ key }) => key >= first && key <= last)
    if (query.includes('count()')) {
      const modulus = Number(/% (\d+)/.exec(query)?.[1])
      return [
        { count: String(within.length), time_check: String(within.reduce((sum, { ms }) => sum + (ms % modulus), 0)) },
      ]
    }
    if (!query.includes('DISTINCT')) throw new Error(`nobody is to ask this here: ${query}`)
    const distinct = new Map(within.map(({ key, ms }) => [`${key} ${ms}`, { key: String(key), ms: String(ms) }]))
    return [...distinct.values()]
  }
}

const endsOf = (keys: readonly number[]) => ({
  first: String(Math.min(...keys, keys[0] ?? 0)),
  last: String(Math.max(0, ...keys)),
})

/** Key and time of each row, by the table's columns. */
export function keysOf(table: TableName, rows: readonly string[]): { readonly key: number; readonly ms: number }[] {
  const { columns, key, timeMs } = tableOf(table)
  const [keyAt, msAt] = [key, timeMs].map((name) => columns.findIndex((column) => column.name === name)) as [
    number,
    number,
  ]
  return rows.map((row) => {
    const fields = row.split('\t')
    return { key: Number(fields[keyAt]), ms: Number(fields[msAt]) }
  })
}
