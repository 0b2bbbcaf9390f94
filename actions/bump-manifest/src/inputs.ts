// What the workflow says, as one typed object; every refused value and combination is refused here.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'
import { branchName, type Person } from '@gitops-relay/config-repo'
import { readAccess, type Access } from './access.ts'
import { readPullRequest, type PullRequestInputs } from './pull-request-inputs.ts'
import { sourceFacts, type Source } from './source.ts'
import { readUpdates, singleUpdate, type WantedUpdate } from './updates.ts'

export const inputs: InputTable = {
  repository: { default: '${{ github.repository }}' },
  branch: {},
  token: { default: '${{ github.token }}', secret: true },
  'source-token': { default: '${{ github.token }}', secret: true },
  'ssh-key': { secret: true },
  'ssh-known-hosts': {},
  files: {},
  image: {},
  match: {},
  tag: {},
  digest: {},
  path: {},
  value: {},
  updates: {},
  expect: {},
  mode: { default: 'push' },
  transport: { default: 'auto' },
  'if-newer': { default: 'skip' },
  'source-repository': {},
  'source-commit': {},
  'commit-message': {},
  author: {},
  committer: {},
  'signing-key': { secret: true },
  'require-verified': { default: 'false' },
  trailers: {},
  'pull-request-title': {},
  'pull-request-body': {},
  'pull-request-labels': {},
  'pull-request-reviewers': {},
  'pull-request-branch': {},
  'pull-request-draft': {},
  'auto-merge': { default: 'false' },
  timeout: { default: '5m' },
  'dry-run': { default: 'false' },
}

export interface Inputs extends Access {
  /** Empty: the default branch. */
  branch: string
  /** Reads ancestry in the source repository. */
  sourceToken: string | undefined
  /** `undefined`: push. */
  pullRequest: PullRequestInputs | undefined
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
  const pullRequest = readPullRequest(input)
  const access = readAccess(input, host)
  const author = readPerson(input, 'author') ?? robot
  const branch = input.singleLine('branch')
  return {
    ...access,
    branch: branch === '' ? '' : branchName(branch),
    sourceToken: readSourceToken(input),
    pullRequest,
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

function readSourceToken(input: InputReader): string | undefined {
  return input.singleLine('source-token') || undefined
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
