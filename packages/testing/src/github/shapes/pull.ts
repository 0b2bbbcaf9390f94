// Pull requests, issues, labels and comments in the form of GitHub's answers.
import type { Comment, Pull, Repository } from '../state.ts'
import { apiOf, htmlOf, nodeId, numberFor, type Places } from './address.ts'
import { repositoryShape, userShape } from './repository.ts'

/** As lists hold it. */
export function pullShape(places: Places, repository: Repository, pull: Pull) {
  const api = apiOf(places, repository)
  const html = `${htmlOf(places, repository)}/pull/${pull.number}`
  const url = `${api}/pulls/${pull.number}`
  const issue = `${api}/issues/${pull.number}`
  const statuses = `${api}/statuses/${pull.headSha}`
  const owner = userShape(places, repository.owner)
  const side = (ref: string, sha: string) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: owner,
    repo: repositoryShape(places, repository),
  })
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(places, pull.author),
    body: pull.body,
    labels: pull.labels.map(name => labelShape(places, repository, name)),
    milestone: null,
    created_at: pull.created,
    updated_at: pull.updated,
    closed_at: pull.closed,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.reviewers.map(login => userShape(places, login)),
    requested_teams: pull.teams.map(slug => teamShape(places, repository.owner, slug)),
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: 'CONTRIBUTOR',
    auto_merge:
      pull.autoMerge === undefined
        ? null
        : {
            enabled_by: userShape(places, pull.autoMerge.by),
            merge_method: pull.autoMerge.method,
            commit_title: pull.title,
            commit_message: pull.body ?? '',
          },
    draft: pull.draft,
  }
}

/** What only one pull request's own answer says. */
export interface PullDetails {
  mergeable: boolean | null
  mergeableState: string
  comments: number
  commits: number
  additions: number
  deletions: number
  changedFiles: number
}

export function wholePullShape(places: Places, repository: Repository, pull: Pull, details: PullDetails) {
  const { mergeable, mergeableState, changedFiles, ...counts } = details
  return {
    ...pullShape(places, repository, pull),
    merged: pull.merged !== undefined,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeableState,
    merged_by: pull.merged === undefined ? null : userShape(places, pull.merged.by),
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    changed_files: changedFiles,
    ...counts,
  }
}

export function labelShape(places: Places, repository: Repository, name: string) {
  const id = numberFor(name)
  return {
    id,
    node_id: nodeId('LA', id),
    url: `${apiOf(places, repository)}/labels/${encodeURIComponent(name)}`,
    name,
    color: 'ededed',
    default: false,
    description: '',
  }
}

function teamShape(places: Places, owner: string, slug: string) {
  const url = `${places.api}/organizations/1/team/${slug}`
  return {
    id: slug.length,
    node_id: nodeId('T', slug),
    name: slug,
    slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'push',
    type: 'organization',
    organization_id: 1,
    url,
    html_url: `${places.html}/orgs/${owner}/teams/${slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: null,
  }
}

export function commentShape(places: Places, repository: Repository, comment: Comment) {
  const api = apiOf(places, repository)
  return {
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `${htmlOf(places, repository)}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issue}`,
    user: userShape(places, comment.author),
    body: comment.body,
    created_at: comment.created,
    updated_at: comment.updated,
    author_association: 'CONTRIBUTOR',
    performed_via_github_app: null,
  }
}

export function issueShape(places: Places, repository: Repository, pull: Pull, comments: number) {
  const { url, issue_url, ...shape } = pullShape(places, repository, pull)
  const { id, node_id, number, state, locked, title, user, body, labels, html_url } = shape
  return {
    id,
    node_id,
    number,
    state,
    locked,
    title,
    user,
    body,
    labels,
    html_url,
    url: issue_url,
    repository_url: apiOf(places, repository),
    labels_url: `${issue_url}/labels{/name}`,
    comments_url: `${issue_url}/comments`,
    events_url: `${issue_url}/events`,
    assignee: null,
    assignees: [],
    milestone: null,
    comments,
    created_at: pull.created,
    updated_at: pull.updated,
    closed_at: pull.closed,
    author_association: 'CONTRIBUTOR',
    pull_request: {
      url,
      html_url,
      diff_url: shape.diff_url,
      patch_url: shape.patch_url,
      merged_at: shape.merged_at,
    },
  }
}
