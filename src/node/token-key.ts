/**
 * The key that tokens are signed with: made on the first start, readable by its owner alone.
 *
 * The core makes it before a push process needs it, and `quotawatch token` may come first; whoever comes first wins and
 * the other reads what is there.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { QwError } from '../core/errors.js'

/** 256 bits, as many as HS256 has (RFC 7518, 3.2), as text without padding. */
const secretBytes = 32

/** The secret, made when the file is not there yet. QW_OPTION_INVALID when others may read it or it is too short. */
export async function openTokenKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const secret = (await readIfThere(file)) ?? (await make(file))
  if (secret.length < secretBytes) throw refuse(file, `must hold at least ${secretBytes} characters`)
  return secret
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file)
    if ((mode & 0o007) !== 0) throw refuse(file, 'must not be open to everybody: chmod 600')
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'EISDIR') throw refuse(file, `must be a file that can be read (${code})`)
    throw error
  }
}

/** Written whole and then linked, so that nobody ever reads half of it and the first one wins. */
async function make(file: string): Promise<string> {
  const part = `${file}.${process.pid}.part`
  const handle = await open(part, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(secretBytes).toString('base64url')}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await link(part, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(part)
  return (await readFile(file, 'utf8')).trim()
}

const refuse = (file: string, must: string): QwError =>
  new QwError('QW_OPTION_INVALID', { option: 'tokenSecretFile', value: file, must })
