// Reads files of a commit: which paths, then their blobs, whole and proven by their hash.
import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { FilePatterns } from './types.ts'

export interface TreeEntry {
  mode: string
  oid: string
  path: string
}

/** The output of `git ls-tree -r -z`. */
export function parseTree(output: string): TreeEntry[] {
  return output.split('\0').flatMap(line => {
    const [, mode, oid, path] = /^(\d+) \w+ ([\da-f]+)\t(.*)$/s.exec(line) ?? []
    return mode && oid && path ? [{ mode, oid, path }] : []
  })
}

/** Does a path fall under the patterns? A glob's `*` does not match a leading dot. */
export function createMatcher({ paths = [], globs = [] }: FilePatterns): (path: string) => boolean {
  const exact = new Set(paths)
  const included = globs.filter(glob => !glob.startsWith('!')).map(glob => picomatch(glob))
  const excluded = globs.filter(glob => glob.startsWith('!')).map(glob => picomatch(glob.slice(1)))
  return path =>
    exact.has(path) || (included.some(matches => matches(path)) && !excluded.some(matches => matches(path)))
}

/**
 * The regular files among the entries that the patterns name.
 *
 * @throws UserError `file-missing`, `symlink`, `submodule` for exact paths
 */
export function selectFiles(entries: readonly TreeEntry[], patterns: readonly FilePatterns[]): TreeEntry[] {
  const matchers = patterns.map(createMatcher)
  const chosen = entries.filter(({ path }) => matchers.some(matches => matches(path)))
  for (const path of patterns.flatMap(({ paths = [] }) => paths)) {
    const entry = chosen.find(candidate => candidate.path === path)
    if (entry === undefined) {
      throw new UserError(
        'file-missing',
        `There is no file ${path} in the config repository.`,
        'Correct "files".',
      )
    }
    if (entry.mode === '120000') {
      throw new UserError('symlink', `${path} is a symbolic link.`, 'Name the file that it points to.')
    }
    if (entry.mode === '160000') {
      throw new UserError('submodule', `${path} is a submodule.`, 'Name its own repository in "repository".')
    }
  }
  return chosen.filter(({ mode }) => mode.startsWith('100'))
}

/**
 * The contents in an output of `git cat-file --batch` that was decoded as UTF-8, in the order asked for.
 *
 * @throws UserError `not-utf8` where decoding has lost something, as the hash of the bytes tells
 */
export function parseBlobs(output: string, entries: readonly TreeEntry[]): Uint8Array[] {
  let at = 0
  return entries.map(({ oid, path }, index) => {
    if (!output.startsWith(`${oid} blob `, at)) throw new Error(`git cat-file did not give ${path}.`)
    const start = output.indexOf('\n', at) + 1
    const next = entries[index + 1]
    const end = next === undefined ? output.length - 1 : output.indexOf(`\n${next.oid} blob `, start)
    const bytes = Buffer.from(output.slice(start, end))
    at = end + 1
    const hash = createHash(oid.length === 64 ? 'sha256' : 'sha1')
    if (hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex') === oid) return bytes
    throw notUtf8(path)
  })
}

export function notUtf8(path: string): UserError {
  const remedy = 'Save the file as UTF-8, or take it out of "files".'
  return new UserError('not-utf8', `${path} is not valid UTF-8.`, remedy)
}
