// One layer: files of the workspace as a tar that is equal for equal files, whatever machine, time or umask.
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { compress, layerType, type Compression } from './compress.ts'
import { createMeter } from './digest.ts'
import { changedWhileRead, listEntries, type Entry, type LayerSource } from './layer-entries.ts'
import type { Layout } from './layout.ts'
import type { Digest } from './reference.ts'
import type { Descriptor } from './types.ts'

export type { LayerSource } from './layer-entries.ts'

/**
 * Packs, compresses and stores the layer. Modes are 0755 and 0644, the owner is 0, the time is `mtime` for all.
 * Links stay links and are never followed.
 * @param mtime seconds since the epoch
 * @throws UserError `unreadable-file`, and those of listing the entries
 */
export async function addLayer(
  layout: Layout,
  source: LayerSource,
  { mtime, compression, signal }: { mtime: number; compression: Compression; signal: AbortSignal },
): Promise<{ descriptor: Descriptor; diffId: Digest }> {
  const entries = await listEntries(source)
  const tar = pack()
  const meter = createMeter()
  const out = new PassThrough()
  const compressed = (plain: AsyncIterable<Uint8Array>) => compress(plain, compression)
  const piped = pipeline(tar, meter.stream, compressed, out, { signal })
  const stored = layout.add(out, layerType(compression))
  const filled = fill(tar, entries, mtime).catch((error: Error) => {
    tar.destroy(error)
    throw error
  })
  const results = await Promise.allSettled([filled, piped, stored])
  signal.throwIfAborted()
  const failures = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  // One failure breaks all three: a user's own tells the most, then that of who writes.
  if (failures.length > 0) throw failures.find(error => error instanceof UserError) ?? failures.at(-1)
  return { descriptor: await stored, diffId: meter.result().digest }
}

async function fill(tar: Pack, entries: readonly Entry[], mtime: number): Promise<void> {
  const time = timeOf(mtime)
  for (const entry of entries) {
    const header = { name: entry.name, ...time, uid: 0, gid: 0, uname: '', gname: '' }
    if (entry.kind === 'file') {
      const mode = (entry.stat.mode & 0o111) === 0 ? 0o644 : 0o755
      await writeFile(tar, { ...header, type: 'file', mode, size: entry.stat.size }, entry)
    } else if (entry.kind === 'link') {
      await writeEmpty(tar, { ...header, type: 'symlink', linkname: entry.target ?? '', mode: 0o777 })
    } else {
      await writeEmpty(tar, { ...header, name: `${entry.name}/`, type: 'directory', mode: 0o755 })
    }
  }
  tar.finalize()
}

/** Beyond 2038 the library's field overflows; PAX has no end. */
const LAST = 2 ** 31 - 1
const timeOf = (mtime: number) => ({
  mtime: new Date(Math.min(mtime, LAST) * 1000),
  ...(mtime > LAST ? { pax: { mtime: String(mtime) } } : {}),
})

type Header = Parameters<Pack['entry']>[0]

const writeEmpty = (tar: Pack, header: Header) =>
  new Promise<void>((done, failed) => {
    tar.entry(header, '', error => (error ? failed(error) : done()))
  })

async function writeFile(tar: Pack, header: Header, { path, stat }: Entry): Promise<void> {
  let failure: unknown
  try {
    const entry = tar.entry(header)
    // A file that grows is read to the size that was announced; that it changed is told below.
    if (stat.size === 0) entry.end(undefined)
    else await pipeline(createReadStream(path, { end: stat.size - 1 }), entry)
  } catch (error) {
    failure = error
  }
  const now = await lstat(path).catch(() => undefined)
  if (now?.size !== stat.size || now.mtimeMs !== stat.mtimeMs) throw changedWhileRead(path, failure)
  if (failure instanceof Error && 'code' in failure && failure.code === 'EACCES') {
    const sentence = `${path} may not be read.`
    throw new UserError('unreadable-file', sentence, 'Give the runner the right, or leave it out.', {
      cause: failure,
    })
  }
  if (failure !== undefined) throw failure
}
