// What a state means for our commit, whoever the controller is.
import type { Proven } from './pods/proof.ts'
import type { Reason, Relation, Result, Time } from './types.ts'

/**
 * What a state means for our commit. As long as the following states mean the same (code and revision), it lasts; when
 * it has lasted for `after` milliseconds, it becomes `result`.
 */
export interface Standing extends Reason {
  revision: string
  becomes?: { result: Exclude<Result, 'timeout'>; after: number }
  /** Another look of the controller's would spare us the longer wait. */
  unsure?: boolean
}

/** What is read from a target at a moment. */
export interface Reading {
  at: Time
  standing: Standing
  /** The commit that runs there, as far as the controller says. */
  live: string
  health: string
  /** The commit that the controller works with. */
  compared: string
  relation: Relation
  /** Has every look that we asked for been answered, if only by a failure? */
  answered: boolean
  /** Whom to ask for another look: the target itself, or what stands before it. */
  refreshOf: string
  /** Where digests shall be proven. */
  proof: Proven | undefined
}

/** A full SHA; while a comparison fails, the controller writes the name of the branch instead. */
export const isCommit = (revision: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)

export const short = (revision: string): string => (isCommit(revision) ? revision.slice(0, 7) : revision)

/** Milliseconds that a condition may take to go by itself, where no input says otherwise. */
export const GRACE: Time = 60_000
