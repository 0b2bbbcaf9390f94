// An OCI image layout on disk: what an engine leaves, and what is pushed.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Digest } from './reference.ts'
import type { Descriptor } from './types.ts'

export interface Layout {
  readonly directory: string
  /** Adds bytes as a blob. */
  put(bytes: Uint8Array, mediaType: string): Promise<Descriptor>
  /** Adds a stream as a blob; `expected` refuses other bytes. */
  add(stream: AsyncIterable<Uint8Array>, mediaType: string, expected?: Digest): Promise<Descriptor>
  read(digest: Digest): Promise<Buffer>
  open(digest: Digest): AsyncIterable<Uint8Array>
  has(digest: Digest): Promise<boolean>
  /** Names the top object. */
  finish(top: Descriptor): Promise<void>
}

/** @param directory a private one, which the caller removes */
export async function createLayout(directory: string): Promise<Layout> {
  const blobs = join(directory, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const pathOf = (digest: Digest) => join(blobs, digest.slice(digest.indexOf(':') + 1))
  const layout: Layout = {
    directory,
    put: (bytes, mediaType) => layout.add(once(bytes), mediaType),
    async add(stream, mediaType, expected) {
      const spool = join(directory, randomUUID())
      const meter = createMeter()
      try {
        await pipeline(stream, meter.stream, createWriteStream(spool))
        const { digest, size } = meter.result()
        if (expected !== undefined && digest !== expected)
          throw new Error(`The bytes of ${expected} are those of ${digest}.`)
        await rename(spool, pathOf(digest))
        return { mediaType, digest, size }
      } finally {
        await rm(spool, { force: true })
      }
    },
    read: digest => readFile(pathOf(digest)),
    open: digest => createReadStream(pathOf(digest)),
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

/** Passes bytes on, and knows their digest and size afterwards. */
export function createMeter() {
  const hash = createHash('sha256')
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      size += chunk.length
      done(undefined, chunk)
    },
  })
  return { stream, result: () => ({ digest: `sha256:${hash.digest('hex')}` as Digest, size }) }
}

export const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function* once(bytes: Uint8Array) {
  yield await Promise.resolve(bytes)
}
