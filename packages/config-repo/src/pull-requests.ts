// Pull requests of one repository, through GitHub's interface: found, opened, changed, closed.
import { ApiError, type Answer, type GitHub, type Parameters } from '@gitops-relay/github'
import { HttpError } from '@gitops-relay/http'
import { asking, reading } from './api-answers.ts'

export interface PullRequest {
  number: number
  url: string
  /** For GraphQL. */
  id: string
  title: string
  body: string
  labels: string[]
  reviewers: string[]
  /** Opened with the token of a run: its events start no workflows. */
  isOfRun: boolean
}

export interface PullRequestWish {
  title: string
  body: string
  isDraft: boolean
}

export interface PullRequests {
  /** The open one from the branch. */
  find(branch: string, base: string): Promise<PullRequest | undefined>
  /** Opens one, or changes the one that is open. */
  upsert(
    open: PullRequest | undefined,
    branch: string,
    base: string,
    wish: PullRequestWish,
  ): Promise<PullRequest>
  close(pull: PullRequest): Promise<void>
  addLabels(pull: PullRequest, labels: readonly string[]): Promise<void>
  /** People, and teams as `org/team`. */
  requestReviews(pull: PullRequest, reviewers: readonly string[]): Promise<void>
}

export function pullRequests(
  github: GitHub,
  { owner, repo }: { owner: string; repo: string },
  signal: AbortSignal,
): PullRequests {
  const at = { owner, repo }
  const call = (to: string) => ({ to: `${to} in ${owner}/${repo}`, signal })
  const one = (pull: PullRequest) => ({ ...at, number: pull.number })
  const update = 'PATCH /repos/{owner}/{repo}/pulls/{number}'

  /** What may be done twice. */
  const send = (route: string, parameters: Parameters, to: string) =>
    asking(() => github.rest(route, parameters, { ...call(to), repeat: 'repeat' }))

  const find: PullRequests['find'] = (branch, base) =>
    reading(async () => {
      const wanted = { ...at, state: 'open', head: `${owner}:${branch}`, base }
      for await (const item of github.list(
        'GET /repos/{owner}/{repo}/pulls',
        wanted,
        call('find pull requests'),
      )) {
        if (item.at('head', 'ref').value === branch && item.at('base', 'ref').value === base)
          return pullOf(item)
      }
      return undefined
    })

  const open = async (branch: string, base: string, { title, body, isDraft }: PullRequestWish) => {
    const wish = { ...at, head: branch, base, title, body, draft: isDraft }
    try {
      return pullOf(await github.rest('POST /repos/{owner}/{repo}/pulls', wish, call('open a pull request')))
    } catch (error) {
      // Somebody was first, or the answer got lost: there is one then.
      const mayBeThere =
        error instanceof HttpError ||
        (error instanceof ApiError && (error.status >= 500 || /already exists/i.test(error.said)))
      const found = mayBeThere ? await find(branch, base) : undefined
      if (found === undefined) throw error
      return found
    }
  }

  return {
    find,
    async upsert(known, branch, base, wish) {
      const pull = known ?? (await asking(() => open(branch, base, wish)))
      const { title, body } = wish
      if (pull.title === title && pull.body === body) return pull
      return pullOf(await send(update, { ...one(pull), title, body }, `change pull request ${pull.number}`))
    },
    async close(pull) {
      await send(update, { ...one(pull), state: 'closed' }, `close pull request ${pull.number}`)
    },
    async addLabels(pull, wanted) {
      const labels = wanted.filter(label => !pull.labels.includes(label))
      const route = 'POST /repos/{owner}/{repo}/issues/{number}/labels'
      if (labels.length > 0) await send(route, { ...one(pull), labels }, 'set labels')
    },
    async requestReviews(pull, wanted) {
      const missing = wanted
        .map(name => name.replace(/^@/, ''))
        .filter(name => !pull.reviewers.includes(name.split('/').at(-1) ?? ''))
      const route = 'POST /repos/{owner}/{repo}/pulls/{number}/requested_reviewers'
      const reviewers = missing.filter(name => !name.includes('/'))
      const teams = missing.filter(name => name.includes('/')).map(name => name.split('/')[1])
      const wish = { ...one(pull), reviewers, team_reviewers: teams }
      if (missing.length > 0) await send(route, wish, 'request reviews')
    },
  }
}

const names = (list: Answer, key: string) =>
  list.exists() ? list.list().map(item => item.at(key).line()) : []

function pullOf(answer: Answer): PullRequest {
  const body = answer.at('body')
  return {
    number: answer.at('number').integer(),
    url: answer.at('html_url').url(),
    id: answer.at('node_id').line(),
    title: answer.at('title').line(),
    body: body.exists() ? body.text() : '',
    labels: names(answer.at('labels'), 'name'),
    reviewers: [
      ...names(answer.at('requested_reviewers'), 'login'),
      ...names(answer.at('requested_teams'), 'slug'),
    ],
    isOfRun: answer.at('user', 'login').value === 'github-actions[bot]',
  }
}
