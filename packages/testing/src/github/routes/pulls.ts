// Pull requests: listed, opened, changed, merged, with their reviewers.
import { close, merge, mergeability, refresh } from '../merging.ts'
import { invalid, notFound, Refusal } from '../refusal.ts'
import { commitNamed, created, ok, page, parameter, route, type Call, type Route } from '../route.ts'
import { changeShape, commitShape } from '../shapes/commit.ts'
import { pullShape, wholePullShape } from '../shapes/pull.ts'
import type { MergeMethod, Pull, Repository } from '../state.ts'
import { commentsOf, pullNamed } from './issues.ts'

const at = '/repos/{owner}/{repo}'
const one = `${at}/pulls/{pull_number}`

interface PullBody {
  title?: string
  body?: string | null
  head: string
  base: string
  draft?: boolean
  maintainer_can_modify?: boolean
}

async function whole(call: Call<unknown>, pull: Pull) {
  const { places, repository } = call
  const { objects } = repository
  const found = await mergeability(repository, pull)
  const isUndecided = pull.state === 'open' && pull.undecided > 0
  if (isUndecided) pull.undecided--
  const from = (await objects.mergeBase(pull.baseSha, pull.headSha)) ?? pull.baseSha
  const changes = await objects.diff(from, pull.headSha)
  return wholePullShape(places, repository, pull, {
    mergeable: isUndecided ? null : found.mergeable,
    mergeableState: isUndecided ? 'unknown' : found.state,
    comments: commentsOf(repository, pull).length,
    commits: await objects.distance(from, pull.headSha),
    additions: changes.reduce((sum, { additions }) => sum + additions, 0),
    deletions: changes.reduce((sum, { deletions }) => sum + deletions, 0),
    changedFiles: changes.length,
  })
}

export const pullRoutes: readonly Route[] = [
  route(`GET ${at}/pulls`, async call => {
    const { repository, places, url, state } = call
    for (const pull of repository.pulls) await refresh(repository, pull, state.now())
    const wanted = (name: string) => url.searchParams.get(name)
    const [owner, head] = wanted('head')?.split(':') ?? []
    const { pullLag } = repository
    const known = pullLag.left-- > 0 ? repository.pulls.slice(0, pullLag.known) : repository.pulls
    const found = known.filter(
      pull =>
        [pull.state, 'all'].includes(wanted('state') ?? 'open') &&
        (wanted('base') === null || pull.base === wanted('base')) &&
        // Without an owner, the filter is none to GitHub.
        (head === undefined || (pull.head === head && owner === repository.owner)),
    )
    const ordered = wanted('direction') === 'asc' ? found : found.toReversed()
    return page(call, ordered, pull => pullShape(places, repository, pull))
  }),

  route<PullBody>(
    `POST ${at}/pulls`,
    async call => {
      const pull = await open(call)
      call.repository.pulls.push(pull)
      return created(await whole(call, pull))
    },
    'pull_requests',
  ),

  route(`GET ${one}`, async call => ok(await whole(call, await pullNamed(call)))),

  route<Partial<PullBody> & { state?: 'open' | 'closed' }>(
    `PATCH ${one}`,
    async call => {
      const { body, state, repository } = call
      const pull = await pullNamed(call)
      if (pull.merged !== undefined && body.state === 'open')
        throw invalid('PullRequest', 'state', 'invalid', 'Cannot reopen a merged pull request')
      if (body.state === 'open' && pull.state === 'closed') {
        if (openTwin(repository, pull.head, pull.base) !== undefined)
          throw invalid(
            'PullRequest',
            'base',
            'custom',
            `A pull request already exists for ${repository.owner}:${pull.head}.`,
          )
        Object.assign(pull, { state: 'open', closed: null })
      }
      if (body.title !== undefined) pull.title = body.title
      if (body.body !== undefined) pull.body = body.body
      if (body.base !== undefined) pull.base = body.base
      pull.updated = state.now()
      if (body.state === 'closed' && pull.state === 'open') close(pull, state.now())
      return ok(await whole(call, pull))
    },
    'pull_requests',
  ),

  route<
    { commit_title?: string; commit_message?: string; sha?: string; merge_method?: MergeMethod } | undefined
  >(
    `PUT ${one}/merge`,
    async call => {
      const { repository, asker, state, body } = call
      const pull = await pullNamed(call)
      const wish = {
        ...(body?.merge_method === undefined ? {} : { method: body.merge_method }),
        ...(body?.commit_title === undefined ? {} : { title: body.commit_title }),
        ...(body?.commit_message === undefined ? {} : { message: body.commit_message }),
        ...(body?.sha === undefined ? {} : { sha: body.sha }),
      }
      const sha = await merge(repository, asker, pull, wish, state.now())
      return ok({ sha, merged: true, message: 'Pull Request successfully merged' })
    },
    'contents',
  ),

  route(`GET ${one}/merge`, async call => {
    if ((await pullNamed(call)).merged === undefined) throw notFound()
    return { status: 204 }
  }),

  route(`GET ${one}/commits`, async call => {
    const { repository, places } = call
    const { baseSha, headSha } = await pullNamed(call)
    const commits = await repository.objects.log('--reverse', `${baseSha}..${headSha}`)
    return page(call, commits, commit => commitShape(places, repository, commit))
  }),

  route(`GET ${one}/files`, async call => {
    const { repository, places } = call
    const { baseSha, headSha } = await pullNamed(call)
    const from = (await repository.objects.mergeBase(baseSha, headSha)) ?? baseSha
    const changes = await repository.objects.diff(from, headSha)
    return page(call, changes, change => changeShape(places, repository, headSha, change))
  }),

  route<{ reviewers?: string[]; team_reviewers?: string[] }>(
    `POST ${one}/requested_reviewers`,
    async call => {
      const { repository, places, body } = call
      const pull = await pullNamed(call)
      const { reviewers = [], team_reviewers: teams = [] } = body
      if (reviewers.includes(pull.author))
        throw new Refusal(422, 'Review cannot be requested from pull request author.')
      pull.reviewers = [...new Set([...pull.reviewers, ...reviewers])]
      pull.teams = [...new Set([...pull.teams, ...teams])]
      return created(pullShape(places, repository, pull))
    },
    'pull_requests',
  ),

  route(`GET ${at}/commits/{commit_sha}/pulls`, async call => {
    const { repository, places, state } = call
    const sha = await commitNamed(repository, parameter(call, 'commit_sha'))
    for (const pull of repository.pulls) await refresh(repository, pull, state.now())
    const found = repository.pulls.filter(pull => pull.headSha === sha || pull.merged?.commit === sha)
    return page(call, found, pull => pullShape(places, repository, pull))
  }),
]

