// The story of pull-request mode: one branch and one pull request per set of places, brought to the wanted change.
import type { Host } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import {
  isOursAlone,
  ownershipMark,
  planPull,
  pullBranchName,
  type Head,
  type Merge,
  type MergeMethod,
  type Proposal,
  type PullHead,
  type PullPlan,
  type PullRequest,
  type PullRequests,
} from '@gitops-relay/config-repo'
import type { Inputs } from './inputs.ts'
import type { Bump } from './plan.ts'
import { pullRequestBody } from './pull-request-body.ts'
import type { PullRequestInputs } from './pull-request-inputs.ts'
import type { Standing } from './order.ts'

/** What came of it at the head where it ended. */
export interface PullFinding {
  /** Against the branch that the pull request is for. */
  bump: Bump
  newer: Standing | undefined
  plan: PullPlan
  /** Nobody but us has written to the branch, once the plan is done. */
  isOurs: boolean
  open: PullRequest | undefined
  /** The source commit of what stands there, where it is known. */
  oldSource: string | undefined
  /** First line of the commit. */
  subject: string
}

export interface PullCollaborators {
  pulls: PullRequests
  merge: (pull: PullRequest, head: string, method: MergeMethod) => Promise<Merge>
  log: Host['log']
}

/** One name for the same places, whatever is to be written there. */
export function branchFor({ updates, branch }: Inputs, wanted: PullRequestInputs): string {
  if (wanted.branch !== '') return wanted.branch
  const places = updates.map(({ update, patterns }) => [
    patterns,
    update.kind === 'image' ? [update.repository, update.match] : [update.path],
    update.document,
  ])
  const [first] = updates
  const word =
    first === undefined
      ? ''
      : first.update.kind === 'image'
        ? (first.update.repository.split('/').at(-1) ?? '')
        : first.update.path
  return pullBranchName(word, [branch, places])
}

/** What is to be done at a head. `bumpAt` edits the files of a head; `judge` finds a newer bump there. */
export async function proposePull(
  head: PullHead,
  work: {
    pulls: PullRequests
    bumpAt: (head: Head) => Promise<Bump>
    inputs: Pick<Inputs, 'updates'>
    judge: (
      head: Head,
      bump: Bump,
    ) => Promise<{ newer: Standing | undefined; standing: Standing | undefined }>
    draft: (bump: Bump) => NonNullable<Proposal<unknown>['draft']>
  },
): Promise<Proposal<PullFinding>> {
  const { target, own, branch } = head
  const bump = await work.bumpAt(target)
  const [open, { newer, standing }] = await Promise.all([
    own && work.pulls.find(branch, target.branch),
    work.judge(target, bump),
  ])
  const there = own && (await work.bumpAt(own))
  const isOurs =
    own === undefined ||
    isOursAlone(own, open?.body, open === undefined ? await own.history(target.commit) : [])
  const texts = own && (await textsAt(own, work.inputs))
  const plan = planPull({
    head,
    isWanted: bump.files.size > 0,
    isOurs,
    isOpen: open !== undefined,
    isBehind: there !== undefined && there.files.size > 0,
    isFresh: [...bump.files].every(([path, text]) => texts?.get(path) === text),
  })
  const rival = newer ?? (open && own && there ? (await work.judge(own, there)).newer : undefined)
  const draft = work.draft(
    plan.kind === 'push' && plan.place.parent === own && there !== undefined ? there : bump,
  )
  const [subject = ''] = draft.message.split('\n')
  const result = { bump, newer: rival, plan, isOurs, open, oldSource: standing?.sourceCommit, subject }
  return plan.kind === 'push' && rival === undefined
    ? { result, draft: { ...draft, place: plan.place } }
    : { result }
}

export interface PullOutcome {
  /** Absent where it could not be opened. */
  pull: PullRequest | undefined
  merge: Merge | undefined
  /** The commit is on its branch, but something that was asked for is refused for good. */
  failure: UserError | undefined
}

/** Opens the pull request or brings it up to date, and sets going what was asked for. */
export async function settlePull(
  { bump, isOurs, open, oldSource, subject }: PullFinding,
  { head, branch, base }: { head: string; branch: string; base: string },
  inputs: Pick<Inputs, 'source'> & { pullRequest: PullRequestInputs },
  { pulls, merge, log }: PullCollaborators,
): Promise<PullOutcome> {
  const { title, body: introduction, isDraft, labels, reviewers, autoMerge } = inputs.pullRequest
  const mark = isOurs ? ownershipMark(head) : ''
  const body = pullRequestBody({ introduction, bump, source: inputs.source, oldSource, mark })
  let pull: PullRequest | undefined
  try {
    pull = await pulls.upsert(open, branch, base, { title: (title || subject).slice(0, 256), body, isDraft })
    const there = pull
    await asideFrom(() => pulls.addLabels(there, labels), log)
    await asideFrom(() => pulls.requestReviews(there, reviewers), log)
    if (pull.isOfRun) {
      log.notice(
        `Pull request ${pull.number} was opened with the token of a run: its events start no workflows, so required checks of it do not begin by themselves. Give "token" the token of a GitHub App where they should.`,
      )
    }
    const merged = autoMerge && (await merge(pull, head, autoMerge))
    if (merged === 'conflict' || merged === 'unknown') log.warning(mergeWarning(pull, merged))
    return { pull, merge: merged, failure: undefined }
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure
    return { pull, merge: undefined, failure }
  }
}

function mergeWarning({ number }: PullRequest, merge: 'conflict' | 'unknown'): string {
  return merge === 'conflict'
    ? `Pull request ${number} conflicts with its base and cannot be merged as it is.`
    : `Whether pull request ${number} can be merged GitHub did not say in time; it is open and not armed.`
}

async function textsAt(head: Head, { updates }: Pick<Inputs, 'updates'>): Promise<Map<string, string>> {
  const files = await head.files(updates.map(({ patterns }) => patterns))
  return new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
}

/** A convenience that fails is said, and costs nothing else. */
async function asideFrom(act: () => Promise<void>, log: Host['log']): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    log.warning(error.message)
  }
}
