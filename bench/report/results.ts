/**
 * The results that a report is made of: every JSON file of the directories that a bench wrote.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What every bench says of a run, beside its own figures. */
export interface AnyResult {
  readonly bench: string
  readonly valid?: boolean
  readonly invalid?: readonly string[]
  readonly failed?: readonly string[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly machine?: { readonly cpu: string; readonly cores: number; readonly kernel: string; readonly node: string }
  readonly commit?: { readonly revision: string; readonly dirty: boolean }
  readonly at?: string
}

export interface NamedResult {
  /** The file's name without `.json`. */
  readonly name: string
  readonly result: AnyResult
}

export interface ReadResults {
  readonly results: readonly NamedResult[]
  /** Files that are no result of a bench, each with the reason. */
  readonly skipped: readonly { readonly file: string; readonly why: string }[]
}

const jsonFiles = (directory: string): string[] => {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => join(directory, file))
  } catch {
    return []
  }
}

const readOne = (file: string): AnyResult => {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof value !== 'object' || value === null || !('bench' in value) || typeof value.bench !== 'string')
    throw new Error('it names no bench')
  return value as AnyResult
}

/** By bench, and the newest first; what cannot be read is named and left out. */
export const readResults = (directories: readonly string[]): ReadResults => {
  const results: NamedResult[] = []
  const skipped: { file: string; why: string }[] = []
  for (const file of directories.flatMap(jsonFiles))
    try {
      results.push({ name: basename(file, '.json'), result: readOne(file) })
    } catch (error) {
      skipped.push({ file, why: error instanceof Error ? error.message : String(error) })
    }
  results.sort(
    (a, b) => a.result.bench.localeCompare(b.result.bench) || (b.result.at ?? '').localeCompare(a.result.at ?? ''),
  )
  return { results, skipped }
}
