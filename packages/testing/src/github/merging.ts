// Whether a pull request can be merged, and its merge: by hand, by itself once it may be, by the queue.
import { writeCommit } from './moves.ts'
import { Refusal } from './refusal.ts'
import { missingChecks, ruleRefusal, stateOfCheck, type Asker } from './rules.ts'
import { settingsOf } from './shapes/repository.ts'
import type { MergeMethod, Pull, Repository } from './state.ts'

export interface Mergeability {
  mergeable: boolean | null
  /** GitHub's own word, such as `clean` or `blocked`. */
  state: string
  /** What the rules of the base still want. */
  wanted: string[]
}

/** Brings a pull request up to its branches: the head's commit, and merged by a push. */
export async function refresh(repository: Repository, pull: Pull, now: string): Promise<void> {
  if (pull.state === 'closed') return
  const { objects } = repository
  const [head, base] = await Promise.all(
    [pull.head, pull.base].map(branch => objects.resolve(`refs/heads/${branch}`)),
  )
  if (base !== undefined) pull.baseSha = base
  if (head === undefined) {
    close(pull, now)
    return
  }
  const hasMoved = head !== pull.headSha
  if (hasMoved) {
    pull.headSha = head
    pull.updated = now
  }
  if (base === undefined || !(await objects.isAncestor(head, base))) return
  // A base that has come to the head is a merge; a head that has gone back to the base is the end.
  if (!hasMoved) pull.merged = { at: now, by: pull.author, commit: base }
  close(pull, now)
}

export function close(pull: Pull, now: string): void {
  pull.state = 'closed'
  pull.closed = now
  pull.autoMerge = undefined
  pull.isQueued = false
}

export async function mergeability(repository: Repository, pull: Pull): Promise<Mergeability> {
  if (pull.state === 'closed') return { mergeable: null, state: 'unknown', wanted: [] }
  const { objects } = repository
  const rules = repository.rules.get(pull.base) ?? {}
  const isMergeable = (await objects.mergeTrees(pull.baseSha, pull.headSha)) !== undefined
  if (!isMergeable) return { mergeable: false, state: 'dirty', wanted: [] }
  const missing = (rules.checks ?? []).filter(
    check => stateOfCheck(repository, pull.headSha, check) !== 'success',
  )
  const approvals = rules.approvals ?? 0
  const isBehind = rules.upToDate === true && !(await objects.isAncestor(pull.baseSha, pull.headSha))
  const wanted = [
    ...missingChecks(missing, rules.checks?.length ?? 0),
    ...(pull.approvals.length < approvals
      ? [`At least ${approvals} approving review is required by reviewers with write access.`]
      : []),
  ]
  const state = pull.draft
    ? 'draft'
    : wanted.length > 0
      ? 'blocked'
      : isBehind
        ? 'behind'
        : hasTrouble(repository, pull)
          ? 'unstable'
          : 'clean'
  return { mergeable: true, state, wanted }
}

/** Some check that no rule wants has not become green. */
function hasTrouble(repository: Repository, { headSha }: Pull): boolean {
  const contexts = [
    ...repository.statuses.filter(({ sha }) => sha === headSha).map(({ context }) => context),
    ...repository.checkRuns.filter(({ sha }) => sha === headSha).map(({ name }) => name),
  ]
  return contexts.some(context => stateOfCheck(repository, headSha, context) !== 'success')
}

export interface MergeWish {
  method?: MergeMethod
  title?: string
  message?: string
  /** The head that is meant. */
  sha?: string
}

const methods = {
  merge: ['allow_merge_commit', 'Merge commits'],
  squash: ['allow_squash_merge', 'Squash merges'],
  rebase: ['allow_rebase_merge', 'Rebase merges'],
} as const

