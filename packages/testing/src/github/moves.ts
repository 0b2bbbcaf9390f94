// Every way in which the API moves a branch or makes a commit; what follows from it happens here, too.
import type { CommitObject, Person } from './commit-object.ts'
import type { TreeChange } from './objects.ts'
import { invalid, Refusal } from './refusal.ts'
import { checkMove, type Asker } from './rules.ts'
import type { Repository } from './state.ts'

export interface Draft {
  tree: string
  parents: string[]
  message: string
  author?: Person
  committer?: Person
  /** Also for who is no bot. */
  isSigned?: boolean
}

/** The account of a token as git knows it. */
export function personOf({ login }: Asker, date: string): Person {
  const id = login === 'github-actions[bot]' ? 41898282 : 583231
  return { name: login, email: `${id}+${login}@users.noreply.github.com`, date }
}

/** GitHub itself commits what it signs. */
export const gitHubAt = (date: string): Person => ({ name: 'GitHub', email: 'noreply@github.com', date })

/** A commit that no branch has yet. GitHub signs it for a bot that leaves author and committer to it. */
export function writeCommit(
  repository: Repository,
  asker: Asker,
  draft: Draft,
  now: string,
): Promise<string> {
  const isOwn = draft.author === undefined && draft.committer === undefined
  const isSigned = isOwn && (asker.login.endsWith('[bot]') || draft.isSigned === true)
  const author = draft.author ?? personOf(asker, now)
  const committer = draft.committer ?? (isSigned ? gitHubAt(now) : author)
  return repository.objects.writeCommit({ ...draft, author, committer }, isSigned)
}

/**
 * Moves a branch as GitHub's reference endpoints do.
 *
 * @param status of a refusal by the rules
 */
export async function moveBranch(
  repository: Repository,
  asker: Asker,
  { branch, after, force }: { branch: string; after: string; force: boolean },
  status = 422,
): Promise<void> {
  const { objects } = repository
  const ref = `refs/heads/${branch}`
  const before = await objects.resolve(ref)
  if (before === undefined) throw new Refusal(422, 'Reference does not exist')
  if ((await objects.resolve(after)) === undefined) throw new Refusal(422, 'Object does not exist')
  if (!force && !(await objects.isAncestor(before, after)))
    throw new Refusal(422, 'Update is not a fast forward')
  await checkMove(repository, asker, { branch, before, after }, status)
  if (!(await objects.moveRef(ref, after, before)))
    throw new Refusal(409, `Reference cannot be updated: is not at ${before}`)
}

export async function createBranch(
  repository: Repository,
  asker: Asker,
  { branch, sha }: { branch: string; sha: string },
): Promise<void> {
  const { objects } = repository
  const ref = `refs/heads/${branch}`
  if ((await objects.resolve(ref)) !== undefined) throw new Refusal(422, 'Reference already exists')
  if ((await objects.resolve(sha)) === undefined) throw new Refusal(422, 'Object does not exist')
  await checkMove(repository, asker, { branch, before: undefined, after: sha })
  if (!(await objects.moveRef(ref, sha, undefined))) throw new Refusal(422, 'Reference already exists')
}

export interface BranchCommit {
  branch: string
  message: string
  changes: readonly TreeChange[]
  author?: Person
  committer?: Person
  isSigned?: boolean
}

/** Adds a commit on top of a branch, which must be at `parent` still; `moved` is thrown where it is not. */
export async function commitOnBranch(
  repository: Repository,
  asker: Asker,
  { branch, message, changes, ...people }: BranchCommit,
  { now, parent, status, moved }: { now: string; parent: string; status: number; moved: Refusal },
): Promise<CommitObject> {
  const { objects } = repository
  const tree = await objects.writeTree(parent, changes)
  const sha = await writeCommit(repository, asker, { tree, parents: [parent], message, ...people }, now)
  await checkMove(repository, asker, { branch, before: parent, after: sha }, status)
  if (!(await objects.moveRef(`refs/heads/${branch}`, sha, parent))) throw moved
  return objects.commit(sha)
}

/** The entry of one file at a commit; its name must not lead out of the tree. */
export async function entryAt(repository: Repository, commit: string, path: string) {
  if (path.split('/').some(part => ['', '.', '..', '.git'].includes(part)))
    throw invalid('Commit', 'path', 'invalid', 'path contains a malformed path component')
  const folder = path.split('/').slice(0, -1).join('/')
  const tree = await repository.objects.resolve(`${commit}:${folder}`, 'tree')
  if (tree === undefined) return undefined
  const entries = await repository.objects.tree(tree, false)
  return entries.find(entry => entry.path === path.split('/').at(-1))
}
