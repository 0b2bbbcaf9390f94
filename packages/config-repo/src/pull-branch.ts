// The branch of a pull request: found beside the head that it is made for, and what is to become of it.
import { createHash } from 'node:crypto'
import type { Head, PastCommit, Repository, Target } from './types.ts'

/** The state of a pull request's branch; read and compared as any other head. */
export interface PullHead extends Head {
  /** The branch that the pull request is for. */
  target: Head
  /** `undefined` where the branch does not exist. */
  own: Head | undefined
}

/** The repository, as one whose branch is that of the pull request: whoever writes it, the branch for which it is stays. */
export function pullBranch(repository: Repository, branch: string): Repository<PullHead> {
  return {
    async head(limits) {
      const target = await repository.head(limits)
      const own = await repository.branch(branch, limits)
      return {
        target,
        own,
        branch,
        commit: own?.commit ?? target.commit,
        files: patterns => target.files(patterns),
        history: since => own?.history(since) ?? Promise.resolve([]),
      }
    },
    branch: (name, limits) => repository.branch(name, limits),
    push: (head, draft, limits) => repository.push(head.target, draft, limits),
  }
}

/** A name that the same places always get: readable, and different for different places. */
export function pullBranchName(word: string, places: unknown): string {
  const slug = word
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
  const hash = createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, 8)
  return `gitops-relay/${slug === '' ? '' : `${slug}-`}${hash}`
}

export interface Seen {
  head: PullHead
  /** Is the value missing at the target? */
  isWanted: boolean
  /** Has the branch nothing but commits of ours? */
  isOurs: boolean
  /** Is a pull request open? */
  isOpen: boolean
  /** Does the branch lack the value? */
  isBehind: boolean
  /** Has the branch the very files that we would write on top of the target? */
  isFresh: boolean
}

/** What is to be done with the branch and its pull request. */
export type PullPlan =
  { kind: 'nothing' } | { kind: 'close' } | { kind: 'keep' } | { kind: 'push'; place: Target }

/**
 * A branch that is ours alone is made anew on the target's head, so that it never conflicts; with a person's commit on it,
 * ours goes on top. Where nothing would change, nothing is pushed.
 */
export function planPull({ head, isWanted, isOurs, isOpen, isBehind, isFresh }: Seen): PullPlan {
  const { target, own, branch } = head
  if (!isWanted) return isOpen && isOurs ? { kind: 'close' } : { kind: 'nothing' }
  if (own === undefined) return { kind: 'push', place: { parent: target, branch, expected: undefined } }
  if (!isOurs) {
    return isBehind
      ? { kind: 'push', place: { parent: own, branch, expected: own.commit } }
      : { kind: 'keep' }
  }
  return isFresh
    ? { kind: 'keep' }
    : { kind: 'push', place: { parent: target, branch, expected: own.commit } }
}

/** At the very end: what others wrote may hold such a line, too. */
const marker = /<!-- gitops-relay ([\da-f]{40,64}) -->\s*$/

/** A line that no reader sees, for the text of the pull request: the branch is ours up to this commit. */
export const ownershipMark = (commit: string) => `<!-- gitops-relay ${commit} -->`

/**
 * Is the branch ours alone? An open pull request says so by the commit that we have pushed last; without one, every commit
 * beyond the target must carry our trailer. In doubt it is not, and commits go on top.
 */
export function isOursAlone(own: Head, openBody: string | undefined, beyond: readonly PastCommit[]): boolean {
  if (openBody !== undefined) return marker.exec(openBody)?.[1] === own.commit
  return beyond.every(({ message }) => /^Change-Id: [\da-f]{40}$/m.test(message))
}
