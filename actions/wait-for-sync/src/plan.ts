// From inputs to the goal that a verdict is measured by.
import type { Goal } from '@gitops-relay/sync'
import type { Inputs } from './inputs.ts'

export function goalOf(
  inputs: Inputs,
  targets: readonly string[],
  changedFiles: readonly string[] | undefined,
  startedAt: number,
): Goal {
  const { commit, repository, timeout, appearTimeout, settle, degradedGrace, refresh, onRetry, onSuspended } =
    inputs
  return {
    provider: 'argocd',
    commit,
    repository: repository.url,
    targets,
    startedAt,
    deadline: startedAt + timeout,
    appearTimeout,
    settle,
    degradedGrace,
    refresh,
    onRetry,
    onSuspended,
    ...(changedFiles === undefined ? {} : { changedFiles }),
    ...(inputs.proof === undefined ? {} : { proof: inputs.proof }),
  }
}
