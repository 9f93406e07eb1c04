/**
 * `npm start` and `npm run simulate`: from a fresh clone to a running service, or to a city that lives. What follows goes
 * to `quotawatch`.
 *
 * The service runs in this same process, so that Ctrl-C reaches it directly and nobody stands between.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildWallWhenStale, buildWhenStale, installMissing, root } from './prepare.mjs'

try {
  installMissing()
  buildWhenStale()
  const wall = buildWallWhenStale()
  if (!wall.ok) throw new Error(`the wall page could not be built\n${wall.output}`)
  const main = join(root, 'dist', 'src', 'main.js')
  process.argv = [process.execPath, main, ...process.argv.slice(2)]
  await import(pathToFileURL(main).href)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
