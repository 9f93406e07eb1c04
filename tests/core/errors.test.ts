import { readFile } from 'node:fs/promises'
import t from 'tap'
import { type ErrorCode, errorRow, errorTable, explain, QwError } from '../../src/core/errors.js'
import { errorPage } from '../../src/http/error-page.js'

const codes = Object.keys(errorTable) as ErrorCode[]

t.test('docs/errors.md is what the table of errors says', async (t) => {
  t.equal(await readFile('docs/errors.md', 'utf8'), errorPage(), 'run: node scripts/write-docs.mjs')
})

t.test('a code has a form, a meaning, and numbers that mean what the protocols say', async (t) => {
  for (const code of codes) {
    const { status, close, meaning } = errorRow(code)
    t.match(code, /^QW_[A-Z]+(_[A-Z]+)*$/)
    t.match(meaning, /^[^|\n]+[^.\n]$/, `${code}: one sentence that fits a row of a table`)
    t.ok(status === undefined || (status >= 400 && status <= 599), `${code} ${status}`)
    // RFC 6455 section 7.4.2: 4000-4999 are for private use.
    t.ok(close === undefined || (close >= 4000 && close <= 4999), `${code} ${close}`)
  }
})

t.test('a meaning is filled from the detail; what is missing stays visible', async (t) => {
  t.equal(
    new QwError('QW_RETURN_EXCEEDS_LOAN', { count: 5, loanId: 'L-1', out: 3 }).message,
    'QW_RETURN_EXCEEDS_LOAN returns 5, but loan L-1 has 3 out; waits for more to be lent',
  )
  t.equal(explain('QW_UNIT_UNKNOWN'), 'waits for unit {unit} to be registered')
  t.equal(explain('QW_UNIT_UNKNOWN', { unit: '$&' }), 'waits for unit $& to be registered', 'a value is no pattern')
})
