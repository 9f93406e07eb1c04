/** The rules that ship, for whoever judges a made-up log. */
import { readFileSync } from 'node:fs'
import { faultOf } from '../../src/alerts/rules.js'
import { readRules } from '../../src/config/rules-file.js'
import type { RuleSet } from '../../src/core/rule-set.js'

// This file runs as dist/bench/engine/shipped-rules.js.
export function shippedRules(): RuleSet {
  const file = new URL('../../../rules/jiangmen.yaml', import.meta.url)
  return readRules(readFileSync(file, 'utf8'), 'rules/jiangmen.yaml', faultOf)
}
