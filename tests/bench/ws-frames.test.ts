import fc from 'fast-check'
import t from 'tap'
import { clientFrame, FrameReader, opcodes } from '../../bench/ws-frames.js'

/** An unmasked frame as a server writes it. */
const serverFrame = (opcode: number, payload: Buffer, final = true): Buffer => {
  const first = (final ? 0x80 : 0) | opcode
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload])
  const header = Buffer.alloc(length <= 0xffff ? 4 : 10)
  header[0] = first
  header[1] = length <= 0xffff ? 126 : 127
  if (length <= 0xffff) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

const read = (chunks: readonly Buffer[]): string[] => {
  const messages: string[] = []
  const reader = new FrameReader((opcode, bytes, start, end) =>
    messages.push(`${opcode}:${bytes.toString('hex', start, end)}`),
  )
  // one buffer for all chunks, as the client has: a reader that kept a piece of it would see it overwritten
  const reused = Buffer.alloc(Math.max(1, ...chunks.map(({ length }) => length)))
  for (const chunk of chunks) {
    chunk.copy(reused)
    reader.push(reused, chunk.length)
  }
  return messages
}

const cut = (bytes: Buffer, lengths: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i += 1) {
    const length = Math.max(1, lengths[i % lengths.length] ?? 1)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 140 }),
  fc.constantFrom(125, 126, 127, 65_535, 65_536).map((length) => new Uint8Array(length).fill(7)),
)

t.test('messages come out whole wherever TCP cuts them', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(payloads, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 4 }),
        (messages, lengths) => {
          const bytes = Buffer.concat(messages.map((one) => serverFrame(opcodes.text, Buffer.from(one))))
          const wanted = messages.map((one) => `${opcodes.text}:${Buffer.from(one).toString('hex')}`)
          return JSON.stringify(read(cut(bytes, lengths))) === JSON.stringify(wanted)
        },
      ),
      { numRuns: 60 },
    ),
  )
})

t.test('a fragmented message is joined, and a ping between its parts comes first', async (t) => {
  const bytes = Buffer.concat([
    serverFrame(opcodes.text, Buffer.from('ab'), false),
    serverFrame(opcodes.ping, Buffer.from('!')),
    serverFrame(opcodes.continuation, Buffer.from('c'), false),
    serverFrame(opcodes.continuation, Buffer.from('d')),
    serverFrame(opcodes.text, Buffer.from('e')),
  ])
  for (const length of [1, 2, 5, 100])
    t.strictSame(read(cut(bytes, [length])), [
      `${opcodes.ping}:${Buffer.from('!').toString('hex')}`,
      `${opcodes.text}:${Buffer.from('abcd').toString('hex')}`,
      `${opcodes.text}:${Buffer.from('e').toString('hex')}`,
    ])
})

t.test('a masked server frame and an absurd length are refused', async (t) => {
  t.throws(() => read([clientFrame(opcodes.text, Buffer.from('x'))]), { message: 'a server frame is masked' })
  const absurd = Buffer.alloc(10)
  absurd[0] = 0x82
  absurd[1] = 127
  absurd.writeBigUInt64BE(2n ** 40n, 2)
  t.throws(() => read([absurd]), { message: /a server frame of/ })
})

t.test('a client frame over 64 KiB is refused before it is sent', async (t) => {
  t.throws(() => clientFrame(opcodes.text, Buffer.alloc(65_536)), { message: /65536 bytes/ })
})
