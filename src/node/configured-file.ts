/**
 * Files that the configuration names. One that is not there, or that nobody may read, is a mistake in the configuration:
 * the start ends and names the option, the path that was looked at, and the reason. What the machine lacks for the moment
 * (descriptors, memory) is left as it is, so that the start waits for it.
 */
import { readFile } from 'node:fs/promises'
import type { OptionName } from '../config/config.js'
import { QwError } from '../core/errors.js'

/** errno(3). */
const mistakes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM'])

/** QW_OPTION_INVALID for a file that cannot be read. */
export async function readConfigured(option: OptionName, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!mistakes.has(code)) throw error
    throw new QwError('QW_OPTION_INVALID', { option, value: file, must: `must be a file that can be read (${code})` })
  }
}
