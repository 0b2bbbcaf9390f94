// Objects over HTTP on one connection, each level of trees in one request: a repository may be as large as it likes.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HttpError } from '@gitops-relay/http'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Git } from './git.ts'
import { exactPaths, window, type Source } from './source.ts'
import { parseTree } from './tree.ts'
import { Transient, type Limits } from './types.ts'
import type { UploadPack, Wish } from './upload-pack.ts'

export interface WireOptions {
  url: string
  /** Of the private repository. */
  directory: string
  git: Git
  server: UploadPack
  now: () => number
}

export function wireSource({ url, directory, git, server, now }: WireOptions): Source {
  const heads = new Map<string, string>()
  const present = new Set<string>()
  const shallow = new Set<string>()

  const asking = async <T>(limits: Limits, ask: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const left = AbortSignal.timeout(Math.max(1000, Math.min(limits.deadline - now(), 2 ** 31 - 1)))
    try {
      return await ask(AbortSignal.any([limits.signal, left]))
    } catch (error) {
      limits.signal.throwIfAborted()
      if (left.aborted || error instanceof HttpError || error instanceof Error)
        throw new Transient(error instanceof Error ? error.message : 'The server did not answer in time.')
      throw error
    }
  }

  const take = async (wish: Wish, limits: Limits): Promise<void> => {
    const pack = await asking(limits, signal => server.pack(wish, signal))
    for (const oid of pack.shallow) shallow.add(oid)
    if (pack.shallow.length > 0)
      await writeFile(join(directory, 'shallow'), [...shallow].map(oid => `${oid}\n`).join(''))
    await git.read(['index-pack', '--stdin', '--promisor'], limits, pack.bytes)
  }

  const want = async (oids: readonly string[], filter: Wish['filter'], limits: Limits): Promise<void> => {
    const missing = [...new Set(oids)].filter(oid => !present.has(`${filter} ${oid}`))
    if (missing.length === 0) return
    await take({ wants: missing, filter }, limits)
    for (const oid of missing) present.add(`${filter} ${oid}`)
  }

  /** Directories `depth` names deep on the way to the paths. */
  const treesAbove = async (commit: string, paths: readonly string[], depth: number, limits: Limits) => {
    const above = paths.map(path => path.split('/')).filter(names => names.length > depth)
    const names = [...new Set(above.map(parts => parts.slice(0, depth).join('/')))]
    if (names.length === 0) return []
    const listed = parseTree(await git.read(['ls-tree', '-z', '--full-tree', commit, '--', ...names], limits))
    return listed.filter(({ mode }) => mode === '040000').map(({ oid }) => oid)
  }

  return {
    async branch(name, limits) {
      const tip = await asking(limits, signal => server.tip(`refs/heads/${name}`, signal))
      if (tip === undefined)
        throw new UserError(
          'no-branch',
          `${url} has no branch ${name}.`,
          'Correct "branch", or push it first.',
        )
      const last = heads.get(name)
      if (last !== tip) {
        const rest = last === undefined ? { depth: window } : { haves: [last], shallow: [...shallow] }
        await take({ wants: [tip], filter: 'tree:0', ...rest }, limits)
      }
      heads.set(name, tip)
      return tip
    },
    async trees(commit, patterns, limits) {
      const [, root = ''] = /^tree (\S+)$/m.exec(await git.read(['cat-file', 'commit', commit], limits)) ?? []
      const paths = exactPaths(patterns)
      if (paths === undefined) return want([root], 'blob:none', limits)
      await want([root], 'tree:0', limits)
      await want(await treesAbove(commit, paths, 1, limits), 'tree:0', limits)
      // Two levels down a directory is small: what is below it comes at once.
      await want(await treesAbove(commit, paths, 2, limits), 'blob:none', limits)
    },
    blobs: (oids, limits) => want(oids, 'tree:0', limits),
  }
}
