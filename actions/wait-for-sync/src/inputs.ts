// What the workflow says, as one typed object; every refused value and combination is refused here.
import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'
import { hostOf, repositoryUrl, type RepositoryUrl } from '@gitops-relay/config-repo/url'
import { isDigest, parseReference } from '@gitops-relay/oci/reference'
import { isCommit, type Credentials, type Proof } from '@gitops-relay/sync'

export const inputs: InputTable = {
  provider: { default: 'auto', later: ['flux', 'kubernetes', 'github'] },
  commit: {},
  'pull-request': { later: true },
  changes: {},
  repository: { default: '${{ github.repository }}' },
  branch: {},
  token: { default: '${{ github.token }}', secret: true },
  images: { default: 'none' },
  digests: { default: 'none' },
  'require-proof': { default: 'true' },
  'argocd-server': {},
  'argocd-token': { secret: true },
  'argocd-username': {},
  'argocd-password': { secret: true },
  'argocd-oidc': { default: 'false', later: true },
  'argocd-project': {},
  applications: {},
  selector: {},
  kubeconfig: { secret: true, later: true },
  'kube-context': { later: true },
  kustomizations: { later: true },
  'helm-releases': { later: true },
  workloads: { later: true },
  'status-context': { later: true },
  'status-creator': { later: true },
  environment: {},
  refresh: { default: 'true' },
  timeout: { default: '10m' },
  'appear-timeout': { default: '2m' },
  settle: { default: '5s' },
  'degraded-grace': { default: '30s' },
  'scheduling-grace': { default: '2m', later: true },
  'on-superseded': { default: 'success' },
  'on-retry': { default: 'wait' },
  'on-suspended': { default: 'fail' },
  sync: { default: 'false', later: true },
  'terminate-stale-operation': { default: 'false', later: true },
  doctor: { default: 'false', later: true },
  'source-token': { default: '${{ github.token }}', secret: true },
  feedback: { default: 'true' },
  'check-run-id': { default: '${{ job.check_run_id }}' },
  'ca-file': {},
  'insecure-skip-tls-verify': { later: ['true'] },
  record: {},
}

/** What is needed to tell GitHub, now or in the post moment. */
export interface FeedbackInputs {
  feedback: boolean
  /** Of the GitHub Deployment; empty: that of the job, or the name of a target. */
  environment: string
  /** Empty: no Deployment is written. */
  sourceToken: string
  /** Id of this job's check run; empty where the server does not tell. */
  checkRun: string
  repository: RepositoryUrl
  /** Undefined where it must not be sent. */
  token: string | undefined
}

export interface Inputs extends FeedbackInputs {
  server: URL
  credentials: Credentials
  ca: string | undefined
  project: string
  /** Empty: all that deploy the commit. */
  applications: string[]
  selector: string
  commit: string
  /** Files that the commit changed, as `changes` says; undefined: read the commit. */
  changedFiles: string[] | undefined
  branch: string
  /** Undefined: no image and no digest is to be proven. */
  proof: Proof | undefined
  refresh: boolean
  /** Milliseconds. */
  timeout: number
  appearTimeout: number
  settle: number
  degradedGrace: number
  onSuperseded: 'success' | 'fail'
  onRetry: 'wait' | 'fail'
  onSuspended: 'fail' | 'wait' | 'success'
  /** Absolute; undefined: a new file under the runner's temp directory. */
  record: string | undefined
}

export function readInputs(input: InputReader, host: Host): Inputs {
  input.oneOf('provider', ['auto', 'argocd', 'flux', 'kubernetes', 'github'])
  return {
    ...readFeedback(input, host),
    server: readServer(input),
    credentials: readCredentials(input),
    ca: input.text('ca-file') === '' ? undefined : readFileSync(input.path('ca-file'), 'utf8'),
    project: input.singleLine('argocd-project'),
    applications: input.list('applications', { commas: true }),
    selector: input.singleLine('selector'),
    commit: readCommit(input),
    changedFiles: readChanges(input),
    branch: input.singleLine('branch').replace(/^refs\/heads\//, ''),
    proof: readProof(input),
    refresh: input.boolean('refresh'),
    timeout: input.duration('timeout'),
    appearTimeout: input.duration('appear-timeout'),
    settle: input.duration('settle'),
    degradedGrace: input.duration('degraded-grace'),
    onSuperseded: input.oneOf('on-superseded', ['success', 'fail']),
    onRetry: input.oneOf('on-retry', ['wait', 'fail']),
    onSuspended: input.oneOf('on-suspended', ['fail', 'wait', 'success']),
    record: readRecordPath(input, host),
  }
}

export function readFeedback(input: InputReader, host: Host): FeedbackInputs {
  const repository = readRepository(input, host)
  return {
    feedback: input.boolean('feedback'),
    environment: input.singleLine('environment'),
    sourceToken: input.singleLine('source-token'),
    checkRun: input.singleLine('check-run-id'),
    repository,
    token: readToken(input, repository, host),
  }
}

function readServer(input: InputReader): URL {
  const text = input.singleLine('argocd-server')
  if (text === '') {
    const sentence =
      'Without "argocd-server" there is nobody to ask: core mode through "kubeconfig" and the other providers'
    throw new UserError('not-yet', `${sentence} are not built yet.`, 'Write the URL of your Argo CD server.')
  }
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(url)) {
    throw new UserError(
      'bad-url',
      `"argocd-server" is ${JSON.stringify(text)}.`,
      'Write a URL, such as https://argocd.example.com.',
    )
  }
  const server = new URL(url.endsWith('/') ? url : `${url}/`)
  if (server.username || server.password || server.search || server.hash) {
    throw new UserError(
      'bad-url',
      '"argocd-server" holds more than host and path.',
      'Write credentials into "argocd-token".',
    )
  }
  return server
}

