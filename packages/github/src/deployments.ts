// Deployments of a repository: which there are of a commit, a new one, and what became of one.
import type { Answer } from './answer.ts'
import { descriptionOf } from './description.ts'
import type { GitHub } from './types.ts'

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

export interface Deployment {
  id: number
  environment: string
  /** As who made it gave it; JSON that comes as a text is read. */
  payload: unknown
}

export interface DeploymentStatus {
  /** One of DeploymentState, `queued` or `pending`. */
  state: string
  /** Empty where there is none. */
  logUrl: string
}

/** Thrown by all: as by GitHub, and UserError `bad-answer`. */
export interface Deployments {
  /** Those of a commit, newest first; at most a hundred. */
  of(sha: string, signal: AbortSignal): Promise<Deployment[]>
  /** Never repeated: after a lost answer `of` tells whether it is there. Nothing is merged, and no check is waited for. */
  create(
    wanted: Omit<Deployment, 'id'> & { sha: string; description: string },
    signal: AbortSignal,
  ): Promise<Deployment>
  /** Newest first. */
  statuses(id: number, signal: AbortSignal): Promise<DeploymentStatus[]>
  /** Repeatable: the same status twice says the same. The description is cut to what GitHub takes. */
  report(
    id: number,
    status: { state: DeploymentState; description: string; logUrl: string },
    signal: AbortSignal,
  ): Promise<void>
}

export function deploymentsOf(github: GitHub, { owner, repo }: { owner: string; repo: string }): Deployments {
  const at = '/repos/{owner}/{repo}/deployments'
  const place = { owner, repo }
  const name = `deployments of ${owner}/${repo}`
  return {
    async of(sha, signal) {
      const to = `read ${name}`
      const answer = await github.rest(`GET ${at}`, { ...place, sha, per_page: 100 }, { to, signal })
      return answer.list().map(deploymentIn)
    },
    async create({ sha, environment, description, payload }, signal) {
      const wanted = { ref: sha, environment, payload, auto_merge: false, required_contexts: [] }
      const parameters = { ...place, ...wanted, description: descriptionOf(description) }
      return deploymentIn(await github.rest(`POST ${at}`, parameters, { to: `write ${name}`, signal }))
    },
    async statuses(id, signal) {
      const parameters = { ...place, deployment_id: id, per_page: 100 }
      const to = `read ${name}`
      const answer = await github.rest(`GET ${at}/{deployment_id}/statuses`, parameters, { to, signal })
      return answer
        .list()
        .map(status => ({ id: status.at('id').integer(), ...statusIn(status) }))
        .sort((a, b) => b.id - a.id)
    },
    async report(id, { state, description, logUrl }, signal) {
      const status = { state, description: descriptionOf(description), ...(logUrl && { log_url: logUrl }) }
      const parameters = { ...place, deployment_id: id, ...status }
      const call = { to: `write ${name}`, repeat: 'repeat', signal } as const
      await github.rest(`POST ${at}/{deployment_id}/statuses`, parameters, call)
    },
  }
}

const deploymentIn = (answer: Answer): Deployment => ({
  id: answer.at('id').integer(),
  environment: answer.at('environment').text(),
  payload: payloadIn(answer.at('payload').value),
})

const statusIn = (answer: Answer): DeploymentStatus => ({
  state: answer.at('state').text(),
  logUrl: answer.at('log_url').exists() ? answer.at('log_url').text() : '',
})

/** Given as an object or as a text, it comes back as either. */
function payloadIn(payload: unknown): unknown {
  try {
    const parsed: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload
    return parsed
  } catch {
    return payload
  }
}
