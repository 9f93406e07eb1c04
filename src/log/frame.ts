/**
 * A frame: one committed batch as bytes.
 *
 * ```
 *  0 magic FF 51 57 4C   4 format version   8 payload bytes   12 entry count       (u32, little endian)
 * 16 first position     24 nowMs           32 first position of the segment before, 0 when none   (u64)
 * 40 CRC-32 of bytes 0..39 and the payload (u32)
 * 44 payload: the entries as JSON, each ended by a line feed
 * ```
 *
 * The magic begins with FF, a byte that UTF-8 never holds. So no text that anybody sends can look like a frame, and
 * searching for frames behind a damaged place (tail.ts) finds only what the log itself has written.
 * The segment before stands in each frame, so that a missing file is noticed at the start without reading its
 * neighbours.
 */
import { crc32 } from 'node:zlib'
import type { LogPosition, UnixMs } from '../core/names.js'

export const headerBytes = 44
export const magic = Buffer.from([0xff, 0x51, 0x57, 0x4c])
const magicNumber = magic.readUInt32LE(0)
export const formatVersion = 1
const crcAt = 40

export interface FrameHeader {
  readonly payloadBytes: number
  readonly entryCount: number
  readonly firstPosition: LogPosition
  readonly nowMs: UnixMs
  readonly segmentBefore: LogPosition
}

/** Writes the header before a payload that already stands in `frame`, which is exactly as long as the two. */
export function sealFrame(frame: Buffer, header: FrameHeader): void {
  frame.writeUInt32LE(magicNumber, 0)
  frame.writeUInt32LE(formatVersion, 4)
  frame.writeUInt32LE(header.payloadBytes, 8)
  frame.writeUInt32LE(header.entryCount, 12)
  frame.writeBigUInt64LE(BigInt(header.firstPosition), 16)
  frame.writeBigUInt64LE(BigInt(header.nowMs), 24)
  frame.writeBigUInt64LE(BigInt(header.segmentBefore), 32)
  frame.writeUInt32LE(crcOf(frame), crcAt)
}

/** The header at the beginning of `bytes` (at least `headerBytes`), or why there is none. Its CRC is not checked yet. */
export function readHeader(bytes: Buffer): FrameHeader | string {
  if (bytes.readUInt32LE(0) !== magicNumber) return 'no frame begins here'
  const version = bytes.readUInt32LE(4)
  if (version !== formatVersion) return `frame format ${version} is not known`
  return {
    payloadBytes: bytes.readUInt32LE(8),
    entryCount: bytes.readUInt32LE(12),
    firstPosition: Number(bytes.readBigUInt64LE(16)) as LogPosition,
    nowMs: Number(bytes.readBigUInt64LE(24)) as UnixMs,
    segmentBefore: Number(bytes.readBigUInt64LE(32)) as LogPosition,
  }
}

/** Whether header and payload are as they were written; `frame` is exactly one frame. */
export const isWhole = (frame: Buffer): boolean => frame.readUInt32LE(crcAt) === crcOf(frame)

const crcOf = (frame: Buffer): number => crc32(frame.subarray(headerBytes), crc32(frame.subarray(0, crcAt)))
