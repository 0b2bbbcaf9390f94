// Compression on all cores whose bytes depend on neither their number nor the sizes in which the input comes.
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { MEDIA } from './types.ts'

export interface Compression {
  algorithm: 'gzip' | 'zstd'
  level: number
}

/** Part of the format: another size gives other bytes. */
const PIECE = 4 * 1024 * 1024
/** Pieces in memory; the pool that compresses has four threads. */
const AT_ONCE = Math.min(4, availableParallelism() + 1)

export const layerType = ({ algorithm }: Compression) =>
  algorithm === 'gzip' ? MEDIA.layer : MEDIA.zstdLayer

/** Each piece is a member of gzip (RFC 1952, section 2.2) or a frame of zstd (RFC 8878, section 3), one after the other. */
export async function* compress(
  stream: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Buffer> {
  const waiting: Promise<Buffer>[] = []
  for await (const piece of pieces(stream)) {
    const packed = pack(piece, compression)
    // Whoever waits for an earlier one must not miss that this one fails.
    packed.catch(() => {})
    waiting.push(packed)
    if (waiting.length === AT_ONCE) yield await (waiting.shift() ?? packed)
  }
  for (const packed of waiting) yield await packed
}

/** Every one but the last is full, and the last is not empty, unless all is. */
async function* pieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafe(PIECE)
  let filled = 0
  let isFirst = true
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      if (filled === PIECE) {
        yield piece
        isFirst = false
        piece = Buffer.allocUnsafe(PIECE)
        filled = 0
      }
      const part = chunk.subarray(at, at + PIECE - filled)
      piece.set(part, filled)
      filled += part.length
      at += part.length
    }
  }
  if (filled > 0 || isFirst) yield piece.subarray(0, filled)
}

const toGzip = promisify(gzip)
const toZstd = promisify(zstdCompress)

async function pack(piece: Buffer, { algorithm, level }: Compression): Promise<Buffer> {
  if (algorithm === 'zstd') return toZstd(piece, { params: { [constants.ZSTD_c_compressionLevel]: level } })
  const member = await toGzip(piece, { level, memLevel: 9 })
  // The tenth byte of its header names the system that wrote it. Ours says that nobody knows.
  member[9] = 255
  return member
}
