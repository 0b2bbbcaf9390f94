// Reads a commit's files through GitHub's interface: names, then contents, each proven by its hash.
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import type { Answer, GitHub } from '@gitops-relay/github'
import { notUtf8, type TreeEntry } from './tree.ts'
import { Transient, type FilePatterns } from './types.ts'

export interface Library {
  github: GitHub
  owner: string
  repo: string
  signal: AbortSignal
}

/** @returns all files, links and submodules of a commit or tree, or as many as the patterns can mean where it is too large for one answer */
export async function readTree(
  { github, owner, repo, signal }: Library,
  tree: string,
  patterns: readonly FilePatterns[],
): Promise<TreeEntry[]> {
  const to = `list the files of ${owner}/${repo}`
  const read = (sha: string, more: object) =>
    github.rest('GET /repos/{owner}/{repo}/git/trees/{sha}', { owner, repo, sha, ...more }, { to, signal })
  const whole = await read(tree, { recursive: 1 })
  if (!whole.at('truncated').exists() || !whole.at('truncated').flag())
    return withoutFolders(entriesOf(whole, ''))
  const isOnTheWay = directoryMatcher(patterns)
  const found: TreeEntry[] = []
  const folders = [{ oid: tree, path: '' }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = entriesOf(await read(folder.oid, {}), folder.path)
    found.push(...entries)
    folders.push(
      ...entries
        .filter(({ mode, path }) => mode === '040000' && isOnTheWay(path))
        .map(({ oid, path }) => ({ oid, path: `${path}/` })),
    )
  }
  return withoutFolders(found)
}

const withoutFolders = (entries: TreeEntry[]) => entries.filter(({ mode }) => mode !== '040000')

function entriesOf(answer: Answer, folder: string): TreeEntry[] {
  return answer
    .at('tree')
    .list()
    .map(entry => ({
      mode: entry.at('mode').text(),
      oid: entry.at('sha').sha(),
      path: folder + entry.at('path').text(),
    }))
}

/** May a folder hold what the patterns name? */
export function directoryMatcher(patterns: readonly FilePatterns[]): (path: string) => boolean {
  const roots = patterns.flatMap(({ paths = [], globs = [] }) => [
    ...paths,
    ...globs.filter(glob => !glob.startsWith('!')).map(glob => picomatch.scan(glob).base),
  ])
  return path =>
    roots.some(
      root =>
        `${root}/`.startsWith(`${path}/`) ||
        `${path}/`.startsWith(`${root.replace(/\/$/, '')}/`) ||
        root === '',
    )
}

/** Contents by name of the blob; what is in `known` is not read again. Eight at a time. */
export async function readBlobs(
  { github, owner, repo, signal }: Library,
  entries: readonly TreeEntry[],
  known: Map<string, Uint8Array>,
): Promise<void> {
  const missing = entries.filter(
    ({ oid }, index) => !known.has(oid) && entries.findIndex(entry => entry.oid === oid) === index,
  )
  const next = missing.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const { oid, path } of next) known.set(oid, await readBlob(oid, path))
    }),
  )

  async function readBlob(oid: string, path: string): Promise<Uint8Array> {
    const to = `read ${path} of ${owner}/${repo}`
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/git/blobs/{oid}',
      { owner, repo, oid },
      { to, signal },
    )
    const bytes = Buffer.from(
      answer.at('content').text(),
      answer.at('encoding').text() === 'base64' ? 'base64' : 'utf8',
    )
    if (blobName(bytes, oid.length) !== oid) throw new Transient(`${path} did not arrive whole.`)
    if (!isUtf8(bytes)) throw notUtf8(path)
    return bytes
  }
}

/** @param length of the hash in hexadecimal digits */
export function blobName(bytes: Uint8Array, length: number): string {
  const hash = createHash(length === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
