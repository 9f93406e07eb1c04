/**
 * `npm run bench -- report [--html FILE] [DIRECTORY…]`: one page with plots from all results.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ArgumentError } from '../arguments.js'
import { say } from '../progress.js'
import { repositoryRoot } from '../service.js'
import { pageOf } from './page.js'
import { readResults } from './results.js'

export const reportAbout = 'one page with plots from all results'

const directoriesByDefault = ['bench/results', 'bench/seen'].map((one) => join(repositoryRoot, one))
const pageByDefault = join(repositoryRoot, 'bench/results/report.html')

const help = `${reportAbout}

usage: npm run bench -- report [--html FILE] [DIRECTORY…]
  DIRECTORY    every JSON file in it that a bench wrote (default: bench/results and bench/seen)
  --html FILE  write the page there (default: bench/results/report.html)
`

const read = (words: readonly string[]) => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { html: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error))
  }
}

/** Resolves to the exit code: 1 when there was nothing to make a page of. */
export const runReport = async (words: readonly string[]): Promise<number> => {
  const { values, positionals } = read(words)
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const all = readResults(positionals.length > 0 ? positionals : directoriesByDefault)
  for (const { file, why } of all.skipped) say(`left out ${file}: ${why}`)
  if (all.results.length === 0) {
    say('no results were found')
    return 1
  }
  const html = values.html ?? pageByDefault
  mkdirSync(dirname(html), { recursive: true })
  writeFileSync(html, pageOf(all, new Date().toISOString()))
  say(`${all.results.length} runs: ${html}`)
  return 0
}
