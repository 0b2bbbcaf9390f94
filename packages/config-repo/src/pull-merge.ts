// Merging a pull request as soon as it may be: at once, else by itself once its checks pass, else by the queue.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { ApiError, type GitHub } from '@gitops-relay/github'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { asking } from './api-answers.ts'
import type { PullRequest } from './pull-requests.ts'

export type MergeMethod = 'merge' | 'squash' | 'rebase'

/** `merged` at once; `armed`: GitHub merges it when checks and reviews allow; `queued`; `conflict`: not as it is. */
export type Merge = 'merged' | 'armed' | 'queued' | 'conflict' | 'unknown'

export interface Merging {
  github: GitHub
  owner: string
  repo: string
  clock: Clock
  signal: AbortSignal
}

type Step = 'merge' | 'arm' | 'wait' | 'conflict'

/** What GitHub's own word for the state of a pull request calls for. Words that are not known yet: it may judge by itself. */
export function stepFor(state: string): Step {
  if (state === 'unknown' || state === '') return 'wait'
  if (state === 'dirty') return 'conflict'
  return ['clean', 'unstable', 'has_hooks'].includes(state) ? 'merge' : 'arm'
}

/** What an answer to merging or arming calls for instead. */
export function stepAfter(said: string): Step | 'queue' | 'refused' {
  if (/merge queue/i.test(said)) return 'queue'
  if (/clean status|unstable status/i.test(said)) return 'merge'
  if (/Base branch was modified|try the merge again/i.test(said)) return 'wait'
  if (
    /not mergeable|required status check|review is required|protected branch|rule violations|rule/i.test(said)
  )
    return 'arm'
  return 'refused'
}

/** An answer that got lost may have merged all the same: the next look tells. */
function stepAfterError(error: unknown): ReturnType<typeof stepAfter> {
  if (error instanceof HttpError || (error instanceof ApiError && error.status >= 500)) return 'wait'
  return error instanceof ApiError ? stepAfter(error.said) : 'refused'
}

const rounds = 10

/**
 * @param head the commit that is to be merged; another one is not
 * @throws UserError `auto-merge-refused`
 */
export async function mergePull(
  pull: PullRequest,
  head: string,
  method: MergeMethod,
  { github, owner, repo, clock, signal }: Merging,
): Promise<Merge> {
  const call = { to: `merge pull request ${pull.number} of ${owner}/${repo}`, signal }
  const at = { owner, repo, number: pull.number }
  const input = { pullRequestId: pull.id, expectedHeadOid: head }
  const ways = {
    merge: () =>
      github.rest(
        'PUT /repos/{owner}/{repo}/pulls/{number}/merge',
        { ...at, sha: head, merge_method: method },
        call,
      ),
    arm: () =>
      github.graphql(
        'mutation($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { clientMutationId } }',
        { input: { ...input, mergeMethod: method.toUpperCase() } },
        call,
      ),
    queue: () =>
      github.graphql(
        'mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { clientMutationId } }',
        { input },
        call,
      ),
  }
  const ends = { merge: 'merged', arm: 'armed', queue: 'queued' } as const

  let told: Step | 'queue' | undefined
  for (let round = 1; round <= rounds; round++) {
    const now = await asking(() => github.rest('GET /repos/{owner}/{repo}/pulls/{number}', at, call))
    if (now.at('merged').value === true) return 'merged'
    const state = now.at('mergeable_state')
    const step = told ?? stepFor(state.exists() ? state.line() : '')
    told = undefined
    if (step === 'conflict') return 'conflict'
    if (step === 'wait') {
      await clock.sleep(Math.min(4000, 500 * round), signal)
      continue
    }
    try {
      await ways[step]()
      return ends[step]
    } catch (error) {
      if (error instanceof ApiError && /already (?:enabled|in the queue|queued)/i.test(error.said))
        return ends[step]
      const next = stepAfterError(error)
      if (next === step || next === 'refused') throw refused(pull, error)
      if (next === 'wait') await clock.sleep(Math.min(4000, 500 * round), signal)
      // What was waited for may be over now.
      else told = next
    }
  }
  return 'unknown'
}

function refused({ number }: PullRequest, cause: unknown): unknown {
  if (!(cause instanceof ApiError)) return cause
  const remedy = /auto.?merge is not allowed|not enabled/i.test(cause.said)
    ? 'Allow auto-merge in the settings of the repository, or set "auto-merge" to false.'
    : 'See what the rules of the branch demand, or set "auto-merge" to false.'
  const sentence = `Pull request ${number} is open, but cannot be merged: ${cause.said || cause.status}.`
  return new UserError('auto-merge-refused', sentence, remedy, { cause })
}
