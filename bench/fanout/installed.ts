/**
 * Which of the peers this machine can run, and in which version. Those from the registry are always there; nginx with
 * nchan and NATS only where somebody has installed them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeCommit } from '../machine.js'
import { repositoryRoot } from '../service.js'
import type { DialectName } from './dialects.js'

const packageVersion = (name: string): string => {
  const text = readFileSync(join(repositoryRoot, 'node_modules', name, 'package.json'), 'utf8')
  return `${name} ${(JSON.parse(text) as { version: string }).version}`
}

const said = (program: string, flag: string): string | undefined => {
  const { error, stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  return error ? undefined : `${stdout}${stderr}`.trim()
}

const nchanModule = '/usr/lib/nginx/modules/ngx_nchan_module.so'

/** Name and version; undefined when it is not there. NATS is one process, which holds what one process may open. */
export const versionOf = (name: DialectName): string | undefined => {
  switch (name) {
    case 'floor':
      return packageVersion('uWebSockets.js')
    case 'service':
      return `quotawatch ${describeCommit(repositoryRoot).revision.slice(0, 7)}`
    case 'nchan':
      return existsSync(nchanModule) ? said('nginx', '-v')?.replace(/^.*version: /, 'nchan in ') : undefined
    case 'nats':
      return said('nats-server', '-v')
    default:
      return packageVersion(name)
  }
}
