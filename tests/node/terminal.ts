/**
 * A terminal that remembers what was written to it, for tests of commands.
 */
import { runCommandLine } from '../../src/node/commands/command-line.js'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Circumstances {
  readonly directory: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ended?: AbortSignal
  /** Called with each line of standard output. */
  readonly onOut?: (line: string) => void
}

export async function say(words: readonly string[], circumstances: Circumstances): Promise<Said> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommandLine(words, {
    out: (line) => {
      out.push(line)
      circumstances.onOut?.(line)
    },
    err: (line) => err.push(line),
    environment: circumstances.environment ?? {},
    directory: circumstances.directory,
    ended: circumstances.ended ?? new AbortController().signal,
    colours: false,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
