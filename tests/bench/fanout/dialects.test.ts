import t from 'tap'
import { type Dialect, type DialectName, dialects } from '../../../bench/fanout/dialects.js'
import { opcodes } from '../../../bench/ws-frames.js'

/** Talks to a dialect: what each server frame was heard as, and what the client said. */
const talk = (name: DialectName, frames: readonly string[], opcode: number = opcodes.text) => {
  const said: string[] = []
  const voice = {
    sendText: (text: string) => said.push(text),
    sendBinary: (bytes: Buffer) => said.push(`binary ${bytes.toString()}`),
  }
  const dialect: Dialect = dialects[name]
  const greeted = dialect.greet(voice)
  const heard = frames.map((frame) => {
    // the payload stands somewhere within a buffer that holds other things too
    const bytes = Buffer.from(`??${frame}??`)
    return dialect.hear(voice, opcode, bytes, 2, bytes.length - 2)
  })
  return { greeted, heard, said }
}

t.test('the service: hello, subscribe, ready with the last part of the snapshot, pong', async (t) => {
  t.strictSame(
    talk('service', [
      '{"type":"welcome","v":1}',
      '{"type":"subscribed","topic":"city","head":0,"resumed":false}',
      '{"type":"snapshot","topic":"city","n":0,"part":1,"parts":2,"items":[]}',
      '{"type":"snapshot","topic":"city","n":0,"part":2,"parts":2,"items":[]}',
      '{"type":"ping","t":7,"heads":{}}',
      '{"type":"transition","topic":"city","n":1,"p":0}',
    ]),
    {
      greeted: undefined,
      heard: [undefined, undefined, undefined, 'ready', undefined, 'broadcast'],
      said: ['{"type":"hello","v":1}', '{"type":"subscribe","topics":[{"topic":"city"}]}', '{"type":"pong","t":7}'],
    },
  )
})

t.test('Socket.IO: joins when the engine is open, answers its ping, knows an event', async (t) => {
  t.strictSame(talk('socket.io', ['0{"sid":"x"}', '40{"sid":"y"}', '2', '42["m",{}]', '41']), {
    greeted: undefined,
    heard: [undefined, 'ready', undefined, 'broadcast', undefined],
    said: ['40', '3'],
  })
})

t.test('NATS: subscribes after INFO, is ready with PONG, answers PING', async (t) => {
  const { heard, said } = talk(
    'nats',
    ['INFO {}\r\n', 'PONG\r\n', 'PING\r\n', 'MSG bench 1 2\r\nhi\r\n'],
    opcodes.binary,
  )
  t.strictSame(heard, [undefined, 'ready', undefined, 'broadcast'])
  t.match(said, [/^binary CONNECT .*\r\nSUB bench 1\r\nPING\r\n$/, 'binary PONG\r\n'])
})

t.test('the others hear everything from the upgrade on', async (t) => {
  for (const name of ['floor', 'ws', 'nchan'] as const)
    t.match(talk(name, ['anything']), { greeted: 'ready', heard: ['broadcast'], said: [] }, name)
})
