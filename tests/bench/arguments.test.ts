import t from 'tap'
import { describeFlags, parseFlags } from '../../bench/arguments.js'

const flags = {
  clients: { default: 2000, min: 1, max: 10_000, about: 'clients' },
  countyShare: { default: 0.5, min: 0, max: 1, fraction: true, about: 'share' },
} as const

t.test('flags left out take their default', async (t) => {
  t.strictSame(parseFlags(flags, []), { values: { clients: 2000, countyShare: 0.5 }, help: false })
})

t.test('flags are read by their written name', async (t) => {
  const parsed = parseFlags(flags, ['--clients', '7', '--county-share=0.25', '--json', 'a/b.json'])
  t.strictSame(parsed, { values: { clients: 7, countyShare: 0.25 }, help: false, json: 'a/b.json' })
})

t.test('a wrong value is refused with the number and its range', async (t) => {
  for (const wrong of ['0', '10001', '1.5', 'many', ''])
    t.throws(() => parseFlags(flags, [`--clients=${wrong}`]), {
      name: 'ArgumentError',
      message: `--clients ${wrong} must be a whole number between 1 and 10000`,
    })
  t.throws(() => parseFlags(flags, ['--county-share', '1.01']), { name: 'ArgumentError' })
})

t.test('an unknown flag and a stray word are refused', async (t) => {
  t.throws(() => parseFlags(flags, ['--client', '7']), { name: 'ArgumentError' })
  t.throws(() => parseFlags(flags, ['seven']), { name: 'ArgumentError' })
})

t.test('help lists every flag with range and default', async (t) => {
  t.match(describeFlags(flags), /--clients N +clients \(1…10000, default 2000\)/)
  t.match(describeFlags(flags), /--county-share N/)
  t.match(describeFlags(flags), /--json FILE/)
})

const words = {
  targets: { default: ['floor', 'ws'], words: ['floor', 'ws', 'nats'], about: 'who' },
} as const

t.test('words are read with commas between them, and one that is unknown is refused', async (t) => {
  t.strictSame(parseFlags(words, []).values, { targets: ['floor', 'ws'] })
  t.strictSame(parseFlags(words, ['--targets', 'nats,floor']).values, { targets: ['nats', 'floor'] })
  for (const wrong of ['nats,nots', '', ','])
    t.throws(() => parseFlags(words, [`--targets=${wrong}`]), {
      name: 'ArgumentError',
      message: `--targets ${wrong} must be some of floor,ws,nats`,
    })
  t.match(describeFlags(words), /--targets A,B +who \(floor, ws, nats; default floor,ws\)/)
})
