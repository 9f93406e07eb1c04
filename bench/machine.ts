/**
 * On what and with what a figure was measured: without these a figure is hearsay.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
  /** The kernel shares the cores out by session, so priorities say nothing between the service and its clients. */
  readonly autogroup?: boolean
}

/**
 * Linux gives every session an equal share of the cores (sched_autogroup), and a priority counts within its session only.
 * The service has a session of its own here, all clients share another: half the cores each, whatever their priorities.
 * In a control group, where a system's services live, that is not so. `enabled`: the kernel's setting; `cgroup`:
 * /proc/self/cgroup.
 */
export const sharesBySession = (enabled: string, cgroup: string): boolean =>
  enabled.trim() === '1' &&
  /^(?:[0-9]+:(?:[^:]*,)?cpu(?:,[^:]*)?|0:):\/$/m.test(cgroup) &&
  !/^[0-9]+:(?:[^:]*,)?cpu(?:,[^:]*)?:\/./m.test(cgroup)

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

const autogroup = (): boolean =>
  sharesBySession(readOr('/proc/sys/kernel/sched_autogroup_enabled', '0'), readOr('/proc/self/cgroup', ''))

export const describeMachine = (): Machine => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryBytes: os.totalmem(),
  kernel: `${os.type()} ${os.release()}`,
  node: process.version,
  autogroup: autogroup(),
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
