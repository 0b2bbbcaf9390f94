// Git's objects in the form of GitHub's answers.
import type { CommitObject } from '../commit-object.ts'
import type { Change } from '../change.ts'
import type { TreeEntry } from '../objects.ts'
import { apiOf, htmlOf, nodeId, type Named, type Places } from './address.ts'
import { userShape } from './repository.ts'

export function verificationShape({ signature, committer }: CommitObject) {
  return signature === undefined
    ? { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
    : {
        verified: true,
        reason: 'valid',
        signature: signature.text,
        payload: signature.payload,
        verified_at: committer.date,
      }
}

const trimmed = (message: string) => message.replace(/\n$/, '')

export function gitCommitShape(places: Places, named: Named, commit: CommitObject) {
  const url = (kind: string, sha: string) => `${apiOf(places, named)}/git/${kind}/${sha}`
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    url: url('commits', commit.sha),
    html_url: `${htmlOf(places, named)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: url('trees', commit.tree) },
    message: trimmed(commit.message),
    parents: commit.parents.map(sha => ({
      sha,
      url: url('commits', sha),
      html_url: `${htmlOf(places, named)}/commit/${sha}`,
    })),
    verification: verificationShape(commit),
  }
}

export function commitShape(places: Places, named: Named, commit: CommitObject) {
  const url = (sha: string) => `${apiOf(places, named)}/commits/${sha}`
  const { author, committer, message, tree, verification } = gitCommitShape(places, named, commit)
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    commit: {
      author,
      committer,
      message,
      tree,
      url: `${apiOf(places, named)}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification,
    },
    url: url(commit.sha),
    html_url: `${htmlOf(places, named)}/commit/${commit.sha}`,
    comments_url: `${url(commit.sha)}/comments`,
    author: accountOf(places, commit.author.email),
    committer: accountOf(places, commit.committer.email),
    parents: commit.parents.map(sha => ({
      sha,
      url: url(sha),
      html_url: `${htmlOf(places, named)}/commit/${sha}`,
    })),
  }
}

/** The account that an address of GitHub's own belongs to. */
function accountOf(places: Places, email: string) {
  const [, login] = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/.exec(email) ?? []
  return login === undefined ? null : userShape(places, login)
}

export function treeShape(
  places: Places,
  named: Named,
  sha: string,
  entries: readonly TreeEntry[],
  truncated = false,
) {
  const git = `${apiOf(places, named)}/git`
  return {
    sha,
    url: `${git}/trees/${sha}`,
    tree: entries.map(entry => ({ ...entry, url: `${git}/${entry.type}s/${entry.sha}` })),
    truncated,
  }
}

export function refShape(places: Places, named: Named, ref: string, sha: string, type = 'commit') {
  const git = `${apiOf(places, named)}/git`
  return {
    ref,
    node_id: nodeId('REF', ref),
    url: `${git}/${ref}`,
    object: { sha, type, url: `${git}/${type}s/${sha}` },
  }
}

export function changeShape(places: Places, named: Named, head: string, change: Change) {
  const { path, status, sha, additions, deletions, patch } = change
  const name = path.split('/').map(encodeURIComponent).join('/')
  return {
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${htmlOf(places, named)}/blob/${head}/${name}`,
    raw_url: `${htmlOf(places, named)}/raw/${head}/${name}`,
    contents_url: `${apiOf(places, named)}/contents/${name}?ref=${head}`,
    ...(patch === '' ? {} : { patch }),
  }
}

export function fileShape(
  places: Places,
  named: Named,
  path: string,
  entry: TreeEntry,
  ref: string,
  bytes?: Buffer,
) {
  const name = path.split('/').map(encodeURIComponent).join('/')
  const self = `${apiOf(places, named)}/contents/${name}?ref=${ref}`
  const git = `${apiOf(places, named)}/git/${entry.type}s/${entry.sha}`
  const html = `${htmlOf(places, named)}/${entry.type}/${ref}/${name}`
  const isFile = entry.type === 'blob'
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: isFile ? `${htmlOf(places, named)}/raw/${ref}/${name}` : null,
    type: isFile ? 'file' : 'dir',
    // In lines of 60 characters, as GitHub does.
    ...(bytes === undefined
      ? {}
      : { content: bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n'), encoding: 'base64' }),
    _links: { self, git, html },
  }
}
