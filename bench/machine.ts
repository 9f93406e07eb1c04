/**
 * On what and with what a figure was measured: without these a figure is hearsay.
 */
import { execFileSync } from 'node:child_process'
import os from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
}

export const describeMachine = (): Machine => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryBytes: os.totalmem(),
  kernel: `${os.type()} ${os.release()}`,
  node: process.version,
})

export interface Commit {
  /** `unknown` outside a git checkout. */
  readonly revision: string
  /** True when tracked files differ from it. */
  readonly dirty: boolean
}

const git = (directory: string, args: readonly string[]): string =>
  execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

export const describeCommit = (directory: string): Commit => {
  try {
    return {
      revision: git(directory, ['rev-parse', 'HEAD']),
      dirty: git(directory, ['status', '--porcelain', '--untracked-files=no']) !== '',
    }
  } catch {
    return { revision: 'unknown', dirty: true }
  }
}
