/**
 * A disk as it is at its worst, within what it promises: what was not synced may be gone after a power cut, any subset of
 * its sectors, in any order. A write that was interrupted is there in part. A sync that failed has lost what it was to
 * bring to the disk, and the next one succeeds without it, while everybody goes on reading it from memory (that is what
 * Linux does). Names of a directory come back in the order in which they were made, as a journal keeps them.
 */
import type { Random } from '../alerts/random.js'

const sectorBytes = 512

interface Write {
  readonly offset: number
  readonly bytes: Buffer
}

type Change = Write | { readonly size: number }

export class Inode {
  readonly id: number
  /** As it is read. */
  content: Buffer = Buffer.alloc(0)
  /** As it is on the disk. */
  durable: Buffer = Buffer.alloc(0)
  /** What may or may not be on the disk. */
  pending: Change[] = []

  constructor(id: number) {
    this.id = id
  }

  change(change: Change): void {
    this.content = changed(this.content, change)
    this.pending.push(change)
  }

  /**
   * This one is on the disk when it is done. What was to be there before it cannot come after it any more, and the size
   * of the file goes to the disk with it.
   */
  changeDurably(change: Change): void {
    for (const before of this.pending) if ('size' in before) this.durable = changed(this.durable, before)
    this.pending = this.pending.flatMap((before) => ('size' in before ? [] : without(before, change)))
    this.content = changed(this.content, change)
    this.durable = changed(this.durable, change)
  }

  sync(): void {
    for (const change of this.pending) this.durable = changed(this.durable, change)
    this.pending = []
  }

  /** What comes to the disk of it does so by chance; the rest never will. */
  lose(random: Random): void {
    for (const change of this.pending)
      for (const part of torn(change, random)) this.durable = changed(this.durable, part)
    this.pending = []
  }
}

type Names = Map<string, Inode>

class Directory {
  names: Names = new Map()
  #durable: Names = new Map()
  #pending: ((names: Names) => void)[] = []

  change(change: (names: Names) => void): void {
    change(this.names)
    this.#pending.push(change)
  }

  sync(): void {
    for (const change of this.#pending.splice(0)) change(this.#durable)
  }

  lose(random: Random): void {
    const kept = this.#pending.slice(0, random.whole(0, this.#pending.length))
    for (const change of kept) change(this.#durable)
    this.#pending = []
    this.names = new Map(this.#durable)
  }
}

/** An error as the system gives it. */
export const systemError = (code: string, what: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${what}`), { code })

export type Fault = 'write' | 'sync' | 'rename'

export class Disk {
  /** Nothing can grow. */
  isFull = false
  /** The next operation of this kind on a path that holds `path` fails with EIO. */
  failure: { readonly fault: Fault; readonly path: string } | undefined
  /** Every file that was deleted, by path: what the log once held must stay known to the checks. */
  readonly deleted = new Map<string, Buffer>()
  readonly #directories = new Map<string, Directory>()
  readonly #inodes = new Set<Inode>()

  makeDirectory(path: string): boolean {
    if (this.#directories.has(path)) return false
    this.#directories.set(path, new Directory())
    return true
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path)
  }

  list(path: string): string[] {
    return [...this.#directoryOf(path).names.keys()]
  }

  find(path: string): Inode | undefined {
    const [directory, name] = split(path)
    return this.#directories.get(directory)?.names.get(name)
  }

  get(path: string): Inode {
    const inode = this.find(path)
    if (!inode) throw systemError('ENOENT', path)
    return inode
  }

  create(path: string): Inode {
    if (this.isFull) throw systemError('ENOSPC', path)
    const [directory, name] = split(path)
    const inode = new Inode(this.#inodes.size + 1)
    this.#inodes.add(inode)
    this.#directoryOf(directory).change((names) => names.set(name, inode))
    return inode
  }

  unlink(path: string): void {
    const inode = this.get(path)
    this.deleted.set(path, inode.content)
    const [directory, name] = split(path)
    this.#directoryOf(directory).change((names) => names.delete(name))
  }

  rename(from: string, to: string): void {
    const inode = this.get(from)
    const [directory, oldName] = split(from)
    const [other, name] = split(to)
    if (directory !== other) throw new Error('moved only within a directory here')
    this.#directoryOf(directory).change((names) => {
      names.delete(oldName)
      names.set(name, inode)
    })
  }

  syncDirectory(path: string): void {
    this.#directoryOf(path).sync()
  }

  /** Whether this operation is the one that fails. */
  fails(fault: Fault, path: string): boolean {
    if (this.failure?.fault !== fault || !path.includes(this.failure.path)) return false
    this.failure = undefined
    return true
  }

  /** All processes are dead, and so is memory. */
  losePower(random: Random): void {
    for (const inode of this.#inodes) {
      inode.lose(random)
      inode.content = inode.durable
    }
    for (const directory of this.#directories.values()) directory.lose(random)
  }

  #directoryOf(path: string): Directory {
    const directory = this.#directories.get(path)
    if (!directory) throw systemError('ENOENT', path)
    return directory
  }
}

function split(path: string): [string, string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}

/** What of a write does not lie where the other one does. */
function without(write: Write, other: Change): Write[] {
  if ('size' in other) return [write]
  const [from, to] = [other.offset - write.offset, other.offset + other.bytes.length - write.offset]
  const before = { offset: write.offset, bytes: write.bytes.subarray(0, Math.max(0, from)) }
  const after = { offset: write.offset + Math.max(0, to), bytes: write.bytes.subarray(Math.max(0, to)) }
  return [before, after].filter(({ bytes }) => bytes.length > 0)
}

function changed(content: Buffer, change: Change): Buffer {
  if ('size' in change) {
    if (change.size <= content.length) return content.subarray(0, change.size)
    return Buffer.concat([content, Buffer.alloc(change.size - content.length)])
  }
  const { offset, bytes } = change
  const result = Buffer.alloc(Math.max(content.length, offset + bytes.length))
  content.copy(result)
  bytes.copy(result, offset)
  return result
}

/** What there is of a change that was not brought to its end. */
export function torn(change: Change, random: Random): Change[] {
  if ('size' in change) return random.chance(0.5) ? [change] : []
  const sectors = sectorsOf(change)
  const kept = random.pick([
    () => sectors,
    () => [],
    () => sectors.slice(0, random.whole(0, sectors.length)),
    () => sectors.filter(() => random.chance(0.5)),
  ])()
  // The size of the file may be there without its bytes.
  const size = change.offset + change.bytes.length
  return random.chance(0.5) ? kept : [...kept, { offset: size, bytes: Buffer.alloc(0) }]
}

function sectorsOf({ offset, bytes }: Write): Write[] {
  const sectors: Write[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + sectorBytes - ((offset + at) % sectorBytes))
    sectors.push({ offset: offset + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return sectors
}
