// How objects of the config repository come into the private one, and no more of them than are needed.
import type { FilePatterns, Limits } from './types.ts'

/** How many of the newest commits come along, for the order of builds. */
export const window = 50

export interface Source {
  /**
   * Brings the newest commits of a branch, and gives its head. Later only what came on top: everything between the old
   * and the new head is then here.
   *
   * @throws UserError `no-branch` and others that only a person can mend; Transient
   */
  branch(name: string, limits: Limits): Promise<string>
  /** Brings the trees on the way to the files. */
  trees(commit: string, patterns: readonly FilePatterns[], limits: Limits): Promise<void>
  /** Brings contents of files. */
  blobs(oids: readonly string[], limits: Limits): Promise<void>
}

/** Exact paths need the trees on their way; a glob, or very many paths, need all of them. */
export function exactPaths(patterns: readonly FilePatterns[]): string[] | undefined {
  const paths = patterns.flatMap(({ paths: exact = [] }) => exact)
  const isSparse = patterns.every(({ globs = [] }) => globs.length === 0) && paths.length <= 500
  return isSparse ? paths : undefined
}
