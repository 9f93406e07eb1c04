import { readFileSync } from 'node:fs'
import t from 'tap'
import { optionNames } from '../../src/config/options.js'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')
const named = new Set([...page.matchAll(/`([a-z]\w*[a-z])`/g)].map(([, name]) => name as string))

t.test('every bound stands in docs/limits.md, with what happens there', async (t) => {
  const bounds = optionNames.filter((name) => name.endsWith('Max'))
  t.ok(bounds.length > 50, `${bounds.length} bounds`)
  t.same(
    bounds.filter((name) => !named.has(name)),
    [],
  )
})

t.test('and what stands there is an option', async (t) => {
  const looksLikeOne = [...named].filter((name) => /^[a-z]+([A-Z][a-z]+)+$/.test(name))
  t.ok(looksLikeOne.length > 50)
  t.same(
    looksLikeOne.filter((name) => !(optionNames as readonly string[]).includes(name)),
    [],
  )
})
