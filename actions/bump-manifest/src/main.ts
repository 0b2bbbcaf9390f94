// The story of the action.
import { createHash } from 'node:crypto'
import { Cancelled, type Host, type Outcome } from '@gitops-relay/action-kit'
import {
  land,
  LandingStopped,
  pullBranch,
  type Draft,
  type Head,
  type Landed,
  type Proposal,
  type Repository,
  type Verification,
} from '@gitops-relay/config-repo'
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Inputs } from './inputs.ts'
import { commitMessage } from './message.ts'
import { newerBump, standingBump, type IsAncestor, type Standing } from './order.ts'
import { planBump, type Bump } from './plan.ts'
import { branchFor, proposePull, settlePull, type PullCollaborators } from './pull-request.ts'
import type { PullRequestInputs } from './pull-request-inputs.ts'
import { report } from './report.ts'

export interface Collaborators {
  repository: Repository
  isAncestor: IsAncestor
  /** Asks GitHub whether it calls a commit verified; absent where nobody wants to know. */
  verify?: ((commit: string) => Promise<Verification>) | undefined
  /** Pull requests of the repository; there with mode pull-request. */
  pullRequests?: Omit<PullCollaborators, 'log'> | undefined
  clock: Clock
  random: Random
  /** A text that no other run has. */
  unique: () => string
  log: Host['log']
}

/** What came of it at the head where it ended. */
export interface Finding {
  bump: Bump
  /** The newer bump that stands there, for which ours steps aside. */
  newer: Standing | undefined
}

/** Lands the wanted change in the config repository and says where it is now. Thrown: UserError, Cancelled. */
export async function bumpManifest(
  inputs: Inputs,
  collaborators: Collaborators,
  signal: AbortSignal,
): Promise<Outcome> {
  const { pullRequest } = inputs
  const bench = workbench(inputs, collaborators, signal)
  return pullRequest === undefined ? bumpByPush(bench) : bumpByPullRequest(bench, pullRequest)
}

/** What both modes work with. */
function workbench(inputs: Inputs, collaborators: Collaborators, signal: AbortSignal) {
  const changeId = createChangeId(inputs, collaborators)
  const { clock, random, log, verify } = collaborators
  const fight = { clock, random, signal, timeout: inputs.timeout, say: (line: string) => log.foreign(line) }
  return {
    inputs,
    collaborators,
    signal,
    changeId,
    bumpAt: (head: Head) => filesBumped(head, inputs, clock),
    judge: (head: Head, bump: Bump) => judgeOrder(head, bump, inputs, collaborators, signal),
    draft: (bump: Bump): Draft => draftOf(bump, inputs, changeId),
    async land<T, H extends Head>(
      repository: Repository<H>,
      propose: (head: H) => Promise<Proposal<T>>,
    ): Promise<Landed<T, H>> {
      try {
        return await land(repository, propose, fight)
      } catch (error) {
        if (!(error instanceof LandingStopped)) throw error
        throw new Cancelled(error.remote, { 'change-id': changeId, commit: error.commit })
      }
    },
    /** What cannot be read is not verified. */
    async verified(commit: string | undefined): Promise<Verification | undefined> {
      if (commit === undefined || verify === undefined) return undefined
      try {
        return await verify(commit)
      } catch (error) {
        return { verified: false, reason: error instanceof Error ? error.message : 'not readable' }
      }
    },
  }
}

type Workbench = ReturnType<typeof workbench>

async function bumpByPush(bench: Workbench): Promise<Outcome> {
  const { inputs, collaborators, changeId, bumpAt, judge, draft } = bench
  const landed = await bench.land(collaborators.repository, async (head): Promise<Proposal<Finding>> => {
    const bump = await bumpAt(head)
    const { newer } = await judge(head, bump)
    const result = { bump, newer }
    return bump.files.size === 0 || newer !== undefined || inputs.dryRun
      ? { result }
      : { result, draft: draft(bump) }
  })
  for (const notice of new Set(landed.result.bump.notices)) collaborators.log.notice(notice)
  const verification = await bench.verified(landed.commit)
  return report({ ...landed, pushed: landed.commit !== undefined, inputs, changeId, verification })
}

async function bumpByPullRequest(bench: Workbench, pullRequest: PullRequestInputs): Promise<Outcome> {
  const { inputs, collaborators, changeId } = bench
  const { pullRequests, log, repository } = collaborators
  if (pullRequests === undefined) throw new Error('Mode pull-request needs pull requests.')
  const branch = branchFor(inputs, pullRequest)
  const work = { ...bench, pulls: pullRequests.pulls }
  const landed = await bench.land(pullBranch(repository, branch), async head => {
    const proposal = await proposePull(head, work)
    return inputs.dryRun ? { result: proposal.result } : proposal
  })
  const { result, base, attempts } = landed
  for (const notice of new Set(result.bump.notices)) log.notice(notice)
  const facts = { attempts, result, inputs, changeId, base: base.target, pushed: landed.commit !== undefined }
  const commit = landed.commit ?? (result.plan.kind === 'keep' ? base.own?.commit : undefined)
  if (!inputs.dryRun && result.plan.kind === 'close' && result.open !== undefined) {
    await pullRequests.pulls.close(result.open)
    return report({ ...facts, commit: undefined, closed: result.open })
  }
  if (inputs.dryRun || result.newer !== undefined || commit === undefined)
    return report({ ...facts, commit: undefined })
  const verification = await bench.verified(commit)
  const ends = { head: commit, branch, base: base.target.branch }
  const wish = { source: inputs.source, pullRequest }
  const settled = await settlePull(result, ends, wish, { ...pullRequests, log }).catch((error: unknown) => {
    if (!bench.signal.aborted) throw error
    throw new Cancelled('landed', { 'change-id': changeId, commit, branch })
  })
  return report({ ...facts, commit, verification, proposal: { ...settled, branch } })
}

function draftOf(bump: Bump, inputs: Inputs, changeId: string): Draft {
  const { author, committer, message: template, updates, source, trailers } = inputs
  const wanted = updates.map(({ update }) => update)
  const message = commitMessage(bump, { template, updates: wanted, source, changeId, trailers })
  return { files: bump.files, message, changeId, author, committer }
}

async function filesBumped(head: Head, { updates }: Inputs, clock: Clock): Promise<Bump> {
  const files = await head.files(updates.map(({ patterns }) => patterns))
  return planBump(updates, files, head.branch, clock.now())
}

async function judgeOrder(
  head: Head,
  { changes }: Bump,
  { ifNewer, updates, source }: Inputs,
  { isAncestor, log }: Collaborators,
  signal: AbortSignal,
): Promise<{ newer: Standing | undefined; standing: Standing | undefined }> {
  if (ifNewer === 'overwrite' || changes.length === 0) return { newer: undefined, standing: undefined }
  const wanted = updates.map(({ update }) => update)
  const standing = standingBump(wanted, changes, await head.history(), source)
  return { standing, newer: await newerBump(standing, source, isAncestor, log, signal) }
}

/** Of what is wanted, for which run, and chance: no two runs share it. */
function createChangeId({ updates, source }: Inputs, { unique }: Collaborators): string {
  const content = JSON.stringify([updates, source.run, unique()])
  return createHash('sha256').update(content).digest('hex').slice(0, 40)
}
