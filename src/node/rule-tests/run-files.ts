/**
 * Files of rule tests, each run with the rule file that it names. The command `rules test` is its caller, and the gate.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { faultOf } from '../../alerts/rules.js'
import { readRules } from '../../config/rules-file.js'
import type { RuleSet } from '../../core/rule-set.js'
import { type Circumstances, runTest, type TestResult } from './run-test.js'
import { type RuleTest, readTests } from './test-file.js'

export interface FileResult {
  /** As it was named. */
  readonly file: string
  readonly tests: readonly TestResult[]
}

/** @throws QwError QW_RULES_INVALID, or the system's error when a file cannot be read */
export function runFile(file: string, directory: string, circumstances: Circumstances = {}): FileResult {
  return { file, tests: openTests(file, directory).map((test) => runTest(test, circumstances)) }
}

/** The tests of a file, read and not run. `named`: the rules that stand in the place of a file's, by its full path. */
export function openTests(file: string, directory: string, named?: (path: string) => RuleSet | undefined): RuleTest[] {
  const path = resolve(directory, file)
  const load = (ruleFile: string) => {
    const rulePath = resolve(dirname(path), ruleFile)
    return named?.(rulePath) ?? readRuleFile(rulePath, join(dirname(file), ruleFile))
  }
  return readTests(readFileSync(path, 'utf8'), file, load)
}

// Most files of tests name one rule file, and to check its figures takes longer than to run its tests.
const usable = new Map<string, RuleSet>()

/** By content, so that one set is compiled once. `file`: how it is called in what is said of it. */
export function readRuleFile(path: string, file = relative('.', path)): RuleSet {
  const text = readFileSync(path, 'utf8')
  const known = usable.get(text) ?? readRules(text, file, faultOf)
  usable.set(text, known)
  return known
}
