/**
 * What is said of rule tests that were run: one line for each file, and under it what differs.
 */
import type { FileResult } from './run-files.js'
import type { Failure, TestResult } from './run-test.js'

export function linesOf({ file, tests }: FileResult): string[] {
  const failed = tests.filter(({ failures }) => failures.length > 0)
  const verdict = failed.length === 0 ? 'ok' : `${failed.length} failed`
  return [`${file}: ${tests.length} tests, ${checksOf(tests)} checks, ${verdict}`, ...failed.flatMap(linesOfTest(file))]
}

export const hasFailed = ({ tests }: FileResult): boolean => tests.some(({ failures }) => failures.length > 0)

const checksOf = (tests: readonly TestResult[]): number => tests.reduce((sum, { checks }) => sum + checks, 0)

const linesOfTest =
  (file: string) =>
  ({ name, line, failures }: TestResult): string[] => [
    '',
    `${file}:${line}: ${name}`,
    ...failures.flatMap((failure) => linesOfFailure(file, failure)),
  ]

const linesOfFailure = (file: string, { line, at, differences }: Failure): string[] => [
  `  ${file}:${line}: at ${at}`,
  ...differences.flatMap(({ of, lines }) => [`    ${of} (- expected, + got)`, ...lines.map((each) => `      ${each}`)]),
]

export function summaryOf(files: readonly FileResult[]): string {
  const tests = files.flatMap((file) => file.tests)
  const failed = tests.filter(({ failures }) => failures.length > 0).length
  return `${tests.length - failed} passed, ${failed} failed`
}
