// What a layer holds: files of the workspace under their names in the image, in the order of those names.
import type { Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'

export interface LayerSource {
  /** Absolute directory that the source is in; from it on, no link is followed. */
  root: string
  /** Absolute file or directory. */
  source: string
  /** Absolute path in the image; a file goes into it when it ends in `/`. */
  target: string
  /** Is this path (relative to the source, with `/`) left out? */
  isExcluded: (path: string) => boolean
}

export interface Entry {
  /** In the image, without the first `/`. */
  name: string
  kind: 'file' | 'directory' | 'link'
  /** Of a file: where it is, and what it was when it was found. */
  path: string
  stat: Stats
  /** Of a link. */
  target?: string
}

/**
 * Names are sorted by their bytes, so that a directory comes before what is in it.
 * @throws UserError `no-source`, `link-in-source`, `escaping-link`, `not-a-file`, `bad-file-name`, `changed-while-read`
 */
export async function listEntries(layer: LayerSource): Promise<Entry[]> {
  const { source, target, isExcluded } = layer
  const top = await topOf(layer)
  const found: Entry[] = []

  async function visit(path: string, name: string, stat: Stats): Promise<void> {
    if (stat.isSymbolicLink())
      found.push({ name, kind: 'link', path, stat, target: await linkOf(path, source, top) })
    else if (stat.isFile()) found.push({ name, kind: 'file', path, stat })
    else if (stat.isDirectory()) {
      if (name !== '') found.push({ name, kind: 'directory', path, stat })
      for (const child of await readdir(path)) {
        const inner = join(path, child)
        if (isExcluded(relative(source, inner).split(sep).join('/'))) continue
        await visit(inner, posix.join(name, child), await statOf(inner))
      }
    } else {
      const sentence = `${path} is a socket, pipe or device.`
      throw new UserError('not-a-file', sentence, 'Leave it out with a line "!glob" in "layers".')
    }
  }

  const below = posix.normalize(target).replace(/^\/+|\/+$/g, '')
  const name = top.isDirectory() || !target.endsWith('/') ? below : posix.join(below, basename(source))
  await visit(source, name, top)
  for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above))
    found.push({ name: above, kind: 'directory', path: source, stat: top })
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
}

/** The source itself may be a link, which is then packed as one; a directory above it may not. */
async function topOf({ root, source }: LayerSource): Promise<Stats> {
  for (let above = dirname(source); above.length > root.length; above = dirname(above)) {
    if ((await lstat(above).catch(() => undefined))?.isSymbolicLink()) {
      const sentence = `${source} is reached through the link ${above}, and links are not followed.`
      throw new UserError('link-in-source', sentence, 'Name the directory itself in "layers".')
    }
  }
  const top = await lstat(source).catch(() => undefined)
  if (top !== undefined) return top
  const sentence = `There is no ${source} to put into the image.`
  throw new UserError('no-source', sentence, 'Build it first, or correct "layers".')
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await lstat(path)
  } catch (cause) {
    // What is not UTF-8 comes with this sign in the place of each wrong byte, and is not found under it.
    if (!path.includes('\uFFFD')) throw changedWhileRead(path, cause)
    const sentence = `The name of ${JSON.stringify(path)} is not UTF-8.`
    throw new UserError('bad-file-name', sentence, 'Rename it, or leave it out with a line "!glob".', {
      cause,
    })
  }
}

export const changedWhileRead = (path: string, cause: unknown) =>
  new UserError(
    'changed-while-read',
    `${path} changed while it was packed.`,
    'Let the step that writes it end first.',
    { cause },
  )

/** An absolute link means a path of the image; a relative one must stay in its source. */
async function linkOf(path: string, source: string, top: Stats): Promise<string> {
  const link = (await readlink(path)).split(sep).join('/')
  if (link.startsWith('/')) return link
  const root = top.isDirectory() ? source : dirname(source)
  const inside = relative(root, resolve(path, '..', link))
  if (inside !== '..' && !inside.startsWith(`..${sep}`)) return link
  const sentence = `The link ${path} leads out of its source, to ${link}.`
  throw new UserError(
    'escaping-link',
    sentence,
    'Leave it out with a line "!glob" in "layers", or put its target into the source.',
  )
}
