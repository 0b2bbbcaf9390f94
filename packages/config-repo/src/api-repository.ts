// The API transport: reads and writes through GitHub's interface, without any clone.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { ApiError, type GitHub } from '@gitops-relay/github'
import { reading, writeAnswer } from './api-answers.ts'
import { commitOnBranch, looseCommit, moveBranch } from './api-commit.ts'
import { readBlobs, readTree } from './api-tree.ts'
import { selectFiles } from './tree.ts'
import { targetOf } from './types.ts'
import type { Draft, FilePatterns, Head, Limits, PastCommit, Repository, RepositoryFile } from './types.ts'

export interface ApiRepositoryOptions {
  github: GitHub
  owner: string
  repo: string
  /** Empty: the default branch of the repository. */
  branch: string
  /** Commits that GitHub does not sign are not put on a branch. */
  mustVerify: boolean
}

/** How many of the newest commits are read for the order of builds. */
const window = 50

export function apiRepository({
  github,
  owner,
  repo,
  mustVerify,
  ...options
}: ApiRepositoryOptions): Repository {
  const at = { owner, repo }
  const name = `${owner}/${repo}`
  const modes = new Map<string, Map<string, string>>()
  const blobs = new Map<string, Uint8Array>()
  let { branch } = options

  const library = ({ signal }: Limits) => ({ github, owner, repo, signal })

  const headOf = async (branchName: string, limits: Limits): Promise<Head> => {
    const call = { to: `read ${branchName} of ${name}`, signal: limits.signal }
    const read = github.rest(
      'GET /repos/{owner}/{repo}/git/ref/{ref}',
      { ...at, ref: `heads/${branchName}` },
      call,
    )
    const commit = (await read).at('object', 'sha').sha()
    return {
      commit,
      branch: branchName,
      files: patterns => reading(() => files(commit, patterns, limits)),
      history: since => reading(() => history(commit, since, limits)),
    }
  }

  const files = async (
    commit: string,
    patterns: readonly FilePatterns[],
    limits: Limits,
  ): Promise<RepositoryFile[]> => {
    const chosen = selectFiles(await readTree(library(limits), commit, patterns), patterns)
    modes.set(commit, new Map(chosen.map(({ path, mode }) => [path, mode])))
    await readBlobs(library(limits), chosen, blobs)
    return chosen.map(({ path, mode, oid }) => ({
      path,
      mode: mode === '100755' ? mode : '100644',
      bytes: blobs.get(oid) ?? new Uint8Array(),
    }))
  }

  const history = async (
    commit: string,
    since: string | undefined,
    { signal }: Limits,
  ): Promise<PastCommit[]> => {
    const call = { to: `read the history of ${name}`, signal }
    const found: PastCommit[] = []
    const newest = github.list(
      'GET /repos/{owner}/{repo}/commits',
      { ...at, sha: commit, per_page: window },
      call,
    )
    const between = { ...at, basehead: `${since}...${commit}` }
    const items =
      since === undefined
        ? newest
        : github.list('GET /repos/{owner}/{repo}/compare/{basehead}', between, call, 'commits')
    for await (const item of items) {
      found.push({ commit: item.at('sha').sha(), message: item.at('commit', 'message').text() })
      if (since === undefined && found.length === window) break
    }
    // Only the comparison names the oldest first.
    return since === undefined ? found : found.toReversed()
  }

  const write = async (head: Head, draft: Draft, limits: Limits): Promise<string> => {
    const target = targetOf(head, draft)
    const { parent, branch: to, expected } = target
    const known = modes.get(parent.commit) ?? new Map<string, string>()
    const isForward = expected === undefined || expected === parent.commit
    const isPlain = [...draft.files.keys()].every(path => (known.get(path) ?? '100644') === '100644')
    if (isPlain && isForward) {
      if (expected === undefined) await moveBranch(library(limits), parent.commit, target, true)
      return commitOnBranch(library(limits), draft, { branch: to, expected: parent.commit })
    }
    const commit = await looseCommit(library(limits), parent, draft, { modes: known, mustVerify })
    await moveBranch(library(limits), commit, target, isForward)
    return commit
  }

  return {
    head: limits =>
      reading(async () => {
        branch ||= await defaultBranch(github, owner, repo, limits)
        return headOf(branch, limits).catch(error => {
          throw isMissing(error) ? noBranch(name, branch, error) : error
        })
      }),
    branch: (branchName, limits) =>
      reading(() =>
        headOf(branchName, limits).catch(error => {
          if (isMissing(error)) return undefined
          throw error
        }),
      ),
    async push(head, draft, limits) {
      try {
        return { kind: 'landed', commit: await write(head, draft, limits) }
      } catch (error) {
        limits.signal.throwIfAborted()
        return writeAnswer(error)
      }
    },
  }
}

const isMissing = (error: unknown) => error instanceof ApiError && error.status === 404

function noBranch(name: string, branch: string, cause: unknown): UserError {
  const sentence = `There is no branch ${JSON.stringify(branch)} in ${name}, or the token may not see it.`
  return new UserError(
    'no-branch',
    sentence,
    'Correct "branch" and "repository", or give a "token" that reaches it.',
    {
      cause,
    },
  )
}

async function defaultBranch(
  github: GitHub,
  owner: string,
  repo: string,
  { signal }: Limits,
): Promise<string> {
  const call = { to: `read ${owner}/${repo}`, signal }
  try {
    return (await github.rest('GET /repos/{owner}/{repo}', { owner, repo }, call)).at('default_branch').line()
  } catch (error) {
    if (!isMissing(error)) throw error
    const sentence = `There is no repository ${owner}/${repo}, or the token may not see it.`
    const remedy = 'Correct "repository", or give a "token" that reaches it.'
    throw new UserError('no-repository', sentence, remedy, { cause: error })
  }
}
