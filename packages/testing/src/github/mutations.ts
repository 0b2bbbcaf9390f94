// What GraphQL can change: commits on a branch, refs, and how a pull request is merged.
import type { GraphCall } from './graphql.ts'
import { mergeability, refresh } from './merging.ts'
import { commitOnBranch } from './moves.ts'
import { commitNode, pullNode, queueEntry, refNode } from './nodes.ts'
import { notFound, Refusal, staleData } from './refusal.ts'
import { checkMove, demand } from './rules.ts'
import { fromNodeId } from './shapes/address.ts'
import { settingsOf } from './shapes/repository.ts'
import type { MergeMethod, Pull, Repository, Right, State } from './state.ts'

interface Input<T> {
  input: T & { clientMutationId?: string }
}

interface CommitInput {
  branch: { id?: string; repositoryNameWithOwner?: string; branchName?: string }
  expectedHeadOid: string
  message: { headline: string; body?: string }
  fileChanges?: { additions?: { path: string; contents: string }[]; deletions?: { path: string }[] }
}

interface PullInput {
  pullRequestId: string
  expectedHeadOid?: string
}

const zero = '0'.repeat(40)

const unprocessable = (message: string) => new Refusal(422, message, { type: 'UNPROCESSABLE' })

export const mutations = {
  async createCommitOnBranch({ input }: Input<CommitInput>, call: GraphCall) {
    const { asker, state } = call
    demand(asker, 'contents')
    const { repository, branch } = branchOf(input.branch, state)
    const { objects } = repository
    const { expectedHeadOid: parent, fileChanges, message } = input
    const { additions = [], deletions = [] } = fileChanges ?? {}
    const before = await objects.resolve(`refs/heads/${branch}`)
    if (before === undefined)
      throw new Refusal(404, `Could not resolve to a Branch with the name '${branch}'.`)
    const stale = staleData(parent)
    if (before !== parent) throw stale
    for (const { path } of deletions) {
      if ((await objects.resolve(`${parent}:${path}`, 'object')) === undefined)
        throw unprocessable(
          `A path was requested for deletion which does not exist as of commit oid \`${parent}\``,
        )
    }
    const shas = await objects.writeBlobs(additions.map(({ contents }) => Buffer.from(contents, 'base64')))
    const now = state.now()
    const changes = [
      // The interface has no word for a mode: whatever was there becomes a plain file.
      ...additions.map(({ path }, index) => ({ path, mode: '100644', sha: shas[index] ?? null })),
      ...deletions.map(({ path }) => ({ path, mode: '100644', sha: null })),
    ]
    const text = [message.headline, message.body ?? ''].join('\n\n').trim()
    const commit = await commitOnBranch(
      repository,
      asker,
      { branch, message: text, changes, isSigned: true },
      { now, parent, status: 422, moved: stale },
    )
    return {
      clientMutationId: input.clientMutationId ?? null,
      commit: commitNode(repository, commit, call),
      ref: refNode(repository, branch, commit.sha, call),
    }
  },

  async updateRefs(
    {
      input,
    }: Input<{
      repositoryId: string
      refUpdates: { name: string; beforeOid?: string; afterOid: string; force?: boolean }[]
    }>,
    { asker, state }: GraphCall,
  ) {
    demand(asker, 'contents')
    const repository = byNodeId('R', input.repositoryId, state.repositories)
    const { objects } = repository
    const lines: string[] = []
    for (const { name, beforeOid, afterOid, force } of input.refUpdates) {
      const now = await objects.resolve(name)
      const expected = beforeOid === zero ? undefined : (beforeOid ?? now)
      if (now !== expected)
        throw unprocessable(`${name} was at ${now ?? zero} but expected ${expected ?? zero}`)
      const after = afterOid === zero ? undefined : afterOid
      if (
        now !== undefined &&
        after !== undefined &&
        force !== true &&
        !(await objects.isAncestor(now, after))
      )
        throw unprocessable('Update is not a fast forward')
      const branch = name.replace(/^refs\/heads\//, '')
      await checkMove(repository, asker, { branch, before: now, after })
      lines.push(`update ${name} ${afterOid} ${now ?? zero}\n`)
    }
    if (!(await objects.moveRefs(lines))) throw unprocessable('Reference cannot be updated')
    return { clientMutationId: input.clientMutationId ?? null }
  },

  enablePullRequestAutoMerge: onPull<{ mergeMethod?: Uppercase<MergeMethod> }>(
    async (repository, pull, { asker }, { mergeMethod = 'MERGE' }) => {
      if (!settingsOf(repository).allow_auto_merge)
        throw unprocessable('Auto merge is not allowed for this repository')
      const { state: status } = await mergeability(repository, pull)
      if (status === 'clean' || status === 'unstable')
        throw unprocessable(`Pull request Pull request is in ${status} status`)
      const methods = { MERGE: 'merge', SQUASH: 'squash', REBASE: 'rebase' } as const
      pull.autoMerge = { by: asker.login, method: methods[mergeMethod] }
      return { actor: null }
    },
  ),

  disablePullRequestAutoMerge: onPull(async (_, pull) => {
    if (pull.autoMerge === undefined) throw unprocessable("Can't disable auto-merge for this pull request.")
    pull.autoMerge = undefined
    return { actor: null }
  }),

  enqueuePullRequest: onPull(async (repository, pull) => {
    if (repository.rules.get(pull.base)?.mergeQueue !== true)
      throw unprocessable('The merge queue is not enabled for this branch')
    const { state: status } = await mergeability(repository, pull)
    if (pull.isQueued) throw unprocessable('Pull request is already in the queue')
    if (status !== 'clean' && status !== 'unstable') throw unprocessable('Pull request is not mergeable')
    pull.isQueued = true
    return { mergeQueueEntry: queueEntry(repository, pull) }
  }),

  convertPullRequestToDraft: onPull(async (_, pull) => {
    pull.draft = true
    return {}
  }),

  markPullRequestReadyForReview: onPull(async (_, pull) => {
    pull.draft = false
    return {}
  }),
}

/** A mutation of one open pull request, of the head that the caller means. */
function onPull<T>(
  change: (repository: Repository, pull: Pull, call: GraphCall, input: T) => Promise<Record<string, unknown>>,
  right: Right = 'pull_requests',
) {
  return async ({ input }: Input<PullInput & T>, call: GraphCall) => {
    demand(call.asker, right)
    const all = call.state.repositories.flatMap(repository =>
      repository.pulls.map(pull => ({ repository, pull, id: pull.id })),
    )
    const { repository, pull } = byNodeId('PR', input.pullRequestId, all)
    await refresh(repository, pull, call.state.now())
    if (pull.state === 'closed') throw unprocessable('Pull request is closed')
    if (input.expectedHeadOid !== undefined && input.expectedHeadOid !== pull.headSha)
      throw staleData(input.expectedHeadOid)
    const changed = await change(repository, pull, call, input)
    return {
      clientMutationId: input.clientMutationId ?? null,
      pullRequest: () => pullNode(repository, pull, call),
      ...changed,
    }
  }
}

function byNodeId<T extends { id: number }>(kind: string, id: string, items: readonly T[]): T {
  const found = items.find(item => String(item.id) === fromNodeId(kind, id))
  if (found === undefined)
    throw new Refusal(404, `Could not resolve to a node with the global id of '${id}'.`)
  return found
}

function branchOf({ id, repositoryNameWithOwner, branchName }: CommitInput['branch'], state: State) {
  const [, number, ref] = /^(\d+):refs\/heads\/(.+)$/.exec(fromNodeId('REF', id ?? '') ?? '') ?? []
  const [owner = '', name = ''] = (repositoryNameWithOwner ?? '').split('/')
  const repository =
    number === undefined
      ? state.find(owner, name)
      : state.repositories.find(entry => String(entry.id) === number)
  const branch = (ref ?? branchName)?.replace(/^refs\/heads\//, '')
  if (repository === undefined || branch === undefined) throw notFound()
  return { repository, branch }
}
