// The git transport: objects only, in a private bare repository. No file of the config repository ever touches a work tree.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Http } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import type { Ended, Environment, Execute } from '@gitops-relay/process'
import { pushAnswer, readFailure } from './answers.ts'
import { gitEnvironment } from './environment.ts'
import { writeCommit } from './git-commit.ts'
import { gitSource } from './git-source.ts'
import { createGit, type Git } from './git.ts'
import { signed } from './signature.ts'
import { exactPaths, window, type Source } from './source.ts'
import { keyFile, type SshAccess } from './ssh.ts'
import { parseBlobs, parseTree, selectFiles } from './tree.ts'
import { targetOf } from './types.ts'
import type { FilePatterns, Head, Limits, PastCommit, Repository, RepositoryFile } from './types.ts'
import { uploadPack } from './upload-pack.ts'
import type { RepositoryUrl } from './url.ts'
import { wireSource } from './wire-source.ts'

export interface GitRepositoryOptions {
  repository: RepositoryUrl
  /** Empty: the default branch of the repository. */
  branch: string
  token: string | undefined
  /** For ssh URLs. */
  ssh?: SshAccess | undefined
  /** An SSH private key that signs the commits. */
  signingKey?: string | undefined
  /** A private, empty directory. */
  directory: string
  /** Reads over https without a git process for each; absent: git reads. */
  http?: Http | undefined
  /** Already scrubbed. */
  env: Environment
  execute: Execute
  clock: Clock
}

export function gitRepository(options: GitRepositoryOptions): Repository {
  const { repository, token, ssh, signingKey, directory, execute, clock } = options
  const sshFiles = ssh && { key: join(directory, 'ssh-key'), knownHosts: join(directory, 'known-hosts') }
  const env = gitEnvironment(options.env, repository, { home: directory, token, ssh: sshFiles })
  const git = createGit({ directory, env, execute, clock })
  const sign =
    signingKey === undefined
      ? undefined
      : (commit: string, limits: Limits) => signed(commit, signingKey, { directory, env, execute }, limits)
  /** Modes of the files that were read, by commit and path. */
  const modes = new Map<string, Map<string, string>>()
  let { branch } = options
  let prepared: Promise<unknown> | undefined

  const asked = (name = branch) => ({ url: repository.url, branch: name })

  /** Git that speaks to the server; a key is on disk only meanwhile. */
  const remote = async (
    args: readonly string[],
    limits: Limits,
    input?: string | Uint8Array,
  ): Promise<Ended> => {
    if (ssh === undefined || sshFiles === undefined) return git.run(args, limits, input)
    await writeFile(sshFiles.knownHosts, ssh.knownHosts)
    await using _ = await keyFile(sshFiles.key, ssh.key)
    return await git.run(args, limits, input)
  }

  const byGit = gitSource(repository.url, git, remote)
  const byWire =
    options.http === undefined || !/^https?$/.test(repository.scheme)
      ? undefined
      : wireSource({
          url: repository.url,
          directory,
          git,
          server: uploadPack({ http: options.http, url: repository.url, token }),
          now: () => clock.now(),
        })
  let source: Source | undefined

  /** The first answer decides: what the short way cannot do, git does, in words that are understood. */
  const headOf = async (name: string, limits: Limits): Promise<Head> => {
    if (source === undefined && byWire !== undefined) {
      const commit = await byWire.branch(name, limits).catch(() => undefined)
      limits.signal.throwIfAborted()
      source = commit === undefined ? byGit : byWire
      if (commit !== undefined) return headAt(name, commit, byWire, limits)
    }
    source ??= byGit
    return headAt(name, await source.branch(name, limits), source, limits)
  }

  const headAt = (name: string, commit: string, from: Source, limits: Limits): Head => ({
    commit,
    branch: name,
    files: patterns => files(commit, patterns, from, limits),
    history: since => history(git, commit, since, limits),
  })

  const files = async (
    commit: string,
    patterns: readonly FilePatterns[],
    from: Source,
    limits: Limits,
  ): Promise<RepositoryFile[]> => {
    await from.trees(commit, patterns, limits)
    const paths = exactPaths(patterns)
    const which = paths === undefined ? [] : ['--', ...paths]
    if (paths?.length === 0) return []
    const tree = parseTree(await git.read(['ls-tree', '-r', '-z', '--full-tree', commit, ...which], limits))
    const chosen = selectFiles(tree, patterns)
    modes.set(commit, new Map(chosen.map(({ path, mode }) => [path, mode])))
    if (chosen.length === 0) return []
    const oids = chosen.map(({ oid }) => oid)
    await from.blobs([...new Set(oids)], limits)
    const output = await git.read(['cat-file', '--batch'], limits, `${oids.join('\n')}\n`)
    const contents = parseBlobs(output, chosen)
    return chosen.map(({ path, mode }, index): RepositoryFile => ({
      path,
      mode: mode === '100755' ? mode : '100644',
      bytes: contents[index] ?? new Uint8Array(),
    }))
  }

  const prepare = (limits: Limits) =>
    (prepared ??= git.read(['init', '--quiet', '--bare', '--template=', '.'], limits))

  return {
    async head(limits) {
      await prepare(limits)
      branch ||= await defaultBranch(remote, repository.url, limits)
      return headOf(branch, limits)
    },
    async branch(name, limits) {
      await prepare(limits)
      try {
        return await headOf(name, limits)
      } catch (error) {
        if (error instanceof UserError && error.code === 'no-branch') return undefined
        throw error
      }
    },
    async push(head, draft, limits) {
      const { parent, branch: name, expected } = targetOf(head, draft)
      const known = modes.get(parent.commit) ?? new Map<string, string>()
      const commit = await writeCommit(parent.commit, draft, { git, clock, modes: known, sign }, limits)
      const ref = `refs/heads/${name}`
      // Forced only against what was expected there: a child of it is a fast-forward, anything else replaces just that.
      const lease = `--force-with-lease=${ref}:${expected ?? ''}`
      const said = await remote(
        ['push', '--porcelain', '--no-verify', '--no-follow-tags', lease, 'origin', `${commit}:${ref}`],
        limits,
      )
      return pushAnswer(said, commit, asked(name))
    },
  }
}

async function defaultBranch(remote: Git['run'], url: string, limits: Limits): Promise<string> {
  const said = await remote(['ls-remote', '--symref', 'origin', 'HEAD'], limits)
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
