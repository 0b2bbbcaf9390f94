// Deployments with their statuses.
import { invalid, Refusal } from '../refusal.ts'
import { commitNamed, created, named, ok, page, route, type Route } from '../route.ts'
import { stateOfCheck } from '../rules.ts'
import { writeCommit } from '../moves.ts'
import { deploymentShape, deploymentStatusShape } from '../shapes/check.ts'
import type { Deployment, DeploymentStatus, Repository } from '../state.ts'

const at = '/repos/{owner}/{repo}'

interface DeploymentBody {
  ref: string
  task?: string
  auto_merge?: boolean
  required_contexts?: string[]
  payload?: unknown
  environment?: string
  description?: string | null
}

interface DeploymentStatusBody {
  state: string
  target_url?: string
  log_url?: string
  description?: string
  environment?: string
  environment_url?: string
  auto_inactive?: boolean
}

const tooLong = 'description is too long (maximum is 140 characters)'

export const deploymentRoutes: readonly Route[] = [
  route(`GET ${at}/deployments`, async call => {
    const { repository, places, url } = call
    const isWanted = (deployment: Deployment) =>
      (['sha', 'ref', 'task', 'environment'] as const).every(
        field => (url.searchParams.get(field) ?? deployment[field]) === deployment[field],
      )
    const found = repository.deployments.filter(isWanted).toReversed()
    return page(call, found, deployment => deploymentShape(places, repository, deployment))
  }),

  route<DeploymentBody>(
    `POST ${at}/deployments`,
    async ({ repository, places, asker, state, body }) => {
      const { objects, defaultBranch } = repository
      const sha = await commitNamed(repository, body.ref).catch(() => {
        throw new Refusal(422, `No ref found for: ${body.ref}`)
      })
      const contexts = body.required_contexts ?? contextsOf(repository, sha)
      if (contexts.some(context => stateOfCheck(repository, sha, context) !== 'success'))
        throw new Refusal(409, `Conflict: Commit status checks failed for ${body.ref}.`)
      const main = await objects.resolve(`refs/heads/${defaultBranch}`)
      const ref = `refs/heads/${body.ref}`
      const isBehind = main !== undefined && !(await objects.isAncestor(main, sha))
      if (body.auto_merge !== false && isBehind && (await objects.resolve(ref)) === sha) {
        const tree = await objects.mergeTrees(sha, main)
        if (tree === undefined) throw new Refusal(409, `Conflict merging ${defaultBranch} into ${body.ref}`)
        const message = `Merge ${defaultBranch} into ${body.ref}`
        const merged = await writeCommit(
          repository,
          asker,
          { tree, parents: [sha, main], message },
          state.now(),
        )
        await objects.moveRef(ref, merged, sha)
        return {
          status: 202,
          body: { message: `Auto-merged ${defaultBranch} into ${body.ref} on deployment.` },
        }
      }
      const deployment: Deployment = {
        id: state.id(),
        sha,
        ref: body.ref,
        task: body.task ?? 'deploy',
        environment: body.environment ?? 'production',
        description: body.description ?? null,
        payload: body.payload ?? {},
        author: asker.login,
        created: state.now(),
        statuses: [],
      }
      repository.deployments.push(deployment)
      return created(deploymentShape(places, repository, deployment))
    },
    'deployments',
  ),

  route(`GET ${at}/deployments/{deployment_id}`, call => {
    const { repository, places } = call
    const deployment = named(call, 'deployment_id', repository.deployments, ({ id }) => id)
    return ok(deploymentShape(places, repository, deployment))
  }),

  route(`GET ${at}/deployments/{deployment_id}/statuses`, async call => {
    const { repository, places } = call
    const deployment = named(call, 'deployment_id', repository.deployments, ({ id }) => id)
    return page(call, deployment.statuses.toReversed(), status =>
      deploymentStatusShape(places, repository, deployment, status),
    )
  }),

  route<DeploymentStatusBody>(
    `POST ${at}/deployments/{deployment_id}/statuses`,
    call => {
      const { repository, places, asker, state, body } = call
      const deployment = named(call, 'deployment_id', repository.deployments, ({ id }) => id)
      if ((body.description ?? '').length > 140)
        throw invalid('DeploymentStatus', 'description', 'custom', tooLong)
      if (body.state === 'success' && body.auto_inactive !== false)
        retire(repository, deployment, { id: state.id(), author: asker.login, created: state.now() })
      const status = {
        id: state.id(),
        state: body.state,
        description: body.description ?? '',
        environment: body.environment ?? deployment.environment,
        target: body.target_url ?? body.log_url ?? '',
        log: body.log_url ?? '',
        environmentUrl: body.environment_url ?? '',
        author: asker.login,
        created: state.now(),
      }
      deployment.statuses.push(status)
      return created(deploymentStatusShape(places, repository, deployment, status))
    },
    'deployments',
  ),
]

/** What was live in the environment is not any more. */
function retire(
  { deployments }: Repository,
  by: Deployment,
  made: Pick<DeploymentStatus, 'id' | 'author' | 'created'>,
) {
  for (const { environment, statuses, id } of deployments) {
    const newest = statuses.at(-1)
    if (environment !== by.environment || id >= by.id || newest?.state !== 'success') continue
    statuses.push({ ...newest, ...made, state: 'inactive' })
  }
}

const contextsOf = ({ statuses, checkRuns }: Repository, sha: string) => [
  ...statuses.filter(status => status.sha === sha).map(({ context }) => context),
  ...checkRuns.filter(run => run.sha === sha).map(({ name }) => name),
]
