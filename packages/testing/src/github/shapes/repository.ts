// Accounts and repositories in the form of GitHub's answers.
import type { Repository, RepositorySettings } from '../state.ts'
import { apiOf, htmlOf, nodeId, numberFor, type Named, type Places } from './address.ts'

export function userShape(places: Places, login: string) {
  const id = numberFor(login)
  const url = `${places.api}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `${places.html}/avatars/u/${id}`,
    gravatar_id: '',
    url,
    html_url: `${places.html}/${login.replace('[bot]', '')}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  }
}

/** Suffix of each address, by the name of its field before `_url`. */
const parts: Readonly<Record<string, string>> = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
}

export function repositoryShape(places: Places, repository: Repository) {
  const { id, owner, name, created, pulls } = repository
  const settings = settingsOf(repository)
  const url = apiOf(places, repository)
  const open = pulls.filter(({ state }) => state === 'open').length
  return {
    id,
    node_id: nodeId('R', id),
    name,
    full_name: `${owner}/${name}`,
    owner: userShape(places, owner),
    visibility: settings.private ? 'private' : 'public',
    html_url: htmlOf(places, repository),
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(parts).map(([field, suffix]) => [`${field}_url`, url + suffix])),
    ...gitAddresses(places, repository),
    created_at: created,
    updated_at: created,
    pushed_at: created,
    homepage: null,
    mirror_url: null,
    language: null,
    license: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    forks: 0,
    forks_count: 0,
    network_count: 0,
    subscribers_count: 0,
    open_issues: open,
    open_issues_count: open,
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    disabled: false,
    default_branch: repository.defaultBranch,
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
    ...settings,
  }
}

/** As in a fresh repository on GitHub, where nothing else is set. */
export function settingsOf({ settings }: Repository): Required<RepositorySettings> {
  return {
    private: false,
    archived: false,
    allow_auto_merge: false,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    delete_branch_on_merge: false,
    ...settings,
  }
}

function gitAddresses(places: Places, named: Named) {
  const html = htmlOf(places, named)
  const { host } = new URL(places.html)
  return {
    git_url: `git://${host}/${named.owner}/${named.name}.git`,
    ssh_url: `git@${host}:${named.owner}/${named.name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
  }
}
