// Who deploys: how its targets are found and seen.
import type { Goal, Observer } from '@gitops-relay/sync'

export interface Choice {
  targets: readonly string[]
  /** Undefined where nobody had to know. */
  changedFiles: readonly string[] | undefined
}

/** What the commit changes; undefined where it cannot be known. */
export type ChangedFiles = () => Promise<readonly string[] | undefined>

export interface Provider {
  readonly name: Goal['provider']
  /** The targets that the user names, or all that deploy the commit. Thrown: UserError, such as `no-target`. */
  choose(changedFiles: ChangedFiles, signal: AbortSignal): Promise<Choice>
  observe(targets: readonly string[]): Observer
  /** When the commit was made; for the timeline only. */
  commitTime(targets: readonly string[], signal: AbortSignal): Promise<number | undefined>
}
