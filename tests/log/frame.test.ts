import fc from 'fast-check'
import t from 'tap'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import { type FrameHeader, headerBytes, isWhole, readHeader, sealFrame } from '../../src/log/frame.js'

const headers = fc.record({
  payloadBytes: fc.nat(2000),
  entryCount: fc.nat(0xffff_ffff),
  firstPosition: fc.maxSafeNat().map((n) => n as LogPosition),
  nowMs: fc.maxSafeNat().map((n) => n as UnixMs),
  segmentBefore: fc.maxSafeNat().map((n) => n as LogPosition),
})

const frameOf = (header: FrameHeader): Buffer => {
  const frame = Buffer.alloc(headerBytes + header.payloadBytes, 'payload')
  sealFrame(frame, header)
  return frame
}

t.test('a sealed frame is whole and tells its header', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(headers, (header) => {
        const frame = frameOf(header)
        t.same(readHeader(frame), header, { diagnostic: false })
        return isWhole(frame)
      }),
    ),
  )
})

t.test('a frame with any one bit flipped is not whole', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(headers, fc.nat(), (header, at) => {
        const frame = frameOf(header)
        const bit = at % (frame.length * 8)
        frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return !isWhole(frame)
      }),
    ),
  )
})

t.test('the layout is the documented one', async (t) => {
  const frame = Buffer.alloc(headerBytes + 3, 'ab\n')
  sealFrame(frame, {
    payloadBytes: 3,
    entryCount: 1,
    firstPosition: 7 as LogPosition,
    nowMs: 1_700_000_000_000 as UnixMs,
    segmentBefore: 5 as LogPosition,
  })
  t.equal(
    frame.toString('hex', 0, 40),
    'ff51574c01000000030000000100000007000000000000000068e5cf8b0100000500000000000000',
  )
})