const openTwin = ({ pulls }: Repository, head: string, base: string) =>
  pulls.find(pull => pull.state === 'open' && pull.head === head && pull.base === base)

async function open({ repository, asker, state, body }: Call<PullBody>): Promise<Pull> {
  if (asker.opensPullRequests === false)
    throw new Refusal(403, 'GitHub Actions is not permitted to create or approve pull requests.')
  const { objects, pulls, comments } = repository
  const { base } = body
  const head = body.head.replace(`${repository.owner}:`, '')
  const headSha = await objects.resolve(`refs/heads/${head}`)
  const baseSha = await objects.resolve(`refs/heads/${base}`)
  if (headSha === undefined) throw invalid('PullRequest', 'head', 'invalid')
  if (baseSha === undefined) throw invalid('PullRequest', 'base', 'invalid')
  for (const pull of pulls) await refresh(repository, pull, state.now())
  if (openTwin(repository, head, base) !== undefined)
    throw custom(`A pull request already exists for ${repository.owner}:${head}.`)
  if (await objects.isAncestor(headSha, baseSha)) throw custom(`No commits between ${base} and ${head}`)
  const now = state.now()
  const last = Math.max(0, ...pulls.map(({ number }) => number), ...comments.map(comment => comment.issue))
  return {
    id: state.id(),
    number: last + 1,
    title: body.title ?? '',
    body: body.body ?? null,
    author: asker.login,
    state: 'open',
    draft: body.draft === true,
    head,
    base,
    headSha,
    baseSha,
    created: now,
    updated: now,
    closed: null,
    merged: undefined,
    reviewers: [],
    teams: [],
    approvals: [],
    labels: [],
    autoMerge: undefined,
    isQueued: false,
    undecided: repository.undecidedReads,
    maintainerCanModify: body.maintainer_can_modify === true,
  }
}

const custom = (message: string) =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] })
