// Statuses of a commit: the newest of each context, and a new one.
import { descriptionOf } from './description.ts'
import type { GitHub } from './types.ts'

export interface CommitStatus {
  context: string
  state: 'pending' | 'success' | 'failure' | 'error'
  /** Cut to what GitHub takes. */
  description: string
  targetUrl: string
}

/** Thrown by all: as by GitHub, and UserError `bad-answer`. GitHub keeps 1000 statuses of a commit and context, then refuses. */
export interface CommitStatuses {
  /** By context. */
  newest(sha: string, signal: AbortSignal): Promise<Map<string, { state: string; targetUrl: string }>>
  /** Repeatable: the same status twice says the same. */
  report(sha: string, status: CommitStatus, signal: AbortSignal): Promise<void>
}

export function statusesOf(github: GitHub, { owner, repo }: { owner: string; repo: string }): CommitStatuses {
  const place = { owner, repo }
  const name = `statuses of ${owner}/${repo}`
  return {
    async newest(sha, signal) {
      const found = new Map<string, { state: string; targetUrl: string }>()
      const call = { to: `read ${name}`, signal }
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status'
      for await (const status of github.list(route, { ...place, ref: sha }, call, 'statuses')) {
        const target = status.at('target_url')
        found.set(status.at('context').text(), {
          state: status.at('state').text(),
          targetUrl: target.exists() ? target.text() : '',
        })
      }
      return found
    },
    async report(sha, { context, state, description, targetUrl }, signal) {
      const status = { context, state, description: descriptionOf(description) }
      const parameters = { ...place, sha, ...status, ...(targetUrl && { target_url: targetUrl }) }
      const call = { to: `write ${name}`, repeat: 'repeat', signal } as const
      await github.rest('POST /repos/{owner}/{repo}/statuses/{sha}', parameters, call)
    },
  }
}
