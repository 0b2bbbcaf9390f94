// A tar with an image, read once: its blobs go into the layout, each proven by its name; the small documents are kept.
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { createMeter } from '../digest.ts'
import type { Layout } from '../layout.ts'
import { isDigest, type Digest } from '../reference.ts'
import { MEDIA, type Descriptor } from '../types.ts'
import { badArchive } from './document.ts'

export interface ReadTar {
  /** By name; what is no blob and at most 4 MiB. */
  documents: Map<string, Buffer>
  /** Layers of a `docker save` from before it was a layout, by name. */
  layers: Map<string, PackedLayer>
  /** Where a link leads, by its name. */
  links: Map<string, string>
}

export interface PackedLayer {
  descriptor: Descriptor
  diffId: Digest
}

const LARGEST_DOCUMENT = 4 * 1024 * 1024
const MOST_DOCUMENTS = 10_000

/** @throws UserError `bad-archive`, `digest-mismatch` */
export async function readTar(path: string, layout: Layout, signal: AbortSignal): Promise<ReadTar> {
  const read: ReadTar = { documents: new Map(), layers: new Map(), links: new Map() }
  const tar = extract()
  const piped = pipeline(createReadStream(path), tar, { signal })
  // Its failure is that of the loop, which ends by it.
  piped.catch(() => {})
  try {
    for await (const entry of tar) {
      const { type, size, linkname } = entry.header
      const bytes = entry as AsyncIterable<Uint8Array> // oxlint-disable-line no-unsafe-type-assertion -- tar-stream gives bytes
      const name = posix.normalize(entry.header.name)
      const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(name) ?? []
      const digest = `${algorithm}:${hex}`
      if (type === 'symlink' && linkname) read.links.set(name, posix.join(posix.dirname(name), linkname))
      else if (type === 'file' && isDigest(digest) && algorithm !== undefined)
        await layout.add(bytes, MEDIA.layer, { digest, size })
      else if (type === 'file' && name.endsWith('/layer.tar'))
        read.layers.set(name, await packLayer(bytes, layout))
      else if (type === 'file' && size <= LARGEST_DOCUMENT && read.documents.size < MOST_DOCUMENTS)
        read.documents.set(name, await buffer(entry))
      entry.resume()
    }
    await piped
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && error.name !== 'UserError') throw badArchive('is no whole tar', error)
    throw error
  }
  return read
}

/** They are plain in the archive, and travel compressed. */
async function packLayer(entry: AsyncIterable<Uint8Array>, layout: Layout): Promise<PackedLayer> {
  const meter = createMeter()
  const gzip = createGzip({ level: 6 })
  const [descriptor] = await Promise.all([layout.add(gzip, MEDIA.layer), pipeline(entry, meter.stream, gzip)])
  return { descriptor, diffId: meter.result().digest }
}
