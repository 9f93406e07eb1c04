/** Whatever shows that the log once went further is heard, and what cannot be read shows nothing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { dataPaths } from '../../src/node/data-directory.js'
import { provenEnd } from '../../src/node/evidence.js'

const transition = (n: number, position: number) => JSON.stringify({ n, position })

const cases: readonly [string, Readonly<Record<string, string>>, number | undefined, RegExp?][] = [
  ['an empty directory', {}, undefined],
  [
    'a snapshot',
    { 'snapshots/0000000000000007.snapshot': '', 'snapshots/0000000000000003.snapshot': '' },
    7,
    /snapshot/,
  ],
  [
    'the last whole line of the record',
    { 'record/0000000000000001.ndjson': `${transition(1, 4)}\n${transition(2, 9)}\n{"n":3,"posi` },
    9,
    /transition 2 /,
  ],
  [
    'the file before a newest one without a line',
    { 'record/0000000000000001.ndjson': `${transition(1, 4)}\n`, 'record/0000000000000002.ndjson': '' },
    4,
  ],
  [
    'a line longer than what is read at once',
    { 'record/0000000000000001.ndjson': `${JSON.stringify({ n: 1, position: 5, text: 'x'.repeat(3e5) })}\n` },
    5,
  ],
  ['a range that was sent', { 'writer/range.json': '{"from":5,"to":106}\n' }, 106, /range\.json/],
  ['a checkpoint', { 'writer/checkpoint.ndjson': '{"position":12,"n":1,"units":0}\n' }, 12, /checkpoint\.ndjson/],
  [
    'the furthest of them',
    { 'writer/range.json': '{"from":1,"to":5}', 'snapshots/0000000000000008.snapshot': '' },
    8,
    /snapshot/,
  ],
  ['damaged files', { 'writer/range.json': '{"from":5,"t', 'writer/checkpoint.ndjson': 'null' }, undefined],
]

for (const [name, files, position, shownBy] of cases)
  t.test(name, async (t) => {
    const directory = t.testdir({})
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    const proven = await provenEnd(dataPaths(directory))
    t.equal(proven?.position, position)
    if (shownBy) t.match(proven?.shownBy, shownBy)
  })
