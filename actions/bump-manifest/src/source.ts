// Where the new value comes from: the commit that was built, as order and trailers use it.
import type { RunFacts } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'

export interface Source {
  /** `owner/name`; empty where nobody knows. */
  repository: string
  /** Full SHA; empty where nobody knows. */
  commit: string
  /** URL of this run; empty outside of one. */
  run: string
  /** URL of the repository; empty where nobody knows. */
  url: string
  /** As git shows them; empty where the event does not tell. */
  author: string
  subject: string
  date: string
}

/** @param repository, commit as given; empty ones are of the run */
export function sourceFacts(repository: string, commit: string, run: RunFacts): Source {
  if (commit !== '' && !/^(?:[\da-f]{40}|[\da-f]{64})$/i.test(commit)) {
    throw new UserError(
      'bad-value',
      `"source-commit" is ${JSON.stringify(commit)}.`,
      'Write the full SHA of the commit.',
    )
  }
  if (repository !== '' && !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    const sentence = `"source-repository" is ${JSON.stringify(repository)}.`
    throw new UserError('bad-value', sentence, 'Write it as owner/name.')
  }
  const sha = (commit || run.sourceCommit).toLowerCase()
  const name = repository || run.repository
  const server = run.serverUrl || 'https://github.com'
  return {
    repository: name,
    commit: sha,
    run: run.runId && `${server}/${run.repository}/actions/runs/${run.runId}/attempts/${run.attempt || '1'}`,
    url: name && `${server}/${name}`,
    ...headCommit(run, sha),
  }
}

/** What a push event tells of its commit. */
function headCommit({ payload }: RunFacts, sha: string): Pick<Source, 'author' | 'subject' | 'date'> {
  const commit = record(payload['head_commit'])
  if (sha === '' || commit['id'] !== sha) return { author: '', subject: '', date: '' }
  const author = record(commit['author'])
  const [name, mail] = [line(author['name']), line(author['email'])]
  return {
    author: name && mail && `${name} <${mail}>`,
    subject: line(commit['message']),
    date: line(commit['timestamp']),
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The first line of a foreign text, without anything that does not print. */
function line(value: unknown): string {
  const [first = ''] = typeof value === 'string' ? value.split(/[\r\n]/, 1) : []
  // eslint-disable-next-line no-control-regex
  return first.replaceAll(/[\0-\x1f\x7f-\x9f<>]/g, ' ').trim()
}
