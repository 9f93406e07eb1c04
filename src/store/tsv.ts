/** Rows as TabSeparated text: the format that costs the least to write and to parse of those that the engine takes. */
import { escapeField } from './parameter.js'

export type Field = string | number | boolean | null | undefined

/** One row with its newline. Missing is NULL; a flag is 1 or 0. */
export function tsvRow(fields: readonly Field[]): string {
  let row = ''
  for (let at = 0; at < fields.length; at++) row += (at === 0 ? '' : '\t') + tsvField(fields[at])
  return `${row}\n`
}

function tsvField(field: Field): string {
  if (typeof field === 'string') return escapeField(field)
  if (typeof field === 'number') return String(field)
  if (field === null || field === undefined) return '\\N'
  return field ? '1' : '0'
}
