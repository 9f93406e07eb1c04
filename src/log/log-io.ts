/**
 * The one call that the log's promise rests on, as a seam: the fault simulation replaces it, everybody else uses
 * `diskIo`.
 */
import fs from 'node:fs'

export interface LogIo {
  /**
   * Writes the parts one behind the other. `fd` was opened with O_DSYNC, so `done` without an error says that `bytes`
   * bytes are on the disk; fewer than were given is allowed.
   */
  write(fd: number, parts: readonly Buffer[], offset: number, done: (error: Error | null, bytes: number) => void): void
}

export const diskIo: LogIo = {
  write(fd, parts, offset, done) {
    const [only] = parts
    // write is cheaper than writev, and nearly every batch is one part.
    if (parts.length === 1 && only !== undefined) fs.write(fd, only, 0, only.length, offset, done)
    else fs.writev(fd, parts, offset, done)
  },
}
