// Repositories, refs, objects and pull requests as GraphQL sees them.
import type { GraphCall } from './graphql.ts'
import { mergeability, refresh } from './merging.ts'
import type { CommitObject } from './commit-object.ts'
import type { TreeEntry } from './objects.ts'
import { entryAt } from './moves.ts'
import { Refusal } from './refusal.ts'
import { htmlOf, nodeId } from './shapes/address.ts'
import { settingsOf, userShape } from './shapes/repository.ts'
import { headOf, type Pull, type Repository } from './state.ts'

export function repositoryNode(repository: Repository, call: GraphCall) {
  const { owner, name, id, defaultBranch, objects } = repository
  const settings = settingsOf(repository)
  const ref = async (branch: string) => {
    const sha = await headOf(repository, branch)
    return sha === undefined ? null : refNode(repository, branch, sha, call)
  }
  return {
    __typename: 'Repository',
    id: nodeId('R', id),
    databaseId: id,
    name,
    nameWithOwner: `${owner}/${name}`,
    owner: { __typename: 'User', login: owner, id: userShape(call.places, owner).node_id },
    url: htmlOf(call.places, repository),
    isArchived: settings.archived,
    isPrivate: settings.private,
    autoMergeAllowed: settings.allow_auto_merge,
    mergeCommitAllowed: settings.allow_merge_commit,
    squashMergeAllowed: settings.allow_squash_merge,
    rebaseMergeAllowed: settings.allow_rebase_merge,
    viewerPermission: 'WRITE',
    defaultBranchRef: () => ref(defaultBranch),
    ref: ({ qualifiedName }: { qualifiedName: string }) => ref(qualifiedName.replace(/^refs\/heads\//, '')),
    async object({ oid, expression }: { oid?: string; expression?: string }) {
      const sha = oid ?? (await objects.resolve(expression ?? '', 'object'))
      return sha === undefined ? null : objectNode(repository, sha, call)
    },
    async pullRequest({ number }: { number: number }) {
      const pull = repository.pulls.find(entry => entry.number === number)
      if (pull !== undefined) return pullNode(repository, pull, call)
      throw new Refusal(404, `Could not resolve to a PullRequest with the number of ${number}.`)
    },
  }
}

export function refNode(repository: Repository, branch: string, sha: string, call: GraphCall) {
  return {
    __typename: 'Ref',
    id: nodeId('REF', `${repository.id}:refs/heads/${branch}`),
    name: branch,
    prefix: 'refs/heads/',
    target: () => objectNode(repository, sha, call),
  }
}

/** Any object of git's, by its name. */
async function objectNode(repository: Repository, sha: string, call: GraphCall) {
  const { objects } = repository
  if ((await objects.resolve(sha)) === sha) return commitNode(repository, await objects.commit(sha), call)
  if ((await objects.resolve(sha, 'tree')) === sha) return treeNode(repository, sha, call)
  return (await objects.resolve(sha, 'blob')) === sha ? blobNode(repository, sha) : null
}

export function commitNode(repository: Repository, commit: CommitObject, call: GraphCall) {
  const { sha, author, committer, tree, parents, signature } = commit
  const message = commit.message.replace(/\n$/, '')
  const [headline = '', ...body] = message.split('\n')
  const url = `${htmlOf(call.places, repository)}/commit/${sha}`
  return {
    __typename: 'Commit',
    id: nodeId('C', sha),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    message,
    messageHeadline: headline,
    messageBody: body.join('\n').trim(),
    authoredDate: author.date,
    committedDate: committer.date,
    url,
    commitUrl: url,
    author: { name: author.name, email: author.email, date: author.date },
    committer: { name: committer.name, email: committer.email, date: committer.date },
    committedViaWeb: signature !== undefined,
    signature:
      signature === undefined
        ? null
        : {
            __typename: 'GpgSignature',
            isValid: true,
            state: 'VALID',
            wasSignedByGitHub: true,
            signature: signature.text,
            payload: signature.payload,
            verifiedAt: committer.date,
          },
    tree: () => treeNode(repository, tree, call),
    parents: ({ first = 100 }: { first?: number }) => ({
      totalCount: parents.length,
      nodes: parents
        .slice(0, first)
        .map(async parent => commitNode(repository, await repository.objects.commit(parent), call)),
    }),
    async history({ first = 30, path }: { first?: number; path?: string }) {
      const below = path === undefined ? [] : ['--', path]
      const commits = await repository.objects.log(sha, ...below)
      return {
        totalCount: commits.length,
        nodes: commits.slice(0, first).map(entry => commitNode(repository, entry, call)),
      }
    },
    async file({ path }: { path: string }) {
      const entry = await entryAt(repository, sha, path)
      return entry === undefined ? null : entryNode(repository, { ...entry, path }, call)
    },
  }
}

async function treeNode(repository: Repository, sha: string, call: GraphCall) {
  const entries = await repository.objects.tree(sha, false)
  return {
    __typename: 'Tree',
    id: nodeId('T', sha),
    oid: sha,
    entries: () => entries.map(entry => entryNode(repository, entry, call)),
  }
}

function entryNode(repository: Repository, { path, mode, type, sha, size }: TreeEntry, call: GraphCall) {
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    mode: Number.parseInt(mode, 8),
    type,
    oid: sha,
    size: size ?? 0,
    object: () => objectNode(repository, sha, call),
  }
}

async function blobNode(repository: Repository, sha: string) {
  const bytes = (await repository.objects.blob(sha)) ?? Buffer.alloc(0)
  const isBinary = bytes.includes(0)
  return {
    __typename: 'Blob',
    id: nodeId('B', sha),
    oid: sha,
    byteSize: bytes.length,
    isBinary,
    // GitHub cuts long texts here, without an error.
    isTruncated: bytes.length > 512_000,
    text: isBinary ? null : bytes.subarray(0, 512_000).toString(),
  }
}

export async function pullNode(repository: Repository, pull: Pull, { state, places, asker }: GraphCall) {
  await refresh(repository, pull, state.now())
  const found = await mergeability(repository, pull)
  const mergeable = { true: 'MERGEABLE', false: 'CONFLICTING', null: 'UNKNOWN' }
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', pull.id),
    number: pull.number,
    title: pull.title,
    body: pull.body ?? '',
    url: `${htmlOf(places, repository)}/pull/${pull.number}`,
    state: pull.merged === undefined ? pull.state.toUpperCase() : 'MERGED',
    closed: pull.state === 'closed',
    merged: pull.merged !== undefined,
    isDraft: pull.draft,
    headRefName: pull.head,
    headRefOid: pull.headSha,
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    mergeable: mergeable[`${found.mergeable}`],
    mergeStateStatus: found.state.toUpperCase(),
    isInMergeQueue: pull.isQueued,
    mergeQueueEntry: pull.isQueued ? queueEntry(repository, pull) : null,
    autoMergeRequest:
      pull.autoMerge === undefined
        ? null
        : {
            mergeMethod: pull.autoMerge.method.toUpperCase(),
            enabledBy: { __typename: 'Bot', login: asker.login },
          },
  }
}

export function queueEntry({ pulls }: Repository, pull: Pull) {
  const position = pulls.filter(({ isQueued }) => isQueued).indexOf(pull) + 1
  return { __typename: 'MergeQueueEntry', id: nodeId('MQE', pull.id), position, state: 'QUEUED', jump: false }
}
