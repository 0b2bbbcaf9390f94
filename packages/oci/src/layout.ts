// An OCI image layout on disk: what an engine leaves, and what is pushed.
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { algorithmOf, createMeter, mismatch } from './digest.ts'
import type { Digest } from './reference.ts'
import type { Descriptor } from './types.ts'

export interface Layout {
  readonly directory: string
  /** Adds bytes as a blob. */
  put(bytes: Uint8Array, mediaType: string): Promise<Descriptor>
  /**
   * Adds a stream as a blob.
   * @throws UserError `digest-mismatch` where the bytes are not those that are expected; nothing is kept then
   */
  add(
    stream: AsyncIterable<Uint8Array>,
    mediaType: string,
    expected?: Pick<Descriptor, 'digest' | 'size'>,
  ): Promise<Descriptor>
  read(digest: Digest): Promise<Buffer>
  /** From `start` to `end`, both included; without them all. */
  open(digest: Digest, start?: number, end?: number): AsyncIterable<Uint8Array>
  has(digest: Digest): Promise<boolean>
  /** Names the top object. */
  finish(top: Descriptor): Promise<void>
}

/** @param directory a private one, which the caller removes */
export async function createLayout(directory: string): Promise<Layout> {
  const blobs = join(directory, 'blobs')
  for (const algorithm of ['sha256', 'sha512']) await mkdir(join(blobs, algorithm), { recursive: true })
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const pathOf = (digest: Digest) => {
    const algorithm = algorithmOf(digest)
    return join(blobs, algorithm, digest.slice(algorithm.length + 1))
  }
  const layout: Layout = {
    directory,
    put: (bytes, mediaType) => layout.add(once(bytes), mediaType),
    async add(stream, mediaType, expected) {
      const spool = join(directory, randomUUID())
      const meter = createMeter(expected && algorithmOf(expected.digest))
      try {
        await pipeline(stream, meter.stream, createWriteStream(spool))
        const { digest, size } = meter.result()
        if (expected !== undefined && (digest !== expected.digest || size !== expected.size))
          throw mismatch('blob', expected.digest)
        await rename(spool, pathOf(digest))
        return { mediaType, digest, size }
      } finally {
        await rm(spool, { force: true })
      }
    },
    read: digest => readFile(pathOf(digest)),
    open: (digest, start = 0, end = Infinity) => createReadStream(pathOf(digest), { start, end }),
    has: digest =>
      stat(pathOf(digest)).then(
        () => true,
        () => false,
      ),
    finish: top =>
      writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [top] })),
  }
  return layout
}

async function* once(bytes: Uint8Array) {
  yield await Promise.resolve(bytes)
}
