// An image in its layout as one tar, byte for byte the same for the same image.
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import { algorithmOf } from '../digest.ts'
import type { Layout } from '../layout.ts'
import type { Image } from '../push.ts'

/**
 * Writes beside `path` and moves it there once it is whole.
 * @param name the tag under which tools find the image in it
 */
export async function writeArchive(
  layout: Layout,
  { top, manifests, blobs }: Image,
  path: string,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<void> {
  const annotations = name === '' ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }
  const index = { schemaVersion: 2, manifests: [{ ...top, ...annotations }] }
  const objects = [...new Map([top, ...manifests, ...blobs].map(item => [item.digest, item])).values()]
  const tar = pack()
  const draft = `${path}.${randomUUID()}`
  await mkdir(dirname(path), { recursive: true })
  try {
    const written = pipeline(tar, createWriteStream(draft), { signal })
    const filled = fill()
    await Promise.all([written, filled])
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }

  async function fill() {
    await add(tar, 'oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
    await add(tar, 'index.json', Buffer.from(JSON.stringify(index)))
    for (const { digest, size } of objects.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))) {
      const algorithm = algorithmOf(digest)
      const header = headerOf(`blobs/${algorithm}/${digest.slice(algorithm.length + 1)}`, size)
      const entry = tar.entry(header)
      if (size === 0) entry.end(undefined)
      else await pipeline(layout.open(digest), entry)
    }
    tar.finalize()
  }
}

const headerOf = (name: string, size: number) => ({
  name,
  size,
  mode: 0o644,
  mtime: new Date(0),
  uid: 0,
  gid: 0,
})

const add = (tar: Pack, name: string, bytes: Buffer) =>
  new Promise<void>((done, failed) => {
    tar.entry(headerOf(name, bytes.length), bytes, error => (error ? failed(error) : done()))
  })
