// A job with an environment, as far as the API shows it.
import type { Repository, State } from './state.ts'

export interface RunningJob {
  sha: string
  environment: string
  /** Ids. */
  run: string
  id: string
}

/** Its Deployment is as GitHub makes it: without a payload, and its statuses name the page of the job. @param html page of the repository */
export function beginJob(
  state: State,
  { deployments }: Repository,
  { sha, environment, run, id }: RunningJob,
  html: string,
): void {
  const page = `${html}/actions/runs/${run}/job/${id}`
  const [author, created] = ['github-actions[bot]', state.now()]
  const status = {
    description: '',
    environment,
    target: page,
    log: page,
    environmentUrl: '',
    author,
    created,
  }
  deployments.push({
    id: state.id(),
    sha,
    ref: 'main',
    task: 'deploy',
    environment,
    description: null,
    payload: {},
    author,
    created,
    statuses: ['queued', 'in_progress'].map(name => ({ id: state.id(), state: name, ...status })),
  })
}
