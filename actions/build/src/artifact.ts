// What the build produced, and one digest over it.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import { UserError } from '@gitops-relay/action-kit/user-error'

/** Paths relative to `directory`, with `/`, in the order of their bytes. */
export type Files = readonly string[]

/**
 * The files that the globs name; `!glob` takes away. Links are files here and never followed.
 * @throws UserError `no-artifact` for a glob that matches nothing
 */
export async function namedFiles(directory: string, globs: readonly string[]): Promise<Files> {
  const wanted = globs.filter(glob => !glob.startsWith('!'))
  const unwanted = globs.filter(glob => glob.startsWith('!')).map(glob => matcher(glob.slice(1)))
  if (wanted.length === 0) {
    const sentence = '"artifact-path" only takes files away, and names none.'
    throw new UserError('no-artifact', sentence, 'Put a glob without "!" before it.')
  }
  const all = await walk(directory)
  const chosen = wanted.flatMap(glob => {
    const matches = matcher(glob)
    const found = all.filter(file => matches(file) && !unwanted.some(isUnwanted => isUnwanted(file)))
    if (found.length > 0) return found
    const sentence = `${JSON.stringify(glob)} in "artifact-path" matches no file after the build.`
    throw new UserError('no-artifact', sentence, 'Correct it; it is relative to "working-directory".')
  })
  return sorted(chosen)
}

/** The files of the first glob that matches anything. */
export async function detectedFiles(directory: string, globs: readonly string[]): Promise<Files> {
  if (globs.length === 0) return []
  const all = await walk(directory)
  for (const glob of globs) {
    const matches = picomatch(glob, { dot: true })
    const found = all.filter(file => matches(file))
    if (found.length > 0) return sorted(found)
  }
  return []
}

/** Over sorted path, executable bit and content, so that equal files have an equal digest on every machine. */
export async function digestFiles(directory: string, files: Files): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const path = join(directory, file)
    const stat = await lstat(path)
    const kind = stat.isSymbolicLink() ? 'link' : (stat.mode & 0o111) === 0 ? 'file' : 'executable'
    const content = createHash('sha256')
    if (kind === 'link') content.update(await readlink(path))
    else for await (const chunk of createReadStream(path)) content.update(chunk as Buffer) // oxlint-disable-line no-unsafe-type-assertion -- bytes
    hash.update(`${file}\0${kind}\0${content.digest('hex')}\0`)
  }
  return `sha256:${hash.digest('hex')}`
}

/** A folder by its name means everything in it. */
function matcher(glob: string): (file: string) => boolean {
  const path = glob.replace(/\/+$/, '').replace(/^\.\//, '')
  const patterns = path === '.' ? ['**'] : path === '' ? [] : [path, `${path}/**`]
  return picomatch(patterns, { dot: true })
}

const sorted = (files: Files): Files =>
  [...new Set(files)]
    .map(file => Buffer.from(file))
    .sort((a, b) => Buffer.compare(a, b))
    .map(bytes => bytes.toString())

async function walk(directory: string): Promise<Files> {
  // A command may have removed it.
  if (!existsSync(directory)) return []
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile() || entry.isSymbolicLink())
    .map(entry => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(file => !/(?:^|\/)(?:\.git|node_modules)\//.test(file))
}
