/**
 * What the push processes of a service hold in memory, all together.
 */
import { readGroup } from './process-cpu.js'

/** Resident bytes. The kernel's share of a connection (about 4 KB at each end) is not in it. */
export const pushBytes = (servicePid: number): number =>
  readGroup(servicePid)
    .filter(({ name }) => name === 'push-process.js')
    .reduce((sum, { residentBytes }) => sum + residentBytes, 0)
