/**
 * `quotawatch watch`: follows topics of the stream and prints what happens, through lost connections and restarts.
 */
import type { N } from '../../core/names.js'
import { watch as follow, type WatchFrame } from '../../stream/watch.js'
import { hostOf } from '../messages.js'
import { type Command, configOf, configOptions, type OptionValues, type Terminal, UsageError } from './command.js'
import { linesOf, noticeOf } from './frame-line.js'

export const watch: Command = {
  name: 'watch',
  usage: 'TOPIC… [--since N] [--json] [--figures] [--address URL] [--token TOKEN]',
  about: 'prints what happens on topics: all, city, county/XH, unit/ID, freezes',
  takesWords: true,
  options: {
    ...configOptions,
    since: { type: 'string' },
    json: { type: 'boolean' },
    figures: { type: 'boolean' },
    address: { type: 'string' },
    token: { type: 'string' },
  },
  async run(topics, values, terminal) {
    if (topics.length === 0) throw new UsageError('watch needs a topic: all, city, county/XH, unit/ID or freezes')
    return followUntilEnd(addressOf(values, terminal), topics, values, terminal)
  },
}

function addressOf(values: OptionValues, terminal: Terminal): string {
  const { address } = values
  if (address === undefined) {
    const { streamHost, streamPort } = configOf(values, terminal).config
    return `ws://${hostOf(streamHost)}:${streamPort}/v1/stream`
  }
  if (!URL.canParse(String(address)) || !/^wss?:\/\//.test(String(address)))
    throw new UsageError('--address must be a URL that begins with ws:// or wss://')
  return String(address)
}

function sinceOf(text: unknown): { since: N } | Record<never, never> {
  if (text === undefined) return {}
  if (!/^\d{1,15}$/.test(String(text))) throw new UsageError('--since must be a number of a transition')
  return { since: Number(text) as N }
}

/** Topics that were refused for good end the watch when none is left; so does a `bye` without return. */
function followUntilEnd(
  address: string,
  topics: readonly string[],
  values: OptionValues,
  terminal: Terminal,
): Promise<number> {
  const since = sinceOf(values['since'])
  const figures = values['figures'] === true
  const left = new Set(topics)
  return new Promise((resolve) => {
    const end = (code: number) => {
      reporter.ended()
      client.close()
      resolve(code)
    }
    const ending = (frame: WatchFrame): boolean => {
      if (frame.type === 'bye') return frame['reconnect'] !== true && frame['address'] === undefined
      if (frame.type !== 'error' || retried.has(String(frame['code']))) return false
      left.delete(String(frame['topic']))
      return left.size === 0
    }
    const reporter = reporterOf(values, terminal)
    const { token } = values
    const client = follow(address, {
      topics: topics.map((topic) => ({ topic, figures, ...since })),
      ...(token === undefined ? {} : { token: String(token) }),
      onFrame: (frame) => {
        reporter.frame(frame)
        if (ending(frame)) end(1)
      },
      onGap: (topic) => terminal.err(`something was lost on ${topic}; asking for it`),
      onClose: (code) => reporter.closed(code, address),
    })
    terminal.ended.addEventListener('abort', () => end(0), { once: true })
  })
}

/** The client asks again for these by itself. */
const retried: ReadonlySet<string> = new Set(['QW_CORE_AWAY', 'QW_OVERLOADED'])

function reporterOf(values: OptionValues, { out, err, colours }: Terminal) {
  let connected = true
  let isEnded = false
  return {
    /** From now on a connection that ends is as it should be. */
    ended: () => {
      isEnded = true
    },
    frame(frame: WatchFrame): void {
      if (frame.type === 'welcome') connected = true
      if (values['json'] === true) {
        void out(JSON.stringify(frame))
        return
      }
      for (const line of linesOf(frame, colours)) void out(line)
      const notice = noticeOf(frame)
      if (notice !== undefined) err(notice)
    },
    /** Said once, however often it is tried again. */
    closed(code: number, address: string): void {
      if (connected && !isEnded) err(`no connection to ${address} (${code}); trying again`)
      connected = false
    },
  }
}
