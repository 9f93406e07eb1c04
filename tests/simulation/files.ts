/**
 * `node:fs` and `node:fs/promises` over the simulated disk: what the real code calls of them, and no more. Every call
 * takes its time, and one of a process that is dead has no effect and no end.
 */
import { constants } from 'node:fs'
import { type Disk, type Inode, systemError, torn } from './disk.js'
import type { Life, Machine } from './machine.js'

type Done = (error: Error | null, bytes: number) => void

interface Open {
  path: string
  /** Absent: a directory. */
  readonly inode: Inode | undefined
  readonly isDsync: boolean
  position: number
}

const { O_CREAT, O_EXCL, O_DSYNC } = constants
const blockBytes = 4096

const flagsOf = (flags: string | number): { creates: boolean; excludes: boolean; cuts: boolean; isDsync: boolean } => {
  if (typeof flags === 'string')
    return { creates: /^w/.test(flags), excludes: flags === 'wx', cuts: flags === 'w', isDsync: false }
  const has = (flag: number) => (flags & flag) !== 0
  return { creates: has(O_CREAT), excludes: has(O_EXCL), cuts: false, isDsync: has(O_DSYNC) }
}

export class Files {
  /** Every operation takes so much longer. */
  stallMs = 0
  /** No file can be opened. */
  lacksDescriptors = false
  /** Happens in the middle of the next write or sync of such a path. */
  interruption: { readonly path: string; readonly act: () => void } | undefined
  readonly #machine: Machine
  readonly #disk: Disk
  readonly #open = new Map<number, Open>()
  #descriptors = 1000

  constructor(machine: Machine, disk: Disk) {
    this.#machine = machine
    this.#disk = disk
  }

