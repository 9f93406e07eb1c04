/**
 * Writes the pages of docs/ that are made from code. Tests compare them; run this when one says that a page is old.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, installMissing, root } from './prepare.mjs'

installMissing()
const { ok, output } = build()
if (!ok) console.error(output)
const { configurationPage } = await import('../dist/src/config/printed.js')
const { rulePage } = await import('../dist/src/node/rule-tests/rule-page.js')
const { readRuleFile } = await import('../dist/src/node/rule-tests/run-files.js')
const { streamPage } = await import('../dist/src/node/stream-document.js')
const { errorPage } = await import('../dist/src/http/error-page.js')
writeFileSync(join(root, 'docs', 'configuration.md'), configurationPage())
writeFileSync(join(root, 'docs', 'errors.md'), errorPage())
// Only its tables: the rest is written by hand.
const rules = join(root, 'docs', 'rules.md')
const shipped = readRuleFile(join(root, 'rules', 'jiangmen.yaml'))
writeFileSync(rules, rulePage(readFileSync(rules, 'utf8'), shipped))
writeFileSync(join(root, 'docs', 'asyncapi.json'), streamPage())
