// From inputs to the goal that a verdict is measured by.
import type { Goal } from '@gitops-relay/sync'
import type { Inputs } from './inputs.ts'

export function goalOf(inputs: Inputs, targets: readonly string[], startedAt: number): Goal {
  const { commit, repository, timeout, appearTimeout, settle, degradedGrace, refresh, onRetry, onSuspended } =
    inputs
  return {
    provider: 'argocd',
    commit,
    repository: withoutCredentials(repository),
    targets,
    startedAt,
    deadline: startedAt + timeout,
    appearTimeout,
    settle,
    degradedGrace,
    refresh,
    onRetry,
    onSuspended,
  }
}

/** A goal is recorded and shown; a URL may hold a password. */
export function withoutCredentials(repository: string): string {
  if (!/^https?:/i.test(repository) || !URL.canParse(repository)) return repository
  const url = new URL(repository)
  url.username = url.password = ''
  return url.href
}
