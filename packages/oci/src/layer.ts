// One layer: files of the workspace as a tar that is equal for equal files, whatever machine, time or umask.
import type { Stats } from 'node:fs'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, posix, relative, resolve, sep } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { createMeter, type Layout } from './layout.ts'
import type { Digest } from './reference.ts'
import { MEDIA, type Descriptor } from './types.ts'

export interface LayerSource {
  /** Absolute file or directory. */
  source: string
  /** Absolute path in the image; a file goes into it when it ends in `/`. */
  target: string
  /** Is this path (relative to the source, with `/`) left out? */
  isExcluded: (path: string) => boolean
}

interface Entry {
  /** In the image, without the first `/`. */
  name: string
  path: string
  stat: Stats
  link?: string
}

/**
 * Packs, compresses and stores the layer. Modes are 0755 and 0644, the owner is 0, the time is `mtime` for all.
 * Links stay links and are never followed.
 * @param mtime seconds since the epoch
 * @throws UserError `no-source`, `escaping-link`, `not-a-file`, `changed-while-read`
 */
export async function addLayer(
  layout: Layout,
  source: LayerSource,
  { mtime, level, signal }: { mtime: number; level: number; signal: AbortSignal },
): Promise<{ descriptor: Descriptor; diffId: Digest }> {
  const entries = await listEntries(source)
  const tar = pack()
  const meter = createMeter()
  const gzip = createGzip({ level, memLevel: 9 })
  const out = new PassThrough()
  const piped = pipeline(tar, meter.stream, gzip, out, { signal })
  const stored = layout.add(out, MEDIA.layer)
  const filled = fill(tar, entries, new Date(mtime * 1000)).catch((error: Error) => {
    tar.destroy(error)
    throw error
  })
  const [descriptor] = await settled(filled, stored, piped)
  return { descriptor, diffId: meter.result().digest }
}

/** The first failure is the one of the source, not of the pipes that it broke. */
async function settled<T>(filled: Promise<void>, stored: Promise<T>, piped: Promise<void>): Promise<[T]> {
  await Promise.allSettled([filled, stored, piped])
  await filled
  await piped
  return [await stored]
}

async function fill(tar: ReturnType<typeof pack>, entries: readonly Entry[], mtime: Date): Promise<void> {
  for (const { name, path, stat, link } of entries) {
    const header = { name, mtime, uid: 0, gid: 0, uname: '', gname: '' }
    if (link !== undefined) {
      await write(tar, { ...header, type: 'symlink', linkname: link, mode: 0o777, size: 0 })
    } else if (stat.isDirectory()) {
      await write(tar, { ...header, name: `${name}/`, type: 'directory', mode: 0o755, size: 0 })
    } else {
      const mode = (stat.mode & 0o111) === 0 ? 0o644 : 0o755
      await write(tar, { ...header, type: 'file', mode, size: stat.size }, { path, stat })
    }
  }
  tar.finalize()
}

type Header = Parameters<ReturnType<typeof pack>['entry']>[0]

async function write(
  tar: ReturnType<typeof pack>,
  header: Header,
  content?: { path: string; stat: Stats },
): Promise<void> {
  if (content === undefined) {
    await new Promise<void>((done, failed) => {
      tar.entry(header, '', error => (error ? failed(error) : done()))
    })
    return
  }
  const { path, stat } = content
  try {
    const entry = tar.entry(header)
    // A file that grows is read to the size that was announced; that it changed is told below.
    if (stat.size === 0) entry.end(undefined)
    else await pipeline(createReadStream(path, { end: stat.size - 1 }), entry)
  } catch (error) {
    throw changed(path, error)
  }
  const now = await lstat(path)
  if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) throw changed(path)
}

const changed = (path: string, cause?: unknown) =>
  new UserError(
    'changed-while-read',
    `${path} changed while it was packed.`,
    'Let the step that writes it end first.',
    { cause },
  )

async function listEntries({ source, target, isExcluded }: LayerSource): Promise<Entry[]> {
  const top = await lstat(source).catch(() => undefined)
  if (top === undefined) {
    throw new UserError(
      'no-source',
      `There is no ${source} to put into the image.`,
      'Build it first, or correct "layers".',
    )
  }
  const base = target.replace(/^\/+|\/+$/g, '')
  const found: Entry[] = []
  const visit = async (path: string, name: string, stat: Stats): Promise<void> => {
    if (stat.isSymbolicLink()) found.push({ name, path, stat, link: await linkOf(path, source, top) })
    else if (stat.isFile()) found.push({ name, path, stat })
    else if (stat.isDirectory()) {
      if (name !== '') found.push({ name, path, stat })
      for (const child of await readdir(path)) {
        const inner = join(path, child)
        if (isExcluded(relative(source, inner).split(sep).join('/'))) continue
        await visit(inner, posix.join(name, child), await lstat(inner))
      }
    } else {
      throw new UserError(
        'not-a-file',
        `${path} is a socket, pipe or device.`,
        'Leave it out with a line "!glob" in "layers".',
      )
    }
  }
  const name =
    top.isDirectory() || !target.endsWith('/') ? base : posix.join(base, source.split(sep).at(-1) ?? '')
  await visit(source, name, top)
  const known = new Set(found.map(entry => entry.name))
  // Directories above the target; those of the source keep nothing but their name either.
  for (
    let above = posix.dirname(name);
    above !== '.' && above !== '/' && above !== '';
    above = posix.dirname(above)
  ) {
    if (!known.has(above)) found.push({ name: above, path: source, stat: await directoryStat(source, top) })
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
}

const directoryStat = (source: string, top: Stats) =>
  top.isDirectory() ? Promise.resolve(top) : lstat(resolve(source, '..'))

/** An absolute link means a path of the image; a relative one must stay in its source. */
async function linkOf(path: string, source: string, top: Stats): Promise<string> {
  const link = (await readlink(path)).split(sep).join('/')
  if (link.startsWith('/')) return link
  const root = top.isDirectory() ? source : resolve(source, '..')
  const inside = relative(root, resolve(path, '..', link))
  if (inside !== '..' && !inside.startsWith(`..${sep}`)) return link
  throw new UserError(
    'escaping-link',
    `The link ${path} leads out of its source, to ${link}.`,
    'Leave it out with a line "!glob" in "layers", or put its target into the source.',
  )
}
