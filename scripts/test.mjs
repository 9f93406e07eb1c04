/**
 * `npm test`: installs, type-checks, lints, looks for dead code, runs all tests, and ends with `N passed, N failed`.
 *
 * A type error, a lint error and a failed test all count as failures, so that the last line is the whole verdict.
 * `npm test -- tests/log` runs only the tests whose path contains that; the checks run all the same.
 */
import { spawn } from 'node:child_process'
import { join, relative } from 'node:path'
import { installChromium } from './chromium.mjs'
import { build, buildWallWhenStale, filesUnder, installMissing, root, runProgram } from './prepare.mjs'

const only = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const tally = { passed: 0, failed: 0, skipped: [] }

try {
  installMissing()
} catch (error) {
  console.log(`FAILED packages: ${error.message}\n\n0 passed, 1 failed`)
  process.exit(1)
}
// Only now: on a fresh clone the package is not there before.
const { Parser } = await import('tap-parser')

const noChromium = installChromium()

check('types', build(), /error TS\d+/g)
check('types of the wall', runProgram('node_modules/typescript/bin/tsc', ['-p', 'wall/tsconfig.json']), /error TS\d+/g)
check('wall page', buildWallWhenStale(), /error/gi)
check('lint', runProgram('node_modules/@biomejs/biome/bin/biome', ['ci', '--colors=off', '.']), /^Found (\d+) errors?/m)
check('unused code', runProgram('node_modules/knip/bin/knip.js', ['--no-progress']), /^Unused .*\((\d+)\)/gm)
await runTests()
report()

/** Counts a tool that found nothing as one pass, and what it found as failures, at least one. */
function check(name, { ok, output }, pattern) {
  console.log(`${ok ? 'ok' : 'FAILED'} ${name}`)
  if (ok) {
    tally.passed += 1
    return
  }
  console.log(output.trimEnd())
  const found = [...output.matchAll(new RegExp(pattern, pattern.flags.replace('g', '').concat('g')))]
  const counted = found.reduce((sum, match) => sum + Number(match[1] ?? 1), 0)
  tally.failed += Math.max(1, counted)
}

async function runTests() {
  const directory = join(root, 'dist', 'tests')
  const files = filesUnder(directory)
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => relative(root, file))
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
  if (files.length === 0) {
    console.log('FAILED no test files found')
    tally.failed += 1
    return
  }
  const failedBefore = tally.failed
  const status = await tap(files)
  // tap may fail for what no test point tells, for example when it crashes itself.
  if (status !== 0 && tally.failed === failedBefore) {
    console.log(`FAILED tap ended with ${status}`)
    tally.failed += 1
  }
}

function tap(files) {
  const child = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', '--reporter=tap', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Whatever ends this process must not leave the tests running.
  process.once('exit', () => child.kill())
  const parser = new Parser()
  // The root parser says `pass`, `fail` and `skip` once for each assertion, however deep it stands.
  parser.on('pass', () => {
    tally.passed += 1
  })
  parser.on('fail', printFailure)
  parser.on('skip', (point) => tally.skipped.push(point))
  parser.on('todo', (point) => tally.skipped.push(point))
  parser.on('assert', (file) => {
    const took = file.time ? ` (${(file.time / 1000).toFixed(1)} s)` : ''
    console.log(`${file.ok ? 'ok' : 'FAILED'} ${file.name}${took}`)
  })
  parser.on('bailout', printBailout)
  child.stdout.pipe(parser)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve(status ?? signal))
  })
}

function printFailure(point) {
  tally.failed += 1
  console.log(`\n  not ok: ${point.fullname} > ${point.name}`)
  const { diff, stack, at, source, ...rest } = point.diag ?? {}
  if (at) console.log(`    at ${at.fileName}:${at.lineNumber}`)
  for (const text of [source, diff, stack]) if (text) console.log(indent(String(text)))
  if (Object.keys(rest).length > 0) console.log(indent(JSON.stringify(rest, undefined, 2)))
}

function printBailout(reason) {
  tally.failed += 1
  console.log(`\n  bailed out: ${reason}`)
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ')
}

function report() {
  if (noChromium) console.log(`\nno Chromium, so the walks through the wall failed: ${noChromium}`)
  if (tally.skipped.length > 0) console.log('\nskipped:')
  for (const point of tally.skipped)
    console.log(`  ${point.fullname} > ${point.name}: ${point.skip || point.todo || 'no reason given'}`)
  const skipped = tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : ''
  console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`)
  process.exitCode = tally.failed > 0 ? 1 : 0
}
