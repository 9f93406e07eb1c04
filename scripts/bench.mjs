/**
 * `npm run bench -- <bench> …`: builds when needed, then runs the bench in this process.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildWhenStale, installMissing, root } from './prepare.mjs'

try {
  installMissing()
  buildWhenStale()
  const main = join(root, 'dist', 'bench', 'main.js')
  process.argv = [process.execPath, main, ...process.argv.slice(2)]
  await import(pathToFileURL(main).href)
} catch (error) {
  console.error(error.stack)
  process.exitCode = 1
}