  /** `act` when its time has come; what a process began and did not live to see is `cut` short. */
  later<T>(act: () => T, cut: () => void = () => undefined, takesMs = this.#takesMs()): Promise<T> {
    const { life } = this.#machine
    return new Promise((resolve, reject) => {
      if (!life.isAlive) return
      life.ends.push(cut)
      this.#machine.after(takesMs, () => {
        life.ends.splice(life.ends.indexOf(cut), 1)
        try {
          resolve(act())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #takesMs(): number {
    const { whole, chance } = this.#machine.random
    return this.stallMs + (chance(0.02) ? whole(5, 60) : whole(20, 400) / 1000)
  }

  /** How long a write or sync of this path takes, and what comes in between. */
  #interrupted(path: string): number {
    const takesMs = this.#takesMs()
    const { interruption } = this
    if (!interruption || !path.includes(interruption.path)) return takesMs
    this.interruption = undefined
    const { random, outside } = this.#machine
    this.#machine.after((takesMs * random.whole(10, 90)) / 100, interruption.act, outside)
    return takesMs
  }

  openNow(path: string, flags: string | number): number {
    if (this.lacksDescriptors) throw systemError('EMFILE', path)
    const { creates, excludes, cuts, isDsync } = flagsOf(flags)
    const isDirectory = this.#disk.isDirectory(path)
    const found = isDirectory ? undefined : this.#disk.find(path)
    if (found && excludes) throw systemError('EEXIST', path)
    if (!found && !isDirectory && !creates) throw systemError('ENOENT', path)
    const inode = isDirectory ? undefined : (found ?? this.#disk.create(path))
    if (found && cuts) found.change({ size: 0 })
    const fd = this.#descriptors++
    this.#open.set(fd, { path, inode, isDsync, position: 0 })
    return fd
  }

  closeNow(fd: number): void {
    this.#open.delete(fd)
  }

  readNow(fd: number, into: Uint8Array, at: number, bytes: number, position: number): number {
    return this.#inode(fd).content.copy(into, at, position, position + bytes)
  }

  write(fd: number, parts: readonly Uint8Array[], offset: number | undefined): Promise<number> {
    const opened = this.#opened(fd)
    const inode = this.#inode(fd)
    const at = offset ?? opened.position
    const bytes = Buffer.concat(parts)
    const partly = () => {
      for (const part of torn({ offset: at, bytes }, this.#machine.random)) inode.change(part)
    }
    const act = () => {
      const taken = this.#room(inode, at, bytes)
      if (this.#disk.fails('write', opened.path)) {
        inode.change({ offset: at, bytes })
        // It can be read, and it is not on the disk.
        if (opened.isDsync) inode.lose(this.#machine.random)
        throw systemError('EIO', `write ${opened.path}`)
      }
      if (opened.isDsync) inode.changeDurably({ offset: at, bytes: taken })
      else inode.change({ offset: at, bytes: taken })
      opened.position = at + taken.length
      return taken.length
    }
    return this.later(act, partly, this.#interrupted(opened.path))
  }

  /** Now and then a disk takes less than it was given; a full one takes what it has blocks for. */
  #room(inode: Inode, at: number, bytes: Buffer): Buffer {
    const { whole, chance } = this.#machine.random
    if (!this.#disk.isFull)
      return bytes.length > 1 && chance(0.02) ? bytes.subarray(0, whole(1, bytes.length - 1)) : bytes
    const room = Math.ceil(inode.content.length / blockBytes) * blockBytes - at
    if (room <= 0) throw systemError('ENOSPC', 'no space left on the device')
    return bytes.subarray(0, room)
  }

  sync(fd: number): Promise<void> {
    const { path, inode } = this.#opened(fd)
    const act = () => {
      if (this.#disk.fails('sync', path)) {
        inode?.lose(this.#machine.random)
        throw systemError('EIO', `fdatasync ${path}`)
      }
      if (inode) inode.sync()
      else this.#disk.syncDirectory(path)
    }
    return this.later(act, () => undefined, this.#interrupted(path))
  }

  rename(from: string, to: string): Promise<void> {
    const act = () => {
      if (this.#disk.fails('rename', from)) throw systemError('EIO', `rename ${from}`)
      this.#disk.rename(from, to)
      for (const opened of this.#open.values()) if (opened.path === from) opened.path = to
    }
    return this.later(act, () => undefined, this.#interrupted(`rename ${from}`))
  }

  /** Of a file that is cut only the bytes are synced by O_DSYNC, and there are none. */
  cut(fd: number, size: number): Promise<void> {
    const inode = this.#inode(fd)
    return this.later(() => inode.change({ size }))
  }

  stat(fd: number): { readonly size: number; readonly ino: number } {
    return statOf(this.#inode(fd))
  }

  #opened(fd: number): Open {
    const opened = this.#open.get(fd)
    if (!opened) throw systemError('EBADF', String(fd))
    return opened
  }

  #inode(fd: number): Inode {
    const { inode, path } = this.#opened(fd)
    if (!inode) throw systemError('EISDIR', path)
    return inode
  }
}

const statOf = ({ content, id }: Inode) => ({ size: content.length, ino: id })

/** A `FileHandle`. */
function handleOf(files: Files, fd: number) {
  return {
    fd,
    read: (into: Uint8Array, at: number, bytes: number, position: number) =>
      files.later(() => ({ bytesRead: files.readNow(fd, into, at, bytes, position) })),
    write: async (from: Uint8Array | string, at?: number, bytes?: number, position?: number) => {
      const whole =
        typeof from === 'string' ? Buffer.from(from) : from.subarray(at ?? 0, (at ?? 0) + (bytes ?? from.length))
      return { bytesWritten: await files.write(fd, [whole], position) }
    },
    writeFile: async (from: Uint8Array | string) => {
      let left = Buffer.from(from as string)
      while (left.length > 0) left = left.subarray(await files.write(fd, [left], undefined))
    },
    sync: () => files.sync(fd),
    datasync: () => files.sync(fd),
    truncate: (size: number) => files.cut(fd, size),
    stat: () => files.later(() => files.stat(fd)),
    close: () => files.later(() => files.closeNow(fd)),
  }
}

/** Free bytes of a disk that is not full. */
const plentyBytes = 2 ** 40

/** What takes the place of `node:fs/promises`. */
export function promisesOf(files: Files, disk: Disk) {
  return {
    open: (path: string, flags: string | number = 'r') =>
      files.later(() => handleOf(files, files.openNow(path, flags))),
    readdir: (path: string) => files.later(() => disk.list(path)),
    stat: (path: string) => files.later(() => statOf(disk.get(path))),
    unlink: (path: string) => files.later(() => disk.unlink(path)),
    rm: (path: string) => files.later(() => (disk.find(path) ? disk.unlink(path) : undefined)),
    rename: (from: string, to: string) => files.rename(from, to),
    mkdir: (path: string) => files.later(() => (disk.makeDirectory(path) ? path : undefined)),
    statfs: () => files.later(() => ({ bavail: disk.isFull ? 0 : plentyBytes, bsize: 1 })),
    readFile: (path: string, encoding?: BufferEncoding) =>
      files.later(() => {
        const { content } = disk.get(path)
        return encoding ? content.toString(encoding) : Buffer.from(content)
      }),
  }
}

/** What takes the place of `node:fs`. */
export function callbacksOf(files: Files, machine: Machine) {
  const told = (life: Life, written: Promise<number>, done: Done) =>
    written.then(
      (bytes) => machine.after(0, () => done(null, bytes), life),
      (error: Error) => machine.after(0, () => done(error, 0), life),
    )
  return {
    write: (fd: number, from: Buffer, at: number, bytes: number, position: number, done: Done) =>
      void told(machine.life, files.write(fd, [from.subarray(at, at + bytes)], position), done),
    writev: (fd: number, parts: readonly Buffer[], position: number, done: Done) =>
      void told(machine.life, files.write(fd, parts, position), done),
    openSync: (path: string) => files.openNow(path, 'r'),
    readSync: (fd: number, into: Uint8Array, at: number, bytes: number, position: number) =>
      files.readNow(fd, into, at, bytes, position),
    closeSync: (fd: number) => files.closeNow(fd),
  }
}
