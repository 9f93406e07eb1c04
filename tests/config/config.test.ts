import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { loadConfig, type OptionName } from '../../src/config/config.js'
import type { Option } from '../../src/config/option-kinds.js'
import { environmentName, optionNames, options } from '../../src/config/options.js'
import { configAsJson, configAsTable, configurationPage } from '../../src/config/printed.js'
import { QwError } from '../../src/core/errors.js'

const empty = t.testdir({})
const load = (settings: readonly string[] = [], environment: Record<string, string> = {}, directory = empty) =>
  loadConfig({ directory, environment, settings })

/** The message of the QwError that `act` throws. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof QwError) return error.message
    throw error
  }
  return '(nothing was thrown)'
}

t.test('without any source every option has its default, and the object is frozen', async (t) => {
  const { config, sources, file } = load()
  t.equal(file, undefined)
  t.equal(config.httpPort, 8600)
  t.equal(config.clock, 'system')
  t.equal(config.cohortSubscribersMax, 128)
  t.equal(config.dataDirectory, join(empty, 'var/data'))
  t.equal(config.tokenSecretFile, join(empty, 'var/data/token.secret'))
  t.ok(Object.isFrozen(config))
  t.same(new Set(Object.values(sources)), new Set(['default']))
  t.same(Object.keys(config), optionNames)
})

t.test('an argument wins over the environment, which wins over the file, which wins over the default', async (t) => {
  const directory = t.testdir({ 'quotawatch.yaml': 'httpPort: 1\nstreamPort: 2\ncriticalPort: 3\npolicy: desk\n' })
  const environment = { QUOTAWATCH_STREAM_PORT: '22', QUOTAWATCH_CRITICAL_PORT: '33', PATH: '/bin' }
  const { config, sources, file } = load(['criticalPort=332', 'criticalPort=333'], environment, directory)
  t.match(config, { httpPort: 1, streamPort: 22, criticalPort: 333, policy: 'desk', shards: 1 })
  t.match(sources, { httpPort: 'file', streamPort: 'environment', criticalPort: 'argument', shards: 'default' })
  t.equal(file, join(directory, 'quotawatch.yaml'))
})

t.test('the file is the one of --config, else of QUOTAWATCH_CONFIG, and may be JSON', async (t) => {
  const directory = t.testdir({
    'a.json': '{ "httpPort": 7001 }',
    'b.yaml': 'httpPort: 7002',
    'nothing.yaml': '# nothing set\n',
  })
  const named = (file: string | undefined, QUOTAWATCH_CONFIG?: string) =>
    loadConfig({ directory, environment: { QUOTAWATCH_CONFIG }, ...(file === undefined ? {} : { file }) }).config
      .httpPort
  t.equal(named('a.json', 'b.yaml'), 7001)
  t.equal(named(undefined, 'b.yaml'), 7002)
  t.equal(named('nothing.yaml'), 8600)
  t.match(
    refusal(() => named('gone.yaml')),
    /^QW_OPTION_INVALID config .*gone\.yaml must be a file of YAML or JSON/,
  )
})

t.test('a message names the option, the value and what it must be', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['cohortSubscribersMax=0', 'QW_OPTION_INVALID cohortSubscribersMax 0 must be between 1 and 100000'],
    ['cohortSubscribersMax=100001', 'QW_OPTION_INVALID cohortSubscribersMax 100001 must be between 1 and 100000'],
    ['httpPort=8600.5', 'QW_OPTION_INVALID httpPort 8600.5 must be a whole number'],
    ['httpPort=', 'QW_OPTION_INVALID httpPort (empty) must be a whole number'],
    ['segmentBytesMax=64MiB', 'QW_OPTION_INVALID segmentBytesMax 64MiB must be a whole number'],
    ['heartbeatMs=1e4', 'QW_OPTION_INVALID heartbeatMs 1e4 must be a whole number'],
    ['clock=utc', 'QW_OPTION_INVALID clock utc must be one of system, scenario'],
    ['faultDropRatio=1.01', 'QW_OPTION_INVALID faultDropRatio 1.01 must be between 0 and 1'],
    [
      'scenarioStart=2024-01-02',
      'QW_OPTION_INVALID scenarioStart 2024-01-02 must be a time with offset, for example 2024-01-02T00:00:00+08:00',
    ],
    ['httpHost=a b', 'QW_OPTION_INVALID httpHost a b must be an IP address or a host name'],
    ['httpPort', 'QW_OPTION_INVALID set httpPort must be option=value'],
    [
      'cohortSubscriberMax=5',
      'QW_OPTION_UNKNOWN no option cohortSubscriberMax is known; did you mean cohortSubscribersMax?',
    ],
    ['zzzzzzzz=5', 'QW_OPTION_UNKNOWN no option zzzzzzzz is known'],
  ]
  for (const [setting, message] of cases)
    t.equal(
      refusal(() => load([setting])),
      message,
    )
})

t.test(
  'the address of a ClickHouse is scheme, host and port; whatever else stands in it is refused and not repeated',
  async (t) => {
    const at = (url: string) => load([], { CLICKHOUSE_URL: url }).config.clickhouseUrl
    for (const url of ['', 'http://ch.example:8123', 'https://10.0.0.7:8443/']) t.equal(at(url), url)
    for (const rest of ['/?compress=1', '/?x=y', '/reform', '/#x']) {
      const said = refusal(() => at(`http://ch.example:8123${rest}`))
      t.match(
        said,
        /^QW_OPTION_INVALID clickhouseUrl given must be an http or https address of scheme, host and port/,
        rest,
      )
    }
    for (const url of ['http://u:secret@ch.example', 'ftp://ch.example', 'ch.example:8123', 'nonsense'])
      t.notMatch(
        refusal(() => at(url)),
        /secret|ch\.example|nonsense/,
      )
  },
)

t.test('a number in a file may not be a list, a word or missing', async (t) => {
  for (const content of ['httpPort: [1]', 'httpPort: many', 'httpPort:', 'httpPort: {}', 'httpPort: .inf']) {
    const directory = t.testdir({ 'quotawatch.yaml': content })
    t.match(
      refusal(() => load([], {}, directory)),
      /^QW_OPTION_INVALID httpPort .* must be a whole number$/,
      content,
    )
  }
  for (const content of ['- httpPort: 1', 'just words', 'httpPort: 1\n  bad: : indent'])
    t.match(
      refusal(() => load([], {}, t.testdir({ 'quotawatch.yaml': content }))),
      /^QW_OPTION_INVALID config .*quotawatch\.yaml must /,
      content,
    )
})

t.test('an unknown variable is refused by its own name; those that Kubernetes sets are left alone', async (t) => {
  t.equal(
    refusal(() => load([], { QUOTAWATCH_HTTP_PROT: '1' })),
    'QW_OPTION_UNKNOWN no option QUOTAWATCH_HTTP_PROT is known; did you mean QUOTAWATCH_HTTP_PORT?',
  )
  const set = {
    QUOTAWATCH_SERVICE_HOST: '10.0.0.1',
    QUOTAWATCH_PORT: 'tcp://10.0.0.1:8600',
    QUOTAWATCH_PORT_8600_TCP: 'x',
  }
  t.equal(load([], set).config.httpPort, 8600)
})

t.test('relations between options are kept', async (t) => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['streamPort=8600'], 'QW_OPTION_INVALID streamPort 8600 must not be the same as httpPort'],
    [['criticalPort=8601'], 'QW_OPTION_INVALID criticalPort 8601 must not be the same as streamPort'],
    [
      ['restartBackoffMs=20000'],
      'QW_OPTION_INVALID restartBackoffMs 20000 must not be above restartBackoffMsMax 10000',
    ],
    [['segmentBytesMax=65536'], 'QW_OPTION_INVALID batchBytesMax 8388608 must not be above segmentBytesMax 65536'],
    [
      ['pendingEntriesMax=40000'],
      'QW_OPTION_INVALID eventsPerRequestMax 50000 must not be above pendingEntriesMax 40000',
    ],
    [['streamHost=0.0.0.0'], 'QW_OPTION_INVALID anonymousRole wall must be none while streamHost is 0.0.0.0'],
  ]
  for (const [settings, message] of cases)
    t.equal(
      refusal(() => load(settings)),
      message,
    )
  for (const host of ['0.0.0.0', '::', '192.168.1.4', 'quota.example', '128.0.0.1'])
    t.match(
      refusal(() => load([`httpHost=${host}`])),
      /^QW_OPTION_INVALID httpHost \S+ must be a loopback address/,
      host,
    )
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
    t.equal(load([`httpHost=${host}`]).config.httpHost, host)
  t.equal(load(['streamHost=::', 'anonymousRole=none']).config.streamHost, '::')
  t.equal(load(['httpPort=0', 'streamPort=0', 'criticalPort=0']).config.criticalPort, 0, 'free ports never collide')
})

t.test('every bound of every number is taken, and one past it is refused', async (t) => {
  for (const name of optionNames) {
    const option: Option = options[name]
    if (option.type !== 'whole') continue
    for (const value of [option.min - 1, option.max + 1])
      t.equal(
        refusal(() => load([`${name}=${value}`])),
        `QW_OPTION_INVALID ${name} ${value} must be between ${option.min} and ${option.max}`,
      )
    for (const value of [option.min, option.max])
      t.notMatch(
        refusal(() => load([`${name}=${value}`])),
        /must be between/,
        `${name}=${value}`,
      )
    t.ok(option.default >= option.min && option.default <= option.max, `${name} has a default in its range`)
  }
})

t.test('the same value in a file, a variable and an argument gives the same configuration', async (t) => {
  const wholes = optionNames.filter((name) => options[name].type === 'whole' && !name.endsWith('Port'))
  const setting = fc.constantFrom(...wholes).chain((name) => {
    const { min, max } = options[name] as { min: number; max: number }
    return fc.tuple(fc.constant(name), fc.integer({ min, max }))
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(setting, ([name, value]) => {
        const directory = t.testdir({ 'quotawatch.yaml': `${name}: ${value}` })
        const ways = [
          () => load([`${name}=${value}`]),
          () => load([], { [environmentName(name)]: String(value) }),
          () => loadConfig({ directory: empty, environment: {}, file: join(directory, 'quotawatch.yaml') }),
        ].map((way) => {
          try {
            return JSON.stringify(way().config)
          } catch (error) {
            return (error as Error).message
          }
        })
        return new Set(ways).size === 1
      }),
      { numRuns: 30 },
    ),
  )
})

t.test('every name says its unit, and its variable leads back to it', async (t) => {
  const variables = new Set(optionNames.map(environmentName))
  t.equal(variables.size, optionNames.length)
  t.equal(environmentName('restartBackoffMsMax'), 'QUOTAWATCH_RESTART_BACKOFF_MS_MAX')
  for (const name of optionNames) {
    const option: Option = options[name]
    if (option.type !== 'whole') continue
    t.equal(/Ms(Max|Min)?$/.test(name), option.unit === 'ms', `${name} is in ${option.unit}`)
    t.equal(/Bytes(PerEntry)?(Max|Min)?$/.test(name), option.unit === 'bytes', `${name} is in ${option.unit}`)
  }
})

t.test('what is printed holds every option with its value and source, and no secret', async (t) => {
  const directory = t.testdir({ 'token.secret': 'c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM' })
  const loaded = loadConfig({
    directory,
    environment: { QUOTAWATCH_SHARDS: '3' },
    settings: ['tokenSecretFile=token.secret'],
  })
  const table = configAsTable(loaded)
  const json = JSON.parse(configAsJson(loaded)) as { options: Record<OptionName, { value: unknown; source: string }> }
  t.match(table, /^shards +3 +threads +1 … 64 +environment$/m)
  t.match(json.options.shards, { value: 3, source: 'environment', unit: 'threads' })
  t.same(Object.keys(json.options), optionNames)
  for (const name of optionNames) t.match(table, new RegExp(`^${name} `, 'm'))
  t.notMatch(table + configAsJson(loaded), /c2VjcmV0/)
})

t.test('docs/configuration.md is what the table of options says', async (t) => {
  t.equal(await readFile('docs/configuration.md', 'utf8'), configurationPage(), 'run: node scripts/write-docs.mjs')
})
