// What the workflow says about the pull request.
import type { InputReader } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { branchName, type MergeMethod } from '@gitops-relay/config-repo'

export interface PullRequestInputs {
  /** Empty: the subject of the commit. */
  title: string
  /** Above our own text. */
  body: string
  labels: string[]
  reviewers: string[]
  /** Empty: one per set of places. */
  branch: string
  isDraft: boolean
  autoMerge: MergeMethod | undefined
}

/**
 * `undefined` with mode push.
 *
 * @throws UserError
 */
export function readPullRequest(input: InputReader): PullRequestInputs | undefined {
  const mode = input.oneOf('mode', ['push', 'pull-request'])
  const method = input.oneOf('auto-merge', ['false', 'merge', 'squash', 'rebase'])
  const texts = ['title', 'body', 'labels', 'reviewers', 'branch', 'draft'].map(
    name => `pull-request-${name}`,
  )
  if (mode === 'push') {
    const given = method === 'false' ? texts.find(name => input.text(name) !== '') : 'auto-merge'
    if (given === undefined) return undefined
    const sentence = `"${given}" is given, and "mode" is push, which opens no pull request.`
    throw new UserError('contradiction', sentence, `Set "mode" to pull-request, or take "${given}" out.`)
  }
  const isDraft = input.text('pull-request-draft') !== '' && input.boolean('pull-request-draft')
  if (isDraft && method !== 'false') {
    const sentence = '"pull-request-draft" is true, and drafts are not merged by "auto-merge".'
    throw new UserError('contradiction', sentence, 'Keep one of the two.')
  }
  const branch = input.singleLine('pull-request-branch')
  return {
    title: input.singleLine('pull-request-title'),
    body: input.text('pull-request-body'),
    labels: input.list('pull-request-labels'),
    reviewers: readReviewers(input),
    branch: branch === '' ? '' : branchName(branch, 'pull-request-branch'),
    isDraft,
    autoMerge: method === 'false' ? undefined : method,
  }
}

function readReviewers(input: InputReader): string[] {
  const reviewers = input.list('pull-request-reviewers', { commas: true })
  const wrong = reviewers.find(name => !/^@?[\w.-]+(?:\/[\w.-]+)?$/.test(name))
  if (wrong === undefined) return reviewers
  const sentence = `"pull-request-reviewers" has ${JSON.stringify(wrong)}.`
  throw new UserError('bad-value', sentence, 'Write logins of people, and teams as organization/team.')
}
