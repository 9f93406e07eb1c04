/**
 * Previews of rule sets, as the core gives them: so many at once, each in a process of its own at low priority, and each
 * ended when it takes too long.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import type { Config } from '../../config/config.js'
import { QwError } from '../../core/errors.js'
import type { UnixMs } from '../../core/names.js'
import type { Judge } from '../../workers/judge.js'
import type { DataPaths } from '../data-directory.js'
import type { Told } from './told.js'
import type { Answer, Question } from './words.js'

type Limits = Pick<
  Config,
  'previewsMax' | 'previewMsMax' | 'previewNiceness' | 'previewHeapBytesMax' | 'shards' | 'clock'
>

export interface PreviewNeeds {
  readonly limits: Limits
  readonly paths: Pick<DataPaths, 'logPath' | 'snapshotPath'>
  readonly judge: Pick<Judge, 'read' | 'position' | 'n' | 'skipped'>
  /** Where the state lies that this start began from. */
  readonly skippedFrom: Question['skippedFrom']
  readonly nowMs: () => UnixMs
  /** What the process is, unless a test takes its place. */
  readonly module?: URL
}

const mebibyte = 1024 * 1024

export class Previews {
  readonly #needs: PreviewNeeds
  readonly #running = new Set<ChildProcess>()
  #begun = 0

  constructor(needs: PreviewNeeds) {
    this.#needs = needs
  }

  /** What would change if the rule file `text` judged from now on. @throws QwError */
  async tell(text: string, limit: number): Promise<Told> {
    if (this.#begun >= this.#needs.limits.previewsMax) throw new QwError('QW_OVERLOADED', { queue: 'previews' })
    this.#begun += 1
    try {
      const first = await this.#ask(text, limit)
      // The snapshot or a segment went while it was being opened; there is a newer one then.
      const isGone = first.kind === 'refused' && first.code === 'QW_LOG_TRIMMED'
      const answer = isGone ? await this.#ask(text, limit) : first
      if (answer.kind === 'refused') throw new QwError(answer.code, answer.detail)
      return answer.told
    } finally {
      this.#begun -= 1
    }
  }

  /** Ends what runs. */
  close(): void {
    for (const child of this.#running) child.kill('SIGKILL')
  }

  async #ask(text: string, limit: number): Promise<Answer> {
    const { limits, paths, judge, skippedFrom, nowMs } = this.#needs
    // A read is answered when everything that was durable before is judged.
    await judge.read({ kind: 'head', topic: 'all' })
    const { position, n, skipped } = judge
    return this.#run({
      text,
      limit,
      logPath: paths.logPath,
      snapshotPath: paths.snapshotPath,
      shards: limits.shards,
      position,
      n,
      nowMs: nowMs(),
      clockRuns: limits.clock === 'system',
      skipped,
      skippedFrom,
    })
  }

  #run(question: Question): Promise<Answer> {
    const { previewMsMax, previewHeapBytesMax } = this.#needs.limits
    const heap = `--max-old-space-size=${Math.floor(previewHeapBytesMax / mebibyte)}`
    const module = this.#needs.module ?? new URL('./preview-process.js', import.meta.url)
    const child = fork(module, [], { execArgv: [heap], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#running.add(child)
    const held: { timer?: NodeJS.Timeout } = {}
    return new Promise<Answer>((resolve, reject) => {
      const endWith = (reason: string) => reject(new QwError('QW_PREVIEW_ENDED', { reason }))
      held.timer = setTimeout(() => endWith(`it took longer than previewMsMax ${previewMsMax}`), previewMsMax)
      child.once('spawn', () => {
        this.#stepBack(child)
        child.send(question, () => undefined)
      })
      child.once('message', (answer: Answer) => resolve(answer))
      child.once('exit', (code, signal) => endWith(`its process ended (${signal ?? `exit code ${code}`})`))
      child.on('error', (error) => endWith(error.message))
    }).finally(() => {
      clearTimeout(held.timer)
      child.kill('SIGKILL')
      this.#running.delete(child)
    })
  }

  #stepBack({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) setPriority(pid, this.#needs.limits.previewNiceness)
    } catch {
      // A system that does not permit it runs it as any other.
    }
  }
}