function readCredentials(input: InputReader): Credentials {
  const [token, username, password] = [
    input.singleLine('argocd-token'),
    input.text('argocd-username'),
    input.raw('argocd-password'),
  ]
  if (token !== '' && (username !== '' || password !== '')) {
    const sentence = '"argocd-token" and "argocd-username" or "argocd-password" are both given.'
    throw new UserError('contradiction', sentence, 'Give one of the two.')
  }
  if (token !== '') return { token }
  if (username !== '' && password !== '') return { username, password }
  const remedy = 'Give "argocd-token", or "argocd-username" and "argocd-password".'
  throw new UserError('empty-input', 'There are no credentials for "argocd-server".', remedy)
}

function readCommit(input: InputReader): string {
  const commit = input.singleLine('commit').toLowerCase()
  if (commit === '') {
    const sentence = '"commit" is empty: the output of the earlier job was dropped or never set.'
    throw new UserError('empty-input', sentence, 'Pass bump-manifest.commit, through the outputs of its job.')
  }
  if (isCommit(commit)) return commit
  throw new UserError(
    'bad-commit',
    `"commit" is ${JSON.stringify(commit)}.`,
    'Write the full SHA of the commit.',
  )
}

function readChanges(input: InputReader): string[] | undefined {
  const changes = input.json('changes')
  if (changes === undefined) return undefined
  const files = Array.isArray(changes) ? changes.map(fileOf) : [undefined]
  const named = files.filter(file => file !== undefined)
  if (named.length === files.length) return named.length > 0 ? [...new Set(named)] : undefined
  throw new UserError(
    'bad-changes',
    '"changes" is not a list of changes.',
    'Pass bump-manifest.changes as it is.',
  )
}

function fileOf(change: unknown): string | undefined {
  const file: unknown =
    typeof change === 'object' && change !== null && 'file' in change ? change.file : undefined
  return typeof file === 'string' ? file : undefined
}

/** Given but empty is refused: an unset variable must not watch the wrong repository. */
function readRepository(input: InputReader, { run }: Host): RepositoryUrl {
  const name = input.singleLine('repository')
  if (name !== '') return repositoryUrl(name, run.serverUrl)
  throw new UserError('empty-input', '"repository" is empty.', 'Write owner/name, or a git URL.')
}

/** The token of the run goes only to the run's own server. That it is the default shows in `source-token`, which has the same. */
function readToken(input: InputReader, { scheme, host }: RepositoryUrl, { run }: Host): string | undefined {
  const token = input.singleLine('token')
  if (token === '' || !scheme.startsWith('http')) return undefined
  return host === hostOf(run.serverUrl) || token !== input.singleLine('source-token') ? token : undefined
}

function readProof(input: InputReader): Proof | undefined {
  const [images = [], digests = []] = (['images', 'digests'] as const).map(name => {
    if (input.text(name) === '') {
      const sentence = `"${name}" is empty: the output of the earlier job was dropped or never set.`
      throw new UserError('empty-input', sentence, 'Pass the output of push-image, or write none.')
    }
    return input.given(name) && input.text(name) !== 'none' ? input.list(name) : []
  })
  const required = input.boolean('require-proof')
  if (images.length === 0 && digests.length === 0) return undefined
  return { images: images.map(readImage), digests: digests.flatMap(readDigests), required }
}

function readImage(text: string): Proof['images'][number] {
  const { name, digest } = parseReference(text)
  if (digest !== undefined) return { repository: name, digest }
  const sentence = `"images" has ${JSON.stringify(text)}, without a digest.`
  throw new UserError('bad-value', sentence, 'Pass push-image.ref, such as repo@sha256:….')
}

/** @param line a digest, or a JSON list of them */
function readDigests(line: string): string[] {
  const digests = line.startsWith('[') ? parseList(line) : [line]
  const wrong = digests.find(digest => !isDigest(digest))
  if (wrong === undefined && digests.length > 0) return digests
  const sentence = `"digests" has ${JSON.stringify(wrong ?? line)}, which is no digest.`
  throw new UserError('bad-value', sentence, 'Pass push-image.digests as it is.')
}

function parseList(line: string): string[] {
  try {
    const list: unknown = JSON.parse(line)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return []
  }
}

function readRecordPath(input: InputReader, host: Host): string | undefined {
  const text = input.text('record')
  if (text === '') return undefined
  const path = resolve(host.workspace, text)
  const isInside = (folder: string) =>
    folder !== '' && !/^\.\.(?:[\\/]|$)/.test(relative(folder, path)) && !isAbsolute(relative(folder, path))
  return isInside(host.runnerTemp) ? path : input.path('record')
}
