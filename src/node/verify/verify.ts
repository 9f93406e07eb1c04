/**
 * `quotawatch verify`: the log, the record, what is served and what is stored, laid side by side, read only.
 *
 * A running service moves on meanwhile, so everything is compared up to where the log ended when the comparison began.
 * A service that is stopped is locked for the time, so that none is started in between.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.js'
import { QwError } from '../../core/errors.js'
import type { LogPosition } from '../../core/names.js'
import { type LogReader, openLogReader } from '../../log/reader.js'
import { clockOf, type DataPaths, dataPaths, type Holder, holdOrAsk } from '../data-directory.js'
import { knownOf } from '../evidence.js'
import { hostOf } from '../messages.js'
import { compareSideBySide, type SideBySide } from './log-and-record.js'
import { Findings, type LeftOut, type Report, type ServedReport, type StoreReport } from './report.js'
import { compareServed, judgedPosition } from './served.js'
import { openStoreOf } from './store-of.js'
import { compareStored } from './stored.js'
import { stretchesOf } from './stretches.js'

export interface VerifySettings {
  readonly config: Config
  /** How long the record and the store of a running service may take to come up to where its log is. */
  readonly waitMs: number
  /** False: the store is not looked at. */
  readonly withStore: boolean
  readonly onProgress: (what: string, done: number, total: number) => void
}

export async function verify(settings: VerifySettings): Promise<Report> {
  const { path, holder, release } = await holdOrAsk(settings.config.dataDirectory)
  try {
    const exercise = (await clockOf(path)) === 'scenario'
    return { exercise, ...(await new Verification(settings, dataPaths(path), holder).run()) }
  } finally {
    release()
  }
}

class Verification {
  readonly #settings: VerifySettings
  readonly #paths: DataPaths
  readonly #holder: Holder | undefined
  readonly #findings = new Findings()

  constructor(settings: VerifySettings, paths: DataPaths, holder: Holder | undefined) {
    this.#settings = settings
    this.#paths = paths
    this.#holder = holder
  }

  async run(): Promise<Omit<Report, 'exercise'>> {
    const reader = await this.#openLog()
    if (reader?.missingBefore) {
      const { file, reason } = reader.missingBefore
      this.#findings.differs('log', { position: reader.first }, `${file}: ${reason}`)
    }
    if (reader?.missing) {
      const { file, offset, reason } = reader.missing
      this.#findings.differs('log', { position: reader.head + 1 }, `is gone from ${file}, byte ${offset}: ${reason}`)
    }
    const sideBySide = reader && (await this.#sideBySide(reader))
    const unread: LeftOut = { leftOut: 'the log cannot be followed to its end' }
    const served = sideBySide ? await this.#served(sideBySide) : unread
    const store = reader && sideBySide ? await this.#stored(reader, sideBySide) : unread
    const { verdict, mismatches, mismatchCount, incomplete } = this.#findings
    const holder = this.#holder
    return {
      verdict,
      ...(holder ? { running: { pid: holder.pid, http: this.#http } } : {}),
      log: sideBySide?.log,
      record: sideBySide?.record,
      served,
      store,
      mismatches,
      mismatchCount,
      incomplete,
    }
  }

  get #http(): string | undefined {
    const addresses = this.#holder?.addresses
    return addresses && `http://${hostOf(addresses.httpHost)}:${addresses.httpPort}`
  }

  async #openLog(): Promise<LogReader | undefined> {
    try {
      return await openLogReader(this.#paths.logPath, await knownOf(this.#paths, this.#settings.config))
    } catch (error) {
      if (!(error instanceof QwError)) throw error
      this.#findings.differs('log', {}, error.message)
      return undefined
    }
  }

  async #sideBySide(reader: LogReader): Promise<SideBySide | undefined> {
    const { config, waitMs, onProgress } = this.#settings
    const findings = this.#findings
    const isRunning = this.#holder !== undefined
    if (isRunning) await this.#judgedUpTo(reader.head)
    // Opened again: what was set aside is written behind what could not be judged.
    const later = isRunning ? ((await this.#openLog()) ?? reader) : reader
    return compareSideBySide({
      reader: { ...reader, find: later.find },
      recordDirectory: this.#paths.recordPath,
      recordWaitMs: isRunning ? waitMs : 0,
      duplicateHorizonMs: config.duplicateHorizonMs,
      stretchesOf: () => stretchesOf(reader, this.#paths.snapshotPath, (reason) => findings.incomplete.push(reason)),
      engine: config,
      isRunning,
      findings,
      onProgress: (done, total) => onProgress('log and record', done, total),
    })
  }

  /** Waits until the service has judged the log as far as it is compared. */
  async #judgedUpTo(head: LogPosition): Promise<void> {
    const http = this.#http
    if (http === undefined) return
    const endMs = performance.now() + this.#settings.waitMs
    while ((await judgedPosition(http).catch(() => 0)) < head && performance.now() < endMs) await sleep(askEveryMs)
  }

  async #served({ record }: SideBySide): Promise<ServedReport | LeftOut> {
    if (!this.#holder) return { leftOut: 'nothing runs on the directory' }
    const http = this.#http
    if (http === undefined) return { leftOut: 'who runs on the directory does not say where it answers' }
    const { onProgress } = this.#settings
    try {
      const transitions = await compareServed({
        http,
        recordDirectory: this.#paths.recordPath,
        n: record.held,
        findings: this.#findings,
        onProgress: (done, total) => onProgress('what is served', done, total),
      })
      return { transitions }
    } catch (error) {
      const leftOut = error instanceof Error ? error.message : String(error)
      this.#findings.incomplete.push(`what is served could not be compared: ${leftOut}`)
      return { leftOut }
    }
  }

  async #stored(reader: LogReader, { settled }: SideBySide): Promise<StoreReport | LeftOut> {
    const { config, withStore, waitMs, onProgress } = this.#settings
    if (config.store === 'none') return { leftOut: 'none is configured' }
    if (!withStore) return { leftOut: 'not asked for' }
    const opened = await openStoreOf(config, this.#paths, this.#holder)
    try {
      return await compareStored({
        store: opened.store,
        reader,
        headNow: async () => (await openLogReader(this.#paths.logPath)).head,
        recordPath: this.#paths.recordPath,
        settled,
        writerDirectory: this.#paths.writerPath,
        isRunning: this.#holder !== undefined,
        ttlDays: config.storeTtlDays,
        waitMs,
        findings: this.#findings,
        onProgress: (done, total) => onProgress('what is stored', done, total),
      })
    } finally {
      await opened.close()
    }
  }
}

const askEveryMs = 50
