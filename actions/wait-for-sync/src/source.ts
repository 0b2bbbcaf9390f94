// Which commit of which repository is being deployed: what bump-manifest wrote into the config commit, else what the run is about.
import type { RunFacts } from '@gitops-relay/action-kit'

export interface Source {
  owner: string
  repo: string
  sha: string
}

/**
 * Undefined where nobody knows, and where the source is on another server than the run's.
 *
 * @param message of the config commit; empty where it could not be read
 */
export function sourceOf(
  message: string,
  { repository, sourceCommit, serverUrl }: RunFacts,
): Source | undefined {
  const sha = trailer(message, 'Source-Commit')
  const url = trailer(message, 'Argocd-reference-commit-repourl')
  if (sha === '') return place(repository, sourceCommit)
  const isHere = url === '' || (URL.canParse(url) && new URL(url).host === new URL(serverUrl).host)
  return isHere ? place(trailer(message, 'Source-Repository') || repository, sha) : undefined
}

function place(repository: string, sha: string): Source | undefined {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(repository) ?? []
  const isCommit = /^(?:[\da-f]{40}|[\da-f]{64})$/.test(sha)
  return isCommit && owner !== undefined && repo !== undefined ? { owner, repo, sha } : undefined
}

/** The last one counts: a squashed pull request has the messages of all its commits. */
const trailer = (message: string, key: string): string =>
  message
    .split('\n')
    .findLast(line => line.startsWith(`${key}: `))
    ?.slice(key.length + 2)
    .trim() ?? ''
