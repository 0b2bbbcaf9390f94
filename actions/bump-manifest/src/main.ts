// The story of the action.
import { createHash } from 'node:crypto'
import { Cancelled, type Host, type Outcome } from '@gitops-relay/action-kit'
import { land, LandingStopped, type Head, type Proposal, type Repository } from '@gitops-relay/config-repo'
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Inputs } from './inputs.ts'
import { commitMessage } from './message.ts'
import { newerBump, standingBump, type IsAncestor, type Standing } from './order.ts'
import { planBump, type Bump } from './plan.ts'
import { report } from './report.ts'

export interface Collaborators {
  repository: Repository
  isAncestor: IsAncestor
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
  const { repository, clock, random, log } = collaborators
  const changeId = createChangeId(inputs, collaborators)
  const propose = async (head: Head): Promise<Proposal<Finding>> => {
    const bump = await bumpAt(head, inputs, clock)
    const newer = await judgeOrder(head, bump, inputs, collaborators, signal)
    const result = { bump, newer }
    if (bump.files.size === 0 || newer !== undefined || inputs.dryRun) return { result }
    const message = commitMessage(bump, {
      template: inputs.message,
      updates: inputs.updates.map(({ update }) => update),
      source: inputs.source,
      changeId,
      trailers: inputs.trailers,
    })
    const { author, committer } = inputs
    return { result, draft: { files: bump.files, message, changeId, author, committer } }
  }
  const { timeout } = inputs
  const fight = { clock, random, signal, timeout, say: (line: string) => log.foreign(line) }
  const landed = await land(repository, propose, fight).catch(error => {
    if (!(error instanceof LandingStopped)) throw error
    throw new Cancelled(error.remote, { 'change-id': changeId, commit: error.commit })
  })
  for (const notice of new Set(landed.result.bump.notices)) log.notice(notice)
  return report({ ...landed, inputs, changeId })
}

async function bumpAt(head: Head, { updates }: Inputs, clock: Clock): Promise<Bump> {
  const files = await head.files(updates.map(({ patterns }) => patterns))
  return planBump(updates, files, head.branch, clock.now())
}

async function judgeOrder(
  head: Head,
  { changes }: Bump,
  { ifNewer, updates, source }: Inputs,
  { isAncestor, log }: Collaborators,
  signal: AbortSignal,
): Promise<Standing | undefined> {
  if (ifNewer === 'overwrite' || changes.length === 0) return undefined
  const wanted = updates.map(({ update }) => update)
  return newerBump(
    standingBump(wanted, changes, await head.history(), source),
    source,
    isAncestor,
    log,
    signal,
  )
}

/** Of what is wanted, for which run, and chance: no two runs share it. */
function createChangeId({ updates, source }: Inputs, { unique }: Collaborators): string {
  const content = JSON.stringify([updates, source.run, unique()])
  return createHash('sha256').update(content).digest('hex').slice(0, 40)
}
