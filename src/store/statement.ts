/**
 * What the embedded server has to know of a SQL statement before the engine sees it.
 *
 * The engine runs `a; b` as two statements, while ClickHouse over HTTP refuses that: with two, settings would reach only
 * the second, and `readonly` with them. So statements are counted here, by ClickHouse's lexical rules. Settings are
 * appended as a SETTINGS clause, which the engine takes at the end of any statement (tried with 26.7); `SET` would
 * stick to the session that all requests share.
 */
import { exceptionCodes, ServerException } from './exception.js'

/** Literals and comments may hold a semicolon that ends nothing. */
const token =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|;|[\s\S]/gs

const isComment = (text: string): boolean => /^(?:--|#[ !]|\/\*)/.test(text)

/** The statement without its closing semicolons; refused when there is none, or more than one. */
export function soleStatement(sql: string): string {
  let end: number | undefined
  for (const { 0: text, index } of sql.matchAll(token)) {
    if (text === ';') end ??= index
    else if (end !== undefined && text.trim() !== '' && !isComment(text))
      throw new ServerException(exceptionCodes.SYNTAX_ERROR, 'Multi-statements are not allowed')
  }
  const statement = sql.slice(0, end)
  if (statement.trim() === '') throw new ServerException(exceptionCodes.SYNTAX_ERROR, 'Empty query')
  return statement
}

/** An INSERT whose rows stand in the body of the request. */
export interface InsertHead {
  readonly table: string
  readonly columns?: readonly string[]
  readonly format: string
}

const name = '[A-Za-z_][A-Za-z0-9_]*'
const insertHead = new RegExp(
  `^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?(${name}(?:\\.${name})?)\\s*(?:\\(\\s*(${name}(?:\\s*,\\s*${name})*)\\s*\\))?\\s*FORMAT\\s+(\\w+)\\s*$`,
  'i',
)

/** Undefined when the statement is not `INSERT INTO [db.]table [(columns)] FORMAT name`, in plain identifiers. */
export function parseInsertHead(statement: string): InsertHead | undefined {
  const [, table, columns, format] = insertHead.exec(statement) ?? []
  if (table === undefined || format === undefined) return undefined
  return { table, format, ...(columns === undefined ? {} : { columns: columns.split(',').map((c) => c.trim()) }) }
}

const settingName = /^[a-z][a-z0-9_]{0,127}$/
/** As a literal. */
export const quoted = (value: string): string => `'${value.replace(/[\\']/g, (c) => `\\${c}`)}'`

/** `a='b', …`; names are checked, values quoted. */
export function settingsList(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([setting, value]) => {
      if (!settingName.test(setting))
        throw new ServerException(exceptionCodes.UNKNOWN_SETTING, `Setting '${setting}' is neither known nor a name`)
      return `${setting}=${quoted(value)}`
    })
    .join(', ')
}

/** The statement under these settings. On a line of its own, because the statement may end in a comment. */
export function withSettings(statement: string, settings: Readonly<Record<string, string>>): string {
  const list = settingsList(settings)
  if (list === '') return statement
  if (/^\s*INSERT\b/i.test(statement) && !/\bSELECT\b/i.test(statement))
    throw new ServerException(
      exceptionCodes.NOT_IMPLEMENTED,
      'Rows inside an INSERT statement take no settings here; send them as the body',
    )
  return `${statement}\nSETTINGS ${list}`
}
