// Ancestry of source commits: from the clone in the workspace, which is only read, else as GitHub tells.
import type { Environment, Execute } from '@gitops-relay/process'
import { ApiError, type GitHub } from '@gitops-relay/github'
import { HttpError } from '@gitops-relay/http'
import type { IsAncestor } from './order.ts'

export interface Workspace {
  workspace: string
  /** An empty directory, where git looks for a user's settings in vain. */
  home: string
  env: Environment
  execute: Execute
}

export function workspaceAncestry({ workspace, home, env, execute }: Workspace): IsAncestor {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))
  const environment = {
    ...Object.fromEntries(own),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    // The workspace often belongs to another user than the action in a container.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  }
  return async (older, newer, signal) => {
    const argv = ['git', '-c', 'core.fsmonitor=false', 'merge-base', '--is-ancestor', older, newer] as const
    const { exitCode } = await execute(argv, { cwd: workspace, env: environment, signal, timeout: 30_000 })
    if (exitCode === 0) return true
    return exitCode === 1 && !(await isShallow()) ? false : undefined

    /** Beyond the edge of a shallow clone an ancestor may hide. */
    async function isShallow(): Promise<boolean> {
      const options = { cwd: workspace, env: environment, signal, timeout: 30_000 }
      const { stdout } = await execute(['git', 'rev-parse', '--is-shallow-repository'], options)
      return stdout.trim() !== 'false'
    }
  }
}

/** By comparing the two commits of a repository; what GitHub does not tell is not known. */
export function remoteAncestry(github: GitHub, repository: string): IsAncestor {
  const [owner, repo] = repository.split('/')
  const route = 'GET /repos/{owner}/{repo}/compare/{basehead}'
  return async (older, newer, signal) => {
    const call = { to: `compare commits of ${repository}`, signal }
    try {
      const compared = await github.rest(
        route,
        { owner, repo, basehead: `${older}...${newer}`, per_page: 1 },
        call,
      )
      return ['ahead', 'identical'].includes(compared.at('status').line())
    } catch (error) {
      if (error instanceof ApiError || error instanceof HttpError) return undefined
      throw error
    }
  }
}

/** The first answer counts. */
export function firstOf(...ways: readonly IsAncestor[]): IsAncestor {
  return async (older, newer, signal) => {
    for (const isAncestor of ways) {
      const answer = await isAncestor(older, newer, signal)
      if (answer !== undefined) return answer
    }
    return undefined
  }
}
