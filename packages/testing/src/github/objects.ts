// What the API reads and writes in the repository: git's own objects, by plumbing.
import { randomUUID } from 'node:crypto'
import { git, gitOutput } from '../git/git.ts'
import { changesOf, type Change } from './change.ts'
import { commitText, parseCommit, type CommitObject } from './commit-object.ts'

export interface TreeEntry {
  mode: string
  type: string
  sha: string
  path: string
  /** Bytes, of blobs only. */
  size?: number
}

export interface TreeChange {
  path: string
  mode: string
  /** `null` deletes. */
  sha: string | null
}

/** The objects of one bare repository. */
export type Objects = ReturnType<typeof objectsOf>

export function objectsOf(directory: string) {
  const run = (...args: string[]) => gitOutput(directory, args)

  /** Full name of the object that a revision means, peeled to a type; `undefined` where there is none. */
  async function resolve(revision: string, type = 'commit'): Promise<string | undefined> {
    // After a colon all is a path, so that no type can stand behind it.
    const [, path] = /:(.*)$/s.exec(revision) ?? []
    if (path === '') return resolve(revision.slice(0, -1), 'tree')
    const name = path === undefined ? `${revision}^{${type}}` : revision
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name]
    const { exitCode, stdout } = await git(directory, args)
    if (exitCode !== 0) return undefined
    const found = stdout.toString().trim()
    return path === undefined ? found : resolve(found, type)
  }

  return {
    directory,
    resolve,

    commit: remembered(async (sha: string): Promise<CommitObject> =>
      parseCommit(sha, await run('cat-file', 'commit', sha)),
    ),

    /** Commits that `git log` lists for these arguments, newest first. */
    async log(...args: string[]): Promise<CommitObject[]> {
      const names = (await run('rev-list', ...args)).split('\n').filter(Boolean)
      if (names.length === 0) return []
      const all = await gitOutput(directory, ['cat-file', '--batch'], `${names.join('\n')}\n`)
      return batch(Buffer.from(all)).map(({ sha, body }) => parseCommit(sha, body))
    },

    async tree(revision: string, isRecursive: boolean): Promise<TreeEntry[]> {
      const listed = await run('ls-tree', '-z', '-l', ...(isRecursive ? ['-r', '-t'] : []), revision)
      return listed.split('\0').flatMap(line => {
        const [, mode = '', type = '', sha = '', size = '', path = ''] =
          /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? []
        if (mode === '') return []
        return [{ mode, type, sha, path, ...(type === 'blob' ? { size: Number(size) } : {}) }]
      })
    },

    async blob(sha: string): Promise<Buffer | undefined> {
      const { exitCode, stdout } = await git(directory, ['cat-file', 'blob', sha])
      return exitCode === 0 ? stdout : undefined
    },

    async writeBlobs(contents: readonly Uint8Array[]): Promise<string[]> {
      if (contents.length === 0) return []
      const parts = contents.flatMap((bytes, index) => [
        Buffer.from(`blob\nmark :${index + 1}\ndata ${bytes.length}\n`),
        bytes,
        Buffer.from(`\nget-mark :${index + 1}\n`),
      ])
      const input = Buffer.concat([...parts, Buffer.from('done\n')])
      return (await gitOutput(directory, ['fast-import', '--quiet', '--done'], input)).trim().split('\n')
    },

    /** A tree like `base`, or an empty one, with changes; as fast for a large repository as for a small one. */
    async writeTree(base: string | undefined, changes: readonly TreeChange[]): Promise<string> {
      // Trees come of commits only, so that there is one for a moment.
      const ref = `refs/scratch/${randomUUID()}`
      const lines = [
        `commit ${ref}`,
        'committer Nobody <nobody@test.invalid> 0 +0000',
        'data 0',
        ...(base === undefined ? [] : [`M 040000 ${await resolve(base, 'tree')} ""`]),
        ...changes.map(({ path, mode, sha }) =>
          sha === null ? `D ${quoted(path)}` : `M ${mode} ${sha} ${quoted(path)}`,
        ),
        'ls ""',
        `reset ${ref}`,
        `from ${zero}`,
        'done\n',
      ]
      const listed = await gitOutput(directory, ['fast-import', '--quiet', '--done'], lines.join('\n'))
      const [, tree] = /^040000 tree ([\da-f]+)/.exec(listed) ?? []
      return tree ?? (await gitOutput(directory, ['mktree'], '')).trim()
    },

    async writeCommit(commit: Omit<CommitObject, 'sha' | 'signature'>, isSigned: boolean): Promise<string> {
      const made = await gitOutput(
        directory,
        ['hash-object', '-t', 'commit', '-w', '--stdin'],
        commitText(commit, isSigned),
      )
      return made.trim()
    },

    /** Moves a ref from `before`, or makes it where that is `undefined`; false where it is elsewhere. */
    async moveRef(ref: string, after: string, before: string | undefined): Promise<boolean> {
      const { exitCode } = await git(directory, ['update-ref', ref, after, before ?? zero])
      return exitCode === 0
    },
    /** Lines of `git update-ref --stdin`: all of them, or none. */
    async moveRefs(lines: readonly string[]): Promise<boolean> {
      return (await git(directory, ['update-ref', '--stdin'], lines.join(''))).exitCode === 0
    },
    async deleteRef(ref: string): Promise<void> {
      await run('update-ref', '-d', ref)
    },

    async refs(prefix: string): Promise<{ ref: string; sha: string; type: string }[]> {
      const format = '--format=%(refname) %(objectname) %(objecttype)'
      const lines = (await run('for-each-ref', format)).split('\n').filter(line => line.startsWith(prefix))
      return lines.map(line => {
        const [ref = '', sha = '', type = ''] = line.split(' ')
        return { ref, sha, type }
      })
    },

    isAncestor: remembered(
      async (older: string, newer: string): Promise<boolean> =>
        (await git(directory, ['merge-base', '--is-ancestor', older, newer])).exitCode === 0,
    ),
    mergeBase: remembered(async (one: string, other: string): Promise<string | undefined> => {
      const { exitCode, stdout } = await git(directory, ['merge-base', one, other])
      return exitCode === 0 ? stdout.toString().trim() : undefined
    }),

    /** The tree of both together; `undefined` for a conflict. */
    /** How many commits `newer` has that `older` has not. */
    distance: remembered(async (older: string, newer: string): Promise<number> =>
      Number(await run('rev-list', '--count', `${older}..${newer}`)),
    ),

    mergeTrees: remembered(async (onto: string, other: string): Promise<string | undefined> => {
      const { exitCode, stdout } = await git(directory, ['merge-tree', '--write-tree', onto, other])
      return exitCode === 0 ? stdout.toString().trim() : undefined
    }),

    async changedPaths(before: string, after: string): Promise<string[]> {
      const named = await run('diff-tree', '-r', '-z', '--name-only', '--no-renames', before, after)
      return named.split('\0').filter(Boolean)
    },

    diff: remembered(async (before: string, after: string): Promise<Change[]> => {
      const raw = await run('diff-tree', '-r', '-z', '--raw', '--numstat', '--no-renames', before, after)
      const patch = await run('diff', '--no-renames', '--src-prefix=a/', '--dst-prefix=b/', before, after)
      return changesOf(raw, patch)
    }),
  }
}

const zero = '0'.repeat(40)

/** What is asked of whole names never changes, so that it is asked once. */
function remembered<A extends string[], T>(ask: (...names: A) => Promise<T>): (...names: A) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (...names) => {
    if (!names.every(name => /^[\da-f]{40}$/.test(name))) return ask(...names)
    const key = names.join(' ')
    const answer = known.get(key) ?? ask(...names)
    known.set(key, answer)
    // What is not there yet may come.
    answer.catch(() => known.delete(key))
    return answer
  }
}

/** As fast-import reads a path. */
const quoted = (path: string) => `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`

/** What `cat-file --batch` prints. */
function batch(bytes: Buffer): { sha: string; body: string }[] {
  const found = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n', at)
    const [sha = '', , size = '0'] = bytes.toString('latin1', at, end).split(' ')
    const body = bytes.toString('utf8', end + 1, end + 1 + Number(size))
    found.push({ sha, body })
    at = end + 2 + Number(size)
  }
  return found
}
