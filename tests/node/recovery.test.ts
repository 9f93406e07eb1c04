/** What a start says when it has no state to begin from, or may not judge the log again: the cause, by name. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { engineVersion } from '../../src/alerts/shard.js'
import { loadConfig } from '../../src/config/config.js'
import type { LogPosition } from '../../src/core/names.js'
import { openLog } from '../../src/log/log.js'
import { openRecord } from '../../src/log/record.js'
import { dataPaths, openDataDirectory } from '../../src/node/data-directory.js'
import { recover } from '../../src/node/recovery.js'
import { createGateMemory } from '../../src/workers/gate-board.js'
import { settingsFor } from '../log/fixtures.js'
import { type Made, makeDirectory, world } from './judged-directory.js'

/** A start on it, as far as the state; `trimmedTo`: the log was trimmed before. */
async function started({ directory }: Made, shards: number, trimmedTo = 1): Promise<void> {
  const paths = dataPaths(directory)
  const { config } = loadConfig({ settings: [`shards=${shards}`], environment: {}, directory })
  const onFatal = (error: Error) => {
    throw error
  }
  const log = await openLog(settingsFor(paths.logPath, { segmentBytesMax: 20_000 }))
  const record = await openRecord({ ...config, directory: paths.recordPath, onFatal })
  try {
    await log.trim(trimmedTo as LogPosition)
    const gate = createGateMemory(shards, config.gateUnitsMax)
    const quiet = { onJudged: () => undefined, warn: () => undefined, says: () => undefined, onFatal }
    const { judge } = await recover({ config, paths, log, record, gate, ...quiet })
    await judge.close()
  } finally {
    await record.close()
    await log.close()
  }
}

t.test(
  'without a snapshot that can be used a trimmed log is not begun from, and each is named with its reason',
  async (t) => {
    const made = await makeDirectory(t, world(21), 40)
    const { snapshotPath } = dataPaths(made.directory)
    const path = join(snapshotPath, readdirSync(snapshotPath)[0] as string)
    const other = new RegExp(`begins at position \\d+, .*${path} was made with 1 shards, and 2 are configured`)
    await t.rejects(started(made, 2, made.head), { code: 'QW_NO_STATE', message: other })
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await t.rejects(started(made, 1), { code: 'QW_NO_STATE', message: new RegExp(`${path} is damaged: `) })
  },
)

t.test('a log that another version judged is left to it, and nothing is advised that does not exist', async (t) => {
  const made = await makeDirectory(t, world(22, '0'))
  const error = {
    code: 'QW_ENGINE_VERSION',
    detail: { was: '0', is: engineVersion },
    message: /put the version that judged it back/,
  }
  await t.rejects(started(made, 1), error)
})

t.test('a birth that is empty or says no clock is named', async (t) => {
  const directory = t.testdir({})
  for (const text of ['', '{}', 'null']) {
    writeFileSync(join(directory, 'birth.json'), text)
    const file = join(directory, 'birth.json')
    await t.rejects(openDataDirectory(directory, 'system'), { code: 'QW_BIRTH_DAMAGED', detail: { file } })
  }
  writeFileSync(join(directory, 'birth.json'), '{"format":1,"clock":"system"}')
  const { release } = await openDataDirectory(directory, 'system')
  release()
})
