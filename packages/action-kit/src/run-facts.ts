// What this run is about: the commit, the event, and whether its code can be trusted.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunFacts } from './types.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Payload = Readonly<Record<string, unknown>>

const PRIVILEGED = ['pull_request_target', 'workflow_run', 'issue_comment']

/** Facts from the environment and the event's payload; never throws, a terminal simply knows less. */
export function readRunFacts(env: Environment, head: string | undefined): RunFacts {
  const get = (name: string) => env[name] ?? ''
  const event = get('GITHUB_EVENT_NAME')
  const payload = readPayload(env['GITHUB_EVENT_PATH'])
  const number = at(payload, 'pull_request', 'number') ?? at(payload, 'issue', 'number')
  const isPullRequest =
    payload['pull_request'] !== undefined || at(payload, 'issue', 'pull_request') !== undefined
  const fork = carriesFork(event, payload, get('GITHUB_REPOSITORY'))
  const refType = get('GITHUB_REF_TYPE')
  return {
    event,
    repository: get('GITHUB_REPOSITORY'),
    ref: get('GITHUB_REF'),
    refName: get('GITHUB_REF_NAME'),
    refType: refType === 'branch' || refType === 'tag' ? refType : '',
    sourceCommit: sourceCommit(event, payload) || get('GITHUB_SHA') || (head ?? ''),
    sha: get('GITHUB_SHA') || (head ?? ''),
    runId: get('GITHUB_RUN_ID'),
    attempt: get('GITHUB_RUN_ATTEMPT'),
    workflow: get('GITHUB_WORKFLOW'),
    job: get('GITHUB_JOB'),
    actor: get('GITHUB_ACTOR'),
    defaultBranch: text(at(payload, 'repository', 'default_branch')),
    pullRequest: isPullRequest && typeof number === 'number' ? number : undefined,
    serverUrl: get('GITHUB_SERVER_URL') || 'https://github.com',
    apiUrl: get('GITHUB_API_URL') || 'https://api.github.com',
    graphqlUrl: get('GITHUB_GRAPHQL_URL') || 'https://api.github.com/graphql',
    // The base's own commit in the workspace is trusted code, whatever the event carries.
    untrusted: PRIVILEGED.includes(event) && fork && (head === undefined || head !== env['GITHUB_SHA']),
    fork,
    payload,
  }
}

/** The head of a pull request, not its merge; the commit that a finished workflow ran on; else empty. */
function sourceCommit(event: string, payload: Payload): string {
  if (event.startsWith('pull_request')) return text(at(payload, 'pull_request', 'head', 'sha'))
  if (event === 'workflow_run') return text(at(payload, 'workflow_run', 'head_sha'))
  return ''
}

/** A deleted fork has no repository any more; a comment does not say whose head its pull request has. Both count as forks. */
function carriesFork(event: string, payload: Payload, repository: string): boolean {
  if (event === 'issue_comment') return at(payload, 'issue', 'pull_request') !== undefined
  const source =
    event === 'workflow_run'
      ? at(payload, 'workflow_run', 'head_repository', 'full_name')
      : at(payload, 'pull_request', 'head', 'repo', 'full_name')
  const isForeign = event === 'workflow_run' || event.startsWith('pull_request')
  return isForeign && text(source).toLowerCase() !== repository.toLowerCase()
}

/** The commit that is checked out in `workspace`, read from the files of Git alone; undefined where there is none. */
export function checkedOutCommit(workspace: string): string | undefined {
  const read = (name: string) => readFileSync(join(workspace, '.git', name), 'utf8').trim()
  try {
    const head = read('HEAD')
    const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1]
    if (ref === undefined || ref.includes('..')) return commitId(head)
    try {
      return commitId(read(ref))
    } catch {
      return commitId(
        read('packed-refs')
          .split('\n')
          .find(line => line.endsWith(` ${ref}`))
          ?.split(' ')[0],
      )
    }
  } catch {
    return undefined
  }
}

const commitId = (id: string | undefined) =>
  id !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id) ? id : undefined

function readPayload(path: string | undefined): Payload {
  try {
    const parsed: unknown = path === undefined ? {} : JSON.parse(readFileSync(path, 'utf8'))
    return isRecord(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)
}

const isRecord = (value: unknown): value is Payload => typeof value === 'object' && value !== null
const text = (value: unknown) => (typeof value === 'string' ? value : '')
