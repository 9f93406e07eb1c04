/**
 * The sequencer's state as bytes and back, so that a start need not read the whole log.
 *
 * Frames of [length u32][CRC-32 of kind and payload u32][kind u8][payload], the last one counting those before it; bytes that
 * were cut or changed are recognised before they are used. The bytes are made a piece at a time: requests may be admitted between two pieces, and the
 * whole is still true for `position`. Room node stores them, once the log is durable up to `position`.
 */
import { crc32 } from 'node:zlib'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { SavedKnown } from './known-subjects.js'
import type { SequencerLimits } from './limits.js'
import type { DoneItem, QuarantineItem } from './quarantine.js'
import { Sequencer } from './sequencer.js'

const format = 1
const headBytes = 9
const frame = { header: 1, items: 2, subjects: 3, pairs: 4, end: 255 } as const
// Small enough that making one frame never holds up a request for long.
const itemsPerFrame = 100
const subjectsPerFrame = 500

interface Header {
  readonly format: number
  readonly position: number
  readonly nowMs: number
  readonly loads: readonly (readonly [string, number])[]
}

export interface SequencerSnapshot {
  /** The log is to be read from the entry after this one. */
  readonly position: LogPosition
  readonly chunks: Generator<Uint8Array>
  /** To be called when `chunks` is given up before its end, so that the next snapshot can begin. */
  close(): void
}

/** The state as it is now; `chunks` may be walked over many turns of the event loop. */
export function snapshotSequencer(sequencer: Sequencer): SequencerSnapshot {
  const { position } = sequencer
  const header: Header = {
    format,
    position,
    nowMs: sequencer.nowMs,
    loads: sequencer.loads.save(),
  }
  const items = [...sequencer.quarantine.items(), ...sequencer.quarantine.doneItems()]
  const chunks = chunksOf(sequencer, header, items, sequencer.subjects.save())
  return { position, chunks, close: () => sequencer.subjects.endSave() }
}

/** @throws QwError QW_SNAPSHOT_DAMAGED naming `file` when the bytes are not whole or not of this format */
export async function restoreSequencer(
  limits: SequencerLimits,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file: string,
): Promise<Sequencer> {
  const sequencer = new Sequencer(limits)
  let count = 0
  for await (const { kind, payload } of framesOf(chunks, file)) {
    if (kind !== frame.end) take(sequencer, kind, payload, file)
    else if (payload.readUInt32LE() !== count)
      throw new QwError('QW_SNAPSHOT_DAMAGED', { file, reason: 'frames are missing' })
    count++
  }
  return sequencer
}

function* chunksOf(
  sequencer: Sequencer,
  header: Header,
  items: (QuarantineItem | DoneItem)[],
  subjects: Generator<SavedKnown>,
): Generator<Uint8Array> {
  let count = 0
  const framed = (kind: number, payload: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(headBytes)
    head.writeUInt32LE(payload.length)
    head.writeUInt32LE(crc32(payload, kind), 4)
    head.writeUInt8(kind, 8)
    count++
    return Buffer.concat([head, payload])
  }
  yield framed(frame.header, Buffer.from(JSON.stringify(header)))
  for (const group of groupsOf(items, itemsPerFrame)) yield framed(frame.items, Buffer.from(JSON.stringify(group)))
  for (const group of groupsOf(subjects, subjectsPerFrame))
    yield framed(frame.subjects, Buffer.from(JSON.stringify(group)))
  for (const slots of sequencer.memory.slots(header.position as LogPosition))
    yield framed(frame.pairs, new Uint8Array(slots.buffer, slots.byteOffset, slots.byteLength))
  sequencer.subjects.endSave()
  const end = Buffer.alloc(4)
  end.writeUInt32LE(count)
  yield framed(frame.end, end)
}

function* groupsOf<T>(values: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = []
  for (const value of values) {
    group.push(value)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

interface Frame {
  readonly kind: number
  readonly payload: Buffer
}

async function* framesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file: string,
): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  let isEnded = false
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    while (!isEnded && rest.length >= headBytes && rest.length >= headBytes + rest.readUInt32LE()) {
      const end = headBytes + rest.readUInt32LE()
      const payload = rest.subarray(headBytes, end)
      if (crc32(payload, rest.readUInt8(8)) !== rest.readUInt32LE(4))
        throw new QwError('QW_SNAPSHOT_DAMAGED', { file, reason: 'a check sum does not fit' })
      isEnded = rest.readUInt8(8) === frame.end
      yield { kind: rest.readUInt8(8), payload }
      rest = rest.subarray(end)
    }
  }
  if (!isEnded || rest.length > 0)
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file, reason: isEnded ? 'it goes on after its end' : 'it was cut' })
}

function take(sequencer: Sequencer, kind: number, payload: Buffer, file: string): void {
  if (kind === frame.pairs) {
    // Copied, because words must lie on a multiple of four.
    sequencer.memory.load(new Uint32Array(Uint8Array.from(payload).buffer), sequencer.oldestHour)
    return
  }
  const value: unknown = JSON.parse(payload.toString('utf8'))
  if (kind === frame.items) sequencer.quarantine.restore(value as (QuarantineItem | DoneItem)[])
  else if (kind === frame.subjects) for (const saved of value as SavedKnown[]) sequencer.subjects.restore(saved)
  else if (kind === frame.header) takeHeader(sequencer, value as Header, file)
  else throw new QwError('QW_SNAPSHOT_DAMAGED', { file, reason: `a frame of kind ${kind} is not known` })
}

function takeHeader(sequencer: Sequencer, header: Header, file: string): void {
  if (header.format !== format)
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file, reason: `format ${header.format} is not ${format}` })
  sequencer.position = header.position as LogPosition
  sequencer.nowMs = header.nowMs as UnixMs
  sequencer.loads.restore(header.loads)
}