/** Merges now, or refuses as `PUT …/merge` does. Gives the commit's name. */
export async function merge(
  repository: Repository,
  asker: Asker,
  pull: Pull,
  wish: MergeWish,
  now: string,
): Promise<string> {
  if (wish.sha !== undefined && wish.sha !== pull.headSha)
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
  const { method = 'merge' } = wish
  const [setting, words] = methods[method]
  if (!settingsOf(repository)[setting]) throw new Refusal(405, `${words} are not allowed on this repository.`)
  const { state, wanted } = await mergeability(repository, pull)
  if (pull.state === 'closed' || state === 'dirty') throw new Refusal(405, 'Pull Request is not mergeable')
  if (state === 'draft') throw new Refusal(405, 'Pull Request is still a draft')
  const rules = repository.rules.get(pull.base) ?? {}
  const queue = rules.mergeQueue === true ? ['Changes must be made through the merge queue'] : []
  const broken = [...queue, ...wanted, ...(state === 'behind' ? ['The head branch is behind the base.'] : [])]
  if (broken.length > 0 && asker.bypassesRules !== true) throw ruleRefusal(rules, broken, 405)
  return land(repository, asker, pull, wish, now)
}

async function land(
  repository: Repository,
  asker: Asker,
  pull: Pull,
  { method = 'merge', title, message }: MergeWish,
  now: string,
): Promise<string> {
  const { objects } = repository
  const { baseSha, headSha } = pull
  const after = await combined(repository, asker, pull, { method, title, message, now })
  if (!(await objects.moveRef(`refs/heads/${pull.base}`, after, baseSha)))
    throw new Refusal(405, 'Base branch was modified. Review and try the merge again.')
  pull.merged = { at: now, by: asker.login, commit: after }
  pull.updated = now
  close(pull, now)
  if (
    settingsOf(repository).delete_branch_on_merge &&
    (await objects.resolve(`refs/heads/${pull.head}`)) === headSha
  )
    await objects.deleteRef(`refs/heads/${pull.head}`)
  return after
}

interface How {
  method: MergeMethod
  title: string | undefined
  message: string | undefined
  now: string
}

async function combined(
  repository: Repository,
  asker: Asker,
  { baseSha, headSha, number, title: subject, head }: Pull,
  { method, title, message, now }: How,
): Promise<string> {
  const { objects } = repository
  const tree = await objects.mergeTrees(baseSha, headSha)
  if (tree === undefined) throw new Refusal(405, 'Pull Request is not mergeable')
  const text = (headline: string, body: string) => [title ?? headline, message ?? body].join('\n\n').trim()
  if (method === 'merge') {
    const merged = text(`Merge pull request #${number} from ${repository.owner}/${head}`, subject)
    return writeCommit(repository, asker, { tree, parents: [baseSha, headSha], message: merged }, now)
  }
  const commits = await objects.log('--reverse', '--no-merges', `${baseSha}..${headSha}`)
  if (method === 'squash') {
    const messages = commits.map(commit => `* ${commit.message.trim()}`).join('\n\n')
    const squashed = text(`${subject} (#${number})`, commits.length > 1 ? messages : '')
    return writeCommit(repository, asker, { tree, parents: [baseSha], message: squashed }, now)
  }
  let onto = baseSha
  for (const { sha, parents, author, message: own } of commits) {
    const [parent = sha] = parents
    // A commit with the tree of the new base on the old parent, so that git merges from that parent.
    const there = await objects.commit(onto)
    const stand = await objects.writeCommit({ ...there, parents: [parent] }, false)
    const picked = await objects.mergeTrees(stand, sha)
    if (picked === undefined) throw new Refusal(405, 'Rebase failed')
    const rebased = {
      tree: picked,
      parents: [onto],
      author,
      committer: { ...author, date: now },
      message: own,
    }
    onto = await objects.writeCommit(rebased, false)
  }
  return onto
}

/** Merges what waits for it and may be merged by now. */
export async function settle(repository: Repository, now: string): Promise<void> {
  for (const pull of repository.pulls) {
    await refresh(repository, pull, now)
    const { autoMerge } = pull
    if (autoMerge === undefined) continue
    const { state } = await mergeability(repository, pull)
    if (state !== 'clean' && state !== 'unstable') continue
    if (repository.rules.get(pull.base)?.mergeQueue === true) pull.isQueued = true
    else await land(repository, { login: autoMerge.by }, pull, { method: autoMerge.method }, now)
  }
}

/** Merges what stands in the queue, in its order. */
export async function runQueue(repository: Repository, now: string): Promise<void> {
  for (const pull of repository.pulls.filter(({ isQueued }) => isQueued)) {
    await refresh(repository, pull, now)
    if ((await mergeability(repository, pull)).mergeable === true)
      await land(repository, { login: 'github-merge-queue[bot]' }, pull, {}, now)
    else pull.isQueued = false
  }
}
