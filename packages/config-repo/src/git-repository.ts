// The git transport: objects only, in a private bare repository. No file of the config repository ever touches a work tree.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Environment, Execute } from '@gitops-relay/process'
import { pushAnswer, readFailure } from './answers.ts'
import { gitEnvironment } from './environment.ts'
import { createGit, type Git } from './git.ts'
import { importStream } from './import-stream.ts'
import { parseBlobs, parseTree, selectFiles } from './tree.ts'
import type { Draft, Head, Limits, PastCommit, Repository, RepositoryFile } from './types.ts'
import type { RepositoryUrl } from './url.ts'

export interface GitRepositoryOptions {
  repository: RepositoryUrl
  /** Empty: the default branch of the repository. */
  branch: string
  token: string | undefined
  /** A private, empty directory. */
  directory: string
  /** Already scrubbed. */
  env: Environment
  execute: Execute
  clock: Clock
}

/** How many of the newest commits come along, for the order of builds. */
const window = 50
const remoteHead = 'refs/relay/head'
const quiet = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--filter=blob:none',
]

export function gitRepository(options: GitRepositoryOptions): Repository {
  const { repository, token, directory, execute, clock } = options
  const env = gitEnvironment(options.env, repository, { home: directory, token })
  const git = createGit({ directory, env, execute, clock })
  const modes = new Map<string, string>()
  const present = new Set<string>()
  let [branch, isPartial] = [options.branch, true]
  let prepared: Promise<unknown> | undefined
  let seen = false

  const asked = () => ({ url: repository.url, branch })

  const fetch = async (args: readonly string[], limits: Limits, input?: string) => {
    const said = await git.run(['fetch', ...quiet, ...args], limits, input)
    if (said.exitCode !== 0) throw readFailure(said, asked())
    if (/filtering not recognized/.test(said.stderr)) isPartial = false
  }

  const head = async (limits: Limits): Promise<Head> => {
    await (prepared ??= git.read(['init', '--quiet', '--bare', '--template=', '.'], limits))
    branch ||= await defaultBranch(git, repository.url, limits)
    // Later only what came on top: everything between the old and the new head is then here.
    const depth = seen ? [] : [`--depth=${window}`]
    await fetch([...depth, '--refmap=', 'origin', `+refs/heads/${branch}:${remoteHead}`], limits)
    seen = true
    const commit = (await git.read(['rev-parse', '--verify', remoteHead], limits)).trim()
    return {
      commit,
      branch,
      files: patterns => files(commit, patterns, limits),
      history: since => history(git, commit, since, limits),
    }
  }

  const files = async (commit: string, patterns: Parameters<Head['files']>[0], limits: Limits) => {
    const tree = parseTree(await git.read(['ls-tree', '-r', '-z', '--full-tree', commit], limits))
    const chosen = selectFiles(tree, patterns)
    const missing = [...new Set(chosen.map(({ oid }) => oid).filter(oid => !present.has(oid)))]
    if (isPartial && missing.length > 0) await fetch(['--stdin', 'origin'], limits, `${missing.join('\n')}\n`)
    for (const oid of missing) present.add(oid)
    if (chosen.length === 0) return []
    const output = await git.read(
      ['cat-file', '--batch'],
      limits,
      `${chosen.map(({ oid }) => oid).join('\n')}\n`,
    )
    const contents = parseBlobs(output, chosen)
    return chosen.map(({ path, mode }, index): RepositoryFile => {
      modes.set(path, mode)
      return { path, mode: mode === '100755' ? mode : '100644', bytes: contents[index] ?? new Uint8Array() }
    })
  }

  const write = async (parent: string, draft: Draft, limits: Limits): Promise<string> => {
    const seconds = Math.floor(clock.now() / 1000)
    const stream = importStream(draft, { parent, ref: 'refs/relay/ours', modes, seconds })
    const commit = (await git.read(['fast-import', '--quiet', '--force', '--done'], limits, stream)).trim()
    const changed = await git.read(
      ['diff-tree', '-r', '-z', '--name-only', '--no-renames', parent, commit],
      limits,
    )
    const [wanted, found] = [[...draft.files.keys()], changed.split('\0').filter(Boolean)]
    if (wanted.toSorted().join('\0') === found.toSorted().join('\0')) return commit
    throw new Error(
      `The commit changes ${found.join(', ')} instead of ${wanted.join(', ')}, so it is not pushed.`,
    )
  }

  return {
    head,
    async push(base, draft, limits) {
      const commit = await write(base.commit, draft, limits)
      const ref = `refs/heads/${base.branch}`
      // A child of the expected head is a fast-forward of it, so the lease forces nothing.
      const lease = `--force-with-lease=${ref}:${base.commit}`
      const said = await git.run(
        ['push', '--porcelain', '--no-verify', '--no-follow-tags', lease, 'origin', `${commit}:${ref}`],
        limits,
      )
      return pushAnswer(said, commit, asked())
    },
  }
}

async function defaultBranch(git: Git, url: string, limits: Limits): Promise<string> {
  const said = await git.run(['ls-remote', '--symref', 'origin', 'HEAD'], limits)
  if (said.exitCode !== 0) throw readFailure(said, { url, branch: 'HEAD' })
  const [, name] = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said.stdout) ?? []
  if (name !== undefined) return name
  throw new UserError(
    'no-branch',
    `${url} has no default branch yet.`,
    'Push a first commit, or name a "branch".',
  )
}

async function history(
  git: Git,
  commit: string,
  since: string | undefined,
  limits: Limits,
): Promise<PastCommit[]> {
  const range = since === undefined ? [`--max-count=${window}`, commit] : [`${since}..${commit}`]
  const output = await git.read(['log', '-z', '--format=%H%n%B', ...range], limits)
  return output.split('\0').flatMap(entry => {
    const end = entry.indexOf('\n')
    return end < 0 ? [] : [{ commit: entry.slice(0, end), message: entry.slice(end + 1) }]
  })
}
