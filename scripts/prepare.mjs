/**
 * From a clone to something that runs: packages, then compiled files. Called by start, test and bench.
 *
 * Each step first looks whether it is needed, so that a second start costs a directory walk. Whether packages are
 * missing is decided by content and not by file times, because a checkout gives every file a new time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const builtStamp = join(dist, '.built')
const wallStamp = join(dist, '.wall-built')
const wallPage = join(dist, 'wall-page')
const sourceDirectories = ['src', 'client', 'wall/model', 'tests', 'bench']

/** A program of node_modules, run by this very Node; `output` is what it wrote to both streams. */
export function runProgram(script, args, { inherit = false } = {}) {
  const child = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
  })
  if (child.error) throw child.error
  return { ok: child.status === 0, output: `${child.stdout ?? ''}${child.stderr ?? ''}` }
}

/** Installs exactly what package-lock.json names, when what is installed differs from it. */
export function installMissing() {
  const missing = missingPackages()
  if (missing.length === 0) return
  const modules = join(root, 'node_modules')
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink())
    throw new Error(`node_modules is a link to a shared directory and lacks ${missing.join(', ')}: install there`)
  console.error(`installing ${missing.length} packages`)
  // Not `npm ci`: it refuses a lock file without the binaries of every other platform, and a registry inside an intranet
  // seldom has those. `--no-save` takes the versions of the lock file and leaves it as it is; what is there is compared.
  // `--include=dev`: NODE_ENV=production must not leave out the compiler that the build needs.
  const words = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawnSync('npm', words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (child.error) throw child.error
  if (child.status !== 0) throw new Error(`npm install ended with ${child.status ?? child.signal}`)
  const still = missingPackages()
  if (still.length > 0) throw new Error(`npm install did not bring what package-lock.json names: ${still.join(', ')}`)
}

/** Names of packages that the lock file asks for and node_modules has not, or has in another version. */
function missingPackages() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  // Optional ones are binaries for other platforms, or this platform's and then installed with their owner.
  return Object.entries(wanted)
    .filter(([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version)
    .map(([path]) => path.replace(/^node_modules\//, ''))
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/**
 * Compiles when a source is newer than the last good build, or an output is gone; types are not checked, which takes most of a build: who starts
 * a service has no use for it, and `npm test` checks.
 */
export function buildWhenStale() {
  const builtMs = existsSync(builtStamp) ? statSync(builtStamp).mtimeMs : 0
  if (newestSourceMs() <= builtMs && !outputsMissing()) return
  console.error('building')
  const { ok, output } = build('--noCheck')
  if (!ok) throw new Error(`the build failed\n${output}`)
}

/** Compiles. Files are written even when there are type errors, so that the tests can say what else is wrong. */
export function build(...words) {
  if (outputsMissing()) rmSync(join(dist, '.tsbuildinfo'), { force: true })
  const result = runProgram('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json', '--pretty', 'false', ...words])
  removeOrphans()
  mkdirSync(dist, { recursive: true })
  if (result.ok) writeFileSync(builtStamp, '')
  else rmSync(builtStamp, { force: true })
  return result
}

/** Builds the page of the wall when one of its files, or of the client that it is built with, is newer, or it is not whole. */
export function buildWallWhenStale() {
  const builtMs = existsSync(wallStamp) ? statSync(wallStamp).mtimeMs : 0
  const files = ['wall', 'client'].flatMap((directory) => filesUnder(join(root, directory)))
  const newestMs = Math.max(...[...files, join(root, 'package-lock.json')].map((file) => statSync(file).mtimeMs))
  if (newestMs <= builtMs && isWallWhole()) return { ok: true, output: '' }
  const result = runProgram('node_modules/vite/bin/vite.js', ['build', '--config', 'wall/vite.config.mjs'])
  if (result.ok)
    writeFileSync(
      wallStamp,
      filesUnder(wallPage)
        .map((file) => `${relative(wallPage, file)}\n`)
        .join(''),
    )
  return result
}

/** The stamp names the files that were built: each of them may have been deleted since. */
function isWallWhole() {
  const names = readFileSync(wallStamp, 'utf8')
    .split('\n')
    .filter((name) => name !== '')
  return names.length > 0 && names.every((name) => existsSync(join(wallPage, name)))
}

/** Compiled files whose source is gone: a removed test must not go on passing. */
function removeOrphans() {
  for (const directory of sourceDirectories)
    for (const file of filesUnder(join(dist, directory))) {
      const source = join(root, relative(dist, file)).replace(/\.js(\.map)?$/, '.ts')
      if (!existsSync(source)) rmSync(file)
    }
}

/** tsc's incremental memory does not notice that an output was deleted. */
function outputsMissing() {
  return sources().some((file) => !existsSync(join(dist, relative(root, file)).replace(/\.ts$/, '.js')))
}

function newestSourceMs() {
  const files = [...sources(), join(root, 'tsconfig.json'), join(root, 'package-lock.json')]
  return Math.max(...files.map((file) => statSync(file).mtimeMs))
}

const sources = () =>
  sourceDirectories.flatMap((directory) =>
    filesUnder(join(root, directory)).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
  )

export function filesUnder(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}
