// What the config repository knows about revisions: a partial clone, commits only, fetched when first asked.
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { gitEnvironment } from '@gitops-relay/config-repo/environment'
import type { RepositoryUrl } from '@gitops-relay/config-repo/url'
import { scrubbedEnvironment, type Ended, type Execute } from '@gitops-relay/process'
import type { Relation, ValueFate } from '@gitops-relay/sync'
import { fateOfAll, type FileHistory } from './fate.ts'

export interface Ancestry {
  /** Files that a commit changed against its first parent; undefined when the repository cannot be read. */
  changedFiles(commit: string, signal: AbortSignal): Promise<string[] | undefined>
  /** How `revision` stands to `commit`, and what it made of its values in `files`. `detail` says what is in the way of an answer. */
  relate(
    revision: string,
    commit: string,
    files: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<{ relation: Relation; value?: ValueFate; detail?: string }>
}

export interface GitAncestryOptions {
  repository: RepositoryUrl
  token: string | undefined
  /** A private directory; the clone goes below it. */
  directory: () => Promise<string>
  env: Readonly<Record<string, string | undefined>>
  execute: Execute
}

/** Milliseconds for one git command. */
const TIMEOUT = 120_000

export function gitAncestry({ repository, token, directory, env, execute }: GitAncestryOptions): Ancestry {
  /** What a filter left behind is fetched when it is read. */
  const environment = (home: string) => ({
    ...gitEnvironment(scrubbedEnvironment(env, []), repository, { home, token }),
    GIT_NO_LAZY_FETCH: '0',
  })
  let clone: Promise<string> | undefined
  let line: Promise<unknown> = Promise.resolve()

  /** One git at a time: two fetches into one repository fight over its locks. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work, work)
    line = turn.catch(() => undefined)
    return turn
  }
  const git = (cwd: string, args: readonly string[], signal: AbortSignal): Promise<Ended> =>
    execute(['git', ...args], { cwd, env: environment(cwd), signal, timeout: TIMEOUT, limit: 16 << 20 })
  const answer = async (cwd: string, args: readonly string[], signal: AbortSignal): Promise<string> => {
    const { exitCode, stdout, stderr } = await git(cwd, args, signal)
    if (exitCode === 0) return stdout
    throw new GitFailed(stderr.trim().split('\n').at(-1) ?? `git ${args[0]} failed`)
  }
  const create = async (signal: AbortSignal): Promise<string> => {
    const cwd = await directory()
    const path = join(cwd, 'config.git')
    await answer(cwd, ['init', '--quiet', '--bare', path], signal)
    await answer(path, ['config', 'remote.origin.promisor', 'true'], signal)
    await answer(path, ['config', 'remote.origin.partialclonefilter', 'tree:0'], signal)
    return path
  }
  const fetch = async (commits: readonly string[], signal: AbortSignal): Promise<string> => {
    const path = await (clone ??= create(signal))
    const options = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--filter=tree:0', 'origin']
    const { exitCode } = await git(path, [...options, ...commits], signal)
    // Some servers give out branches only; a revision that none of them contains stays unknown then.
    if (exitCode !== 0) await answer(path, [...options, '+refs/heads/*:refs/heads/*'], signal)
    return path
  }
  const isAncestor = async (
    path: string,
    older: string,
    newer: string,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const { exitCode, stderr } = await git(path, ['merge-base', '--is-ancestor', older, newer], signal)
    if (exitCode === 0 || exitCode === 1) return exitCode === 0
    throw new GitFailed(stderr.trim().split('\n').at(-1) ?? '')
  }
  const parentOf = async (path: string, commit: string, signal: AbortSignal): Promise<string | undefined> =>
    (await answer(path, ['rev-list', '--parents', '-1', commit], signal)).trim().split(' ')[1]
  const diff = async (path: string, commit: string, signal: AbortSignal): Promise<string[]> => {
    const parent = await parentOf(path, commit, signal)
    const range = parent === undefined ? ['--root', commit] : [parent, commit]
    const names = await answer(
      path,
      ['diff-tree', '-r', '-z', '--no-commit-id', '--no-renames', '--name-only', ...range],
      signal,
    )
    return names.split('\0').filter(Boolean)
  }
  const fileAt = async (path: string, commit: string | undefined, file: string, signal: AbortSignal) => {
    if (commit === undefined || (await answer(path, ['ls-tree', '-z', commit, '--', file], signal)) === '')
      return undefined
    return answer(path, ['cat-file', 'blob', `${commit}:${file}`], signal)
  }
  const fate = async (
    path: string,
    revision: string,
    commit: string,
    given: readonly string[] | undefined,
    signal: AbortSignal,
  ) => {
    const parent = await parentOf(path, commit, signal)
    const histories: FileHistory[] = []
    for (const file of given ?? (await diff(path, commit, signal))) {
      histories.push({
        before: await fileAt(path, parent, file, signal),
        ours: await fileAt(path, commit, file, signal),
        live: await fileAt(path, revision, file, signal),
      })
    }
    return fateOfAll(histories)
  }

  return {
    changedFiles: (commit, signal) =>
      inTurn(async () => diff(await fetch([commit], signal), commit, signal)).catch(
        or(signal, () => undefined),
      ),
    relate: (revision, commit, files, signal) =>
      inTurn(async () => {
        const path = await fetch([commit, revision], signal)
        if (await isAncestor(path, commit, revision, signal)) {
          return fate(path, revision, commit, files, signal).then(
            value => ({ relation: 'newer' as const, value }),
            or(signal, detail => ({ relation: 'newer' as const, value: 'unreadable' as const, detail })),
          )
        }
        return {
          relation: (await isAncestor(path, revision, commit, signal))
            ? ('older' as const)
            : ('diverged' as const),
        }
      }).catch(or(signal, detail => ({ relation: 'unknown' as const, detail }))),
  }
}

/** What git said when it could not answer; an answer like any other, since waiting may mend it. */
class GitFailed extends Error {}

function or<T>(signal: AbortSignal, fallback: (detail: string) => T): (error: unknown) => T {
  return error => {
    if (!signal.aborted && (error instanceof GitFailed || error instanceof UserError))
      return fallback(error.message)
    throw error
  }
}
