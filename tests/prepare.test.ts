/**
 * What `npm start` builds, and when: in a small repository of its own, whose compilers write what the real ones would and
 * count how often they were asked.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'

interface Prepare {
  readonly buildWhenStale: () => void
  readonly buildWallWhenStale: () => { readonly ok: boolean }
}

const prepareModule = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url))

/** A program that writes these files below `dist` and adds a line to `asked`. */
const compiler = (files: Readonly<Record<string, string>>) => `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
const { dirname } = require('node:path')
appendFileSync('asked', require('node:path').basename(__filename) + '\\n')
for (const [file, text] of Object.entries(${JSON.stringify(files)})) {
  mkdirSync(dirname('dist/' + file), { recursive: true })
  writeFileSync('dist/' + file, text)
}
`

async function repository(
  t: Test,
): Promise<{ at: (path: string) => string; asked: () => Promise<string[]> } & Prepare> {
  const root = t.testdir({
    'package-lock.json': '{"packages":{}}',
    'tsconfig.json': '{}',
    src: { 'main.ts': '' },
    wall: { 'page.tsx': '' },
    client: { 'client.ts': '' },
  })
  const at = (path: string) => join(root, path)
  const write = async (path: string, text: string) => {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  await write('node_modules/typescript/bin/tsc', compiler({ 'src/main.js': '', 'client/client.js': '' }))
  const page = { 'wall-page/index.html': '', 'wall-page/assets/index-abc.js': '' }
  await write('node_modules/vite/bin/vite.js', compiler(page))
  await mkdir(at('scripts'))
  await cp(prepareModule, at('scripts/prepare.mjs'))
  const prepare = (await import(pathToFileURL(at('scripts/prepare.mjs')).href)) as Prepare
  const asked = async () => (await readFile(at('asked'), 'utf8')).trim().split('\n')
  return { at, asked, ...prepare }
}

t.test('the page of the wall is built once, and again when any of its files is gone', async (t) => {
  const { at, asked, buildWallWhenStale } = await repository(t)
  for (const _ of [1, 2]) t.equal(buildWallWhenStale().ok, true)
  t.equal((await asked()).length, 1, 'a second start builds nothing')
  for (const gone of ['dist/wall-page', 'dist/wall-page/assets/index-abc.js', 'dist/wall-page/index.html']) {
    const before = (await asked()).length
    await rm(at(gone), { recursive: true })
    t.equal(buildWallWhenStale().ok, true)
    t.equal((await asked()).length, before + 1, `${gone} is built again`)
  }
})

t.test('the service is compiled once, and again when an output is gone', async (t) => {
  const { at, asked, buildWhenStale } = await repository(t)
  for (const _ of [1, 2]) buildWhenStale()
  t.equal((await asked()).length, 1)
  await rm(at('dist/src/main.js'))
  buildWhenStale()
  t.equal((await asked()).length, 2)
  t.equal(await readFile(at('dist/src/main.js'), 'utf8'), '')
})
