// What a pull request has as an issue: labels and comments.
import { refresh } from '../merging.ts'
import { created, named, ok, page, route, type Call, type Route } from '../route.ts'
import { commentShape, issueShape, labelShape } from '../shapes/pull.ts'
import type { Pull, Repository } from '../state.ts'

const at = '/repos/{owner}/{repo}'
const issue = `${at}/issues/{issue_number}`

/** The one that the path names, as it is now. */
export async function pullNamed(call: Call<unknown>, name = 'pull_number'): Promise<Pull> {
  const pull = named(call, name, call.repository.pulls, ({ number }) => number)
  await refresh(call.repository, pull, call.state.now())
  return pull
}

export const commentsOf = ({ comments }: Repository, { number }: Pull) =>
  comments.filter(comment => comment.issue === number)

export const issueRoutes: readonly Route[] = [
  route(`GET ${issue}`, async call => {
    const { repository, places } = call
    const pull = await pullNamed(call, 'issue_number')
    return ok(issueShape(places, repository, pull, commentsOf(repository, pull).length))
  }),

  route(`GET ${issue}/labels`, async call => {
    const { repository, places } = call
    const { labels } = await pullNamed(call, 'issue_number')
    return page(call, labels, name => labelShape(places, repository, name))
  }),

  route<{ labels?: string[] } | string[]>(
    `POST ${issue}/labels`,
    async call => {
      const { repository, places, body } = call
      const pull = await pullNamed(call, 'issue_number')
      const wanted = Array.isArray(body) ? body : (body.labels ?? [])
      pull.labels = [...new Set([...pull.labels, ...wanted])]
      return ok(pull.labels.map(name => labelShape(places, repository, name)))
    },
    'pull_requests',
  ),

  route(`GET ${issue}/comments`, async call => {
    const { repository, places } = call
    const comments = commentsOf(repository, await pullNamed(call, 'issue_number'))
    return page(call, comments, comment => commentShape(places, repository, comment))
  }),

  route<{ body: string }>(
    `POST ${issue}/comments`,
    async call => {
      const { repository, places, asker, state, body } = call
      const { number } = await pullNamed(call, 'issue_number')
      const now = state.now()
      const comment = {
        id: state.id(),
        issue: number,
        author: asker.login,
        body: body.body,
        created: now,
        updated: now,
      }
      repository.comments.push(comment)
      return created(commentShape(places, repository, comment))
    },
    'pull_requests',
  ),

  route<{ body: string }>(
    `PATCH ${at}/issues/comments/{comment_id}`,
    call => {
      const { repository, places, state, body } = call
      const comment = named(call, 'comment_id', repository.comments, ({ id }) => id)
      Object.assign(comment, { body: body.body, updated: state.now() })
      return ok(commentShape(places, repository, comment))
    },
    'pull_requests',
  ),

  route(
    `DELETE ${at}/issues/comments/{comment_id}`,
    call => {
      const { repository } = call
      const comment = named(call, 'comment_id', repository.comments, ({ id }) => id)
      repository.comments.splice(repository.comments.indexOf(comment), 1)
      return { status: 204 }
    },
    'pull_requests',
  ),
]
