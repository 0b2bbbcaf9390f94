// One commit through GitHub's interface, which signs it: by GraphQL, or by the Git database where a mode or a replaced branch matters.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Answer } from '@gitops-relay/github'
import { blobName, readTree, type Library } from './api-tree.ts'
import type { Draft, Head, Target } from './types.ts'

/**
 * A commit on top of a branch that must be at `expected`. The author is the account of the token; modes are lost, so that
 * this is for plain files only.
 *
 * @returns its name
 * @throws ApiError of type STALE_DATA where the branch has moved
 */
export async function commitOnBranch(
  { github, owner, repo, signal }: Library,
  { files, message }: Draft,
  { branch, expected }: { branch: string; expected: string },
): Promise<string> {
  const [headline = '', ...body] = message.split('\n')
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
    expectedHeadOid: expected,
    message: { headline, body: body.join('\n').trim() },
    fileChanges: {
      additions: [...files].map(([path, text]) => ({ path, contents: Buffer.from(text).toString('base64') })),
    },
  }
  const answer = await github.graphql(
    'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }',
    { input },
    { to: `commit to ${branch} of ${owner}/${repo}`, signal },
  )
  return answer.at('createCommitOnBranch', 'commit', 'oid').sha()
}

/**
 * A commit that no branch has yet, child of `parent`. Author and signature are left to GitHub, which signs for bots only.
 *
 * @throws UserError `not-verified` where a signature is demanded and GitHub gives none
 */
export async function looseCommit(
  library: Library,
  parent: Head,
  { files, message }: Draft,
  { modes, mustVerify }: { modes: ReadonlyMap<string, string>; mustVerify: boolean },
): Promise<string> {
  const { github, owner, repo, signal } = library
  const call = { to: `write a commit to ${owner}/${repo}`, signal }
  const at = { owner, repo }
  const own = await github.rest(
    'GET /repos/{owner}/{repo}/git/commits/{sha}',
    { ...at, sha: parent.commit },
    call,
  )
  const base = own.at('tree', 'sha').sha()
  const wanted = [...files].map(([path, content]) => ({
    path,
    mode: modes.get(path) ?? '100644',
    type: 'blob',
    content,
  }))
  let tree = base
  // Without a base tree the new one would hold these files alone.
  for (let from = 0; from < wanted.length; from += 100) {
    const part = { ...at, base_tree: tree, tree: wanted.slice(from, from + 100) }
    tree = (await github.rest('POST /repos/{owner}/{repo}/git/trees', part, call)).at('sha').sha()
  }
  await proveTree(library, base, tree, wanted)
  const commit = await github.rest(
    'POST /repos/{owner}/{repo}/git/commits',
    { ...at, message, tree, parents: [parent.commit] },
    call,
  )
  if (mustVerify && !isVerified(commit)) throw notVerified(commit.at('verification', 'reason'))
  return commit.at('sha').sha()
}

/** Only the wanted files may differ, and they must be as wanted. */
async function proveTree(
  library: Library,
  before: string,
  after: string,
  wanted: readonly { path: string; mode: string; content: string }[],
): Promise<void> {
  const patterns = [{ paths: wanted.map(({ path }) => path) }]
  const [old, now] = await Promise.all([
    readTree(library, before, patterns),
    readTree(library, after, patterns),
  ])
  const expected = new Map(old.map(({ path, mode, oid }) => [path, `${mode} ${oid}`]))
  for (const { path, mode, content } of wanted)
    expected.set(path, `${mode} ${blobName(Buffer.from(content), after.length)}`)
  const isProven =
    now.length === expected.size &&
    now.every(({ path, mode, oid }) => expected.get(path) === `${mode} ${oid}`)
  if (!isProven)
    throw new Error('The new tree is not the old one with the changed files, so it is not committed.')
}

const isVerified = (commit: Answer) => commit.at('verification', 'verified').value === true

export function notVerified(reason: Answer): UserError {
  const said = reason.exists() ? reason.line() : 'no reason'
  return new UserError(
    'not-verified',
    `GitHub does not call the commit verified (${said}).`,
    'Use the token of a GitHub App or of the run, or git transport with a "signing-key" that the account has registered.',
  )
}

/**
 * Moves a branch to a commit: forward as a fast-forward, or, where something else is replaced, only from what was expected
 * there, which GitHub compares itself.
 */
export async function moveBranch(
  { github, owner, repo, signal }: Library,
  commit: string,
  { branch, expected }: Pick<Target, 'branch' | 'expected'>,
  isForward: boolean,
): Promise<void> {
  const call = { to: `move ${branch} of ${owner}/${repo}`, signal }
  const at = { owner, repo, sha: commit }
  if (expected === undefined) {
    await github.rest('POST /repos/{owner}/{repo}/git/refs', { ...at, ref: `refs/heads/${branch}` }, call)
  } else if (isForward) {
    const update = { ...at, ref: `heads/${branch}`, force: false }
    await github.rest('PATCH /repos/{owner}/{repo}/git/refs/{ref}', update, call)
  } else {
    const repositoryId = await idOf()
    const refUpdates = [{ name: `refs/heads/${branch}`, beforeOid: expected, afterOid: commit, force: true }]
    await github.graphql(
      'mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }',
      { input: { repositoryId, refUpdates } },
      call,
    )
  }

  async function idOf(): Promise<string> {
    return (await github.rest('GET /repos/{owner}/{repo}', { owner, repo }, call)).at('node_id').line()
  }
}
