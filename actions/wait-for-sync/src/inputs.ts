// What the workflow says, as one typed object; every refused value and combination is refused here.
import { isAbsolute, relative, resolve } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'
import { hostOf, repositoryUrl, type RepositoryUrl } from '@gitops-relay/config-repo/url'
import { isDigest, parseReference } from '@gitops-relay/oci/reference'
import { isCommit, type Proof } from '@gitops-relay/sync'
import { readArgo, type ArgoInputs } from './inputs-argocd.ts'
import { readFlux, type FluxInputs } from './inputs-kube.ts'

export const inputs: InputTable = {
  provider: { default: 'auto', later: ['kubernetes', 'github'] },
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
  kubeconfig: {},
  'kube-context': {},
  kustomizations: {},
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
  /** Who deploys. */
  provider: ({ name: 'argocd' } & ArgoInputs) | ({ name: 'flux' } & FluxInputs)
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
  return {
    ...readFeedback(input, host),
    provider:
      chooseProvider(input) === 'flux'
        ? { name: 'flux', ...readFlux(input, host) }
        : { name: 'argocd', ...readArgo(input) },
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

const OF_FLUX = ['kustomizations', 'helm-releases'] as const
const OF_ARGO = ['argocd-server', 'argocd-token', 'applications', 'selector', 'argocd-project'] as const

/** By name, or by the inputs that only one of them has. */
function chooseProvider(input: InputReader): 'argocd' | 'flux' {
  const wanted = input.oneOf('provider', ['auto', 'argocd', 'flux', 'kubernetes', 'github'])
  const given = (names: readonly string[]) => names.filter(name => input.text(name) !== '')
  const [flux, argo] = [given(OF_FLUX), given(OF_ARGO)]
  const strange = wanted === 'flux' ? argo : wanted === 'argocd' ? flux : []
  const [first = ''] = strange.length > 0 ? strange : flux.length > 0 && argo.length > 0 ? flux : []
  if (first !== '') {
    const sentence = `"${first}" is given, which ${OF_FLUX.some(name => name === first) ? 'Argo CD' : 'Flux'} does not know.`
    throw new UserError('contradiction', sentence, 'Leave it out, or change "provider".')
  }
  if (wanted === 'flux' || wanted === 'argocd') return wanted
  if (flux.length > 0) return 'flux'
  if (argo.length > 0) return 'argocd'
  const sentence = 'Nothing says who deploys the config repository.'
  const remedy = 'Give "argocd-server", or "provider: flux" with "kubeconfig".'
  throw new UserError('no-provider', sentence, remedy)
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
