// The `github` context of a run on this machine, and the file of its event.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from './types.ts'

/** @param directory for the event's file */
export async function githubContext(
  options: RunOptions,
  directory: string,
  workflow: string,
): Promise<Record<string, unknown>> {
  const { event = { name: 'push' }, ref = 'refs/heads/main', repository, sha, actor = 'octocat' } = options
  const { apiUrl = 'https://api.github.com', serverUrl = 'https://github.com', inputs } = options
  const eventPath = join(directory, 'event.json')
  const payload = {
    repository: { full_name: repository, default_branch: 'main' },
    ...(inputs === undefined ? {} : { inputs }),
    ...event.payload,
  }
  await writeFile(eventPath, JSON.stringify(payload))
  return {
    actor,
    api_url: apiUrl,
    event: payload,
    event_name: event.name,
    event_path: eventPath,
    graphql_url: `${apiUrl}/graphql`,
    ref,
    ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository,
    repository_owner: repository.split('/')[0],
    run_attempt: '1',
    run_id: String(Date.now()),
    run_number: '1',
    server_url: serverUrl,
    sha,
    token: options.secrets?.['GITHUB_TOKEN'] ?? '',
    triggering_actor: actor,
    workflow,
    workspace: '',
  }
}
