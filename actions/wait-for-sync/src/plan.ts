// From inputs to the goal that a verdict is measured by.
import type { Goal } from '@gitops-relay/sync'
import type { Inputs } from './inputs.ts'
import type { Choice } from './providers/provider.ts'

export function goalOf(
  inputs: Inputs,
  provider: Goal['provider'],
  { targets, changedFiles }: Choice,
  startedAt: number,
): Goal {
  const { commit, repository, timeout, appearTimeout, settle, degradedGrace, refresh, onRetry, onSuspended } =
    inputs
  return {
    provider,
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
