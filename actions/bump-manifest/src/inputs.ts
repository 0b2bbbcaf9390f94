// What the workflow says, as one typed object; every refused value and combination is refused here.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'
import { branchName, hostOf, repositoryUrl, type Person, type RepositoryUrl } from '@gitops-relay/config-repo'
import { sourceFacts, type Source } from './source.ts'
import { readUpdates, singleUpdate, type WantedUpdate } from './updates.ts'

export const inputs: InputTable = {
  repository: { default: '${{ github.repository }}' },
  branch: {},
  token: { default: '${{ github.token }}', secret: true },
  'source-token': { default: '${{ github.token }}', secret: true },
  'ssh-key': { secret: true, later: true },
  'ssh-known-hosts': { later: true },
  files: {},
  image: {},
  match: {},
  tag: {},
  digest: {},
  path: {},
  value: {},
  updates: {},
  expect: {},
  mode: { default: 'push', later: ['pull-request'] },
  transport: { default: 'auto', later: ['api'] },
  'if-newer': { default: 'skip' },
  'source-repository': {},
  'source-commit': {},
  'commit-message': {},
  author: {},
  committer: {},
  'signing-key': { secret: true, later: true },
  'require-verified': { default: 'false', later: true },
  trailers: {},
  'pull-request-title': { later: true },
  'pull-request-body': { later: true },
  'pull-request-labels': { later: true },
  'pull-request-reviewers': { later: true },
  'pull-request-branch': { later: true },
  'pull-request-draft': { later: true },
  'auto-merge': { default: 'false', later: true },
  timeout: { default: '5m' },
  'dry-run': { default: 'false' },
}

export interface Inputs {
  repository: RepositoryUrl
  /** Empty: the default branch. */
  branch: string
  token: string | undefined
  updates: WantedUpdate[]
  ifNewer: 'skip' | 'fail' | 'overwrite'
  source: Source
  /** Template; empty: our own. */
  message: string
  author: Person
  committer: Person
  /** Lines `Key: value`. */
  trailers: string[]
  /** Milliseconds. */
  timeout: number
  dryRun: boolean
}

/** @throws UserError */
export function readInputs(input: InputReader, host: Host): Inputs {
  input.oneOf('mode', ['push', 'pull-request'])
  input.oneOf('transport', ['auto', 'git', 'api'])
  const repository = readRepository(input, host)
  const author = readPerson(input, 'author') ?? robot
  const branch = input.singleLine('branch')
  return {
    repository,
    branch: branch === '' ? '' : branchName(branch),
    token: readToken(input, repository, host),
    updates: input.text('updates') === '' ? [singleUpdate(input)] : readUpdates(input),
    ifNewer: input.oneOf('if-newer', ['skip', 'fail', 'overwrite']),
    source: sourceFacts(input.singleLine('source-repository'), input.singleLine('source-commit'), host.run),
    message: readMessage(input),
    author,
    committer: readPerson(input, 'committer') ?? author,
    trailers: readTrailers(input),
    timeout: input.duration('timeout'),
    dryRun: input.boolean('dry-run'),
  }
}

/** Given but empty is refused: an unset variable must not bump the wrong repository. */
function readRepository(input: InputReader, { run }: Host): RepositoryUrl {
  const text = input.singleLine('repository')
  const name = text.startsWith('${{') ? run.repository : text
  if (name === '') {
    const sentence = '"repository" is empty: the variable or output that it comes from was never set.'
    throw new UserError('empty-input', sentence, 'Write owner/name, or a git URL.')
  }
  const repository = repositoryUrl(name, run.serverUrl)
  if (repository.scheme !== 'ssh') return repository
  throw new UserError(
    'not-yet',
    '"repository" is an ssh URL, which is not built yet.',
    'Write its https URL.',
  )
}

/** The token of the run goes only to the run's own server. That it is the default shows in `source-token`, which has the same. */
function readToken(
  input: InputReader,
  { scheme, host: name }: RepositoryUrl,
  { run }: Host,
): string | undefined {
  const token = input.singleLine('token')
  if (token === '' || token.startsWith('${{') || scheme === 'file') return undefined
  if (name === hostOf(run.serverUrl) || token !== input.singleLine('source-token')) return token
  const sentence = `"repository" is on ${name}, and the token of this run is not for that host.`
  throw new UserError('token-for-other-host', sentence, `Give a "token" of ${name}.`)
}

/** The account under which GitHub shows what workflows commit. */
const robot: Person = {
  name: 'github-actions[bot]',
  mail: '41898282+github-actions[bot]@users.noreply.github.com',
}

function readPerson(input: InputReader, name: 'author' | 'committer'): Person | undefined {
  const text = input.singleLine(name)
  if (text === '') return undefined
  const [, person, mail] = /^([^<>]+?)\s*<([^<>\s]+)>$/.exec(text) ?? []
  if (person !== undefined && mail !== undefined) return { name: person, mail }
  throw new UserError(
    'bad-value',
    `"${name}" is ${JSON.stringify(text)}.`,
    'Write it like Name <mail@example.com>.',
  )
}

const placeholders = ['app', 'image', 'tag', 'digest', 'old', 'new', 'files', 'source']

function readMessage(input: InputReader): string {
  const text = input.singleLine('commit-message')
  const unknown = [...text.matchAll(/\{(\w+)\}/g)].find(([, name]) => !placeholders.includes(name ?? ''))
  if (unknown === undefined) return text
  const remedy = `Known are ${placeholders.map(name => `{${name}}`).join(', ')}.`
  throw new UserError('bad-value', `"commit-message" has ${unknown[0]}, which nothing fills in.`, remedy)
}

function readTrailers(input: InputReader): string[] {
  return input.list('trailers').map(line => {
    const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9-]*):\s*(\S[^\r\n\0]*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) {
      throw new UserError(
        'bad-value',
        `"trailers" has ${JSON.stringify(line)}.`,
        'Write lines like Key: value.',
      )
    }
    if (!/^(?:change-id|source-(?:repository|commit|run)|image|argocd-reference-commit-.*)$/i.test(key)) {
      return `${key}: ${value}`
    }
    throw new UserError('bad-value', `"trailers" has ${key}, which is written anyway.`, 'Take it out.')
  })
}
