import { readFileSync } from 'node:fs'
import t from 'tap'
import { describedFacts } from '../../../src/alerts/rules.js'
import { ruleScopes } from '../../../src/core/rule-set.js'
import { rulePage } from '../../../src/node/rule-tests/rule-page.js'
import { readRuleFile } from '../../../src/node/rule-tests/run-files.js'

// This file runs as dist/tests/node/rule-tests/rule-page.test.js.
const root = new URL('../../../../', import.meta.url).pathname
const page = readFileSync(`${root}docs/rules.md`, 'utf8')
const shipped = readRuleFile(`${root}rules/jiangmen.yaml`, 'rules/jiangmen.yaml')

t.test('the tables of docs/rules.md are what the engine and the rules that ship say', async (t) => {
  t.equal(page, rulePage(page, shipped), 'run: node scripts/write-docs.mjs')
})

t.test('the page has every fact of every scope, and every rule', async (t) => {
  for (const scope of ruleScopes) {
    const facts = describedFacts(scope)
    t.ok(facts.length > 0, scope)
    const table = page.slice(page.indexOf(`#### \`${scope}\``))
    for (const { name, meaning } of facts) {
      t.match(table, new RegExp(`\\| \`${name}\` \\|`), `${scope} ${name}`)
      t.ok(meaning.length > 5, name)
    }
  }
  for (const { id } of shipped.rules) t.match(page, new RegExp(`\\| \`${id}\` `), id)
})

t.test('a page without its marks is not written over', async (t) => {
  t.throws(() => rulePage('# Rules', shipped), /has no marks/)
})
