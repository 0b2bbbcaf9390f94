// Statuses, check runs and deployments in the form of GitHub's answers.
import type { CheckRun, Deployment, DeploymentStatus, Repository, Status } from '../state.ts'
import { apiOf, htmlOf, nodeId, type Places } from './address.ts'
import { userShape } from './repository.ts'

export function statusShape(places: Places, repository: Repository, status: Status) {
  const creator = userShape(places, status.author)
  return {
    url: `${apiOf(places, repository)}/statuses/${status.sha}`,
    avatar_url: creator.avatar_url,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.target,
    context: status.context,
    created_at: status.created,
    updated_at: status.created,
    creator,
  }
}

export function checkRunShape(places: Places, repository: Repository, run: CheckRun) {
  const url = `${apiOf(places, repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    head_sha: run.sha,
    name: run.name,
    url,
    html_url: `${htmlOf(places, repository)}/runs/${run.id}`,
    details_url: run.details,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.started,
    completed_at: run.completed,
    external_id: run.external,
    check_suite: { id: run.id },
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    app: null,
    pull_requests: [],
  }
}

export function deploymentShape(places: Places, repository: Repository, deployment: Deployment) {
  const { id, sha, ref, task, environment, description, payload, author, created, statuses } = deployment
  const url = `${apiOf(places, repository)}/deployments/${id}`
  return {
    id,
    node_id: nodeId('DE', id),
    sha,
    ref,
    task,
    environment,
    original_environment: environment,
    description,
    payload,
    creator: userShape(places, author),
    created_at: created,
    updated_at: statuses.at(-1)?.created ?? created,
    statuses_url: `${url}/statuses`,
    repository_url: apiOf(places, repository),
    url,
    transient_environment: false,
    production_environment: false,
  }
}

export function deploymentStatusShape(
  places: Places,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  const { id, state, description, environment, target, log, environmentUrl, author, created } = status
  const of = `${apiOf(places, repository)}/deployments/${deployment.id}`
  return {
    id,
    node_id: nodeId('DES', id),
    state,
    description,
    environment,
    target_url: target,
    log_url: log,
    environment_url: environmentUrl,
    creator: userShape(places, author),
    created_at: created,
    updated_at: created,
    url: `${of}/statuses/${id}`,
    deployment_url: of,
    repository_url: apiOf(places, repository),
  }
}
