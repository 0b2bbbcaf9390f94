// Statuses and check runs.
import { invalid, Refusal } from '../refusal.ts'
import { commitNamed, created, named, ok, page, parameter, route, type Route } from '../route.ts'
import { settle } from '../merging.ts'
import { apiOf } from '../shapes/address.ts'
import { checkRunShape, statusShape } from '../shapes/check.ts'
import { repositoryShape } from '../shapes/repository.ts'
import type { CheckRun, Repository } from '../state.ts'

const at = '/repos/{owner}/{repo}'

interface StatusBody {
  state: string
  target_url?: string | null
  description?: string | null
  context?: string
}

interface RunBody {
  name: string
  head_sha: string
  status?: string
  conclusion?: string
  details_url?: string
  external_id?: string
  started_at?: string
  completed_at?: string
  output?: { title?: string; summary?: string; text?: string }
}

export const checkRoutes: readonly Route[] = [
  route<StatusBody>(
    `POST ${at}/statuses/{sha}`,
    async call => {
      const { repository, places, asker, state, body } = call
      const given = parameter(call, 'sha')
      const sha = await repository.objects.resolve(given)
      if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${given}`)
      checkStatus(repository, sha, body)
      const status = {
        id: state.id(),
        sha,
        state: body.state,
        context: body.context ?? 'default',
        description: body.description ?? null,
        target: body.target_url ?? null,
        author: asker.login,
        created: state.now(),
      }
      repository.statuses.push(status)
      await settle(repository, state.now())
      return created(statusShape(places, repository, status))
    },
    'statuses',
  ),

  route(`GET ${at}/commits/{ref}/statuses`, async call => {
    const { repository, places } = call
    const sha = await commitNamed(repository, parameter(call, 'ref'))
    const all = repository.statuses.filter(status => status.sha === sha).toReversed()
    return page(call, all, status => statusShape(places, repository, status))
  }),

  route(`GET ${at}/commits/{ref}/status`, async call => {
    const { repository, places } = call
    const sha = await commitNamed(repository, parameter(call, 'ref'))
    const all = repository.statuses.filter(status => status.sha === sha)
    const newest = all.filter(
      ({ context, id }) => !all.some(other => other.context === context && other.id > id),
    )
    const states = newest.map(status => status.state)
    const bad = states.some(state => ['failure', 'error'].includes(state))
    const url = `${apiOf(places, repository)}/commits/${sha}`
    const whole = {
      state: bad
        ? 'failure'
        : states.length > 0 && states.every(state => state === 'success')
          ? 'success'
          : 'pending',
      sha,
      total_count: newest.length,
      repository: repositoryShape(places, repository),
      commit_url: url,
      url: `${url}/status`,
    }
    const shape = (status: (typeof newest)[number]) => statusShape(places, repository, status)
    return page(call, newest, shape, statuses => ({ ...whole, statuses }))
  }),

  route<RunBody>(
    `POST ${at}/check-runs`,
    async ({ repository, places, state, body }) => {
      const run = mergeRun(
        {
          id: state.id(),
          sha: body.head_sha,
          name: body.name,
          status: 'queued',
          conclusion: null,
          details: null,
          external: '',
          started: state.now(),
          completed: null,
          output: { title: null, summary: null, text: null },
        },
        body,
        state.now(),
      )
      repository.checkRuns.push(run)
      await settle(repository, state.now())
      return created(checkRunShape(places, repository, run))
    },
    'checks',
  ),

  route<Partial<RunBody>>(
    `PATCH ${at}/check-runs/{check_run_id}`,
    async call => {
      const { repository, places, state, body } = call
      const run = mergeRun(
        named(call, 'check_run_id', repository.checkRuns, ({ id }) => id),
        body,
        state.now(),
      )
      await settle(repository, state.now())
      return ok(checkRunShape(places, repository, run))
    },
    'checks',
  ),

  route(`GET ${at}/commits/{ref}/check-runs`, async call => {
    const { repository, places, url } = call
    const sha = await commitNamed(repository, parameter(call, 'ref'))
    const name = url.searchParams.get('check_name')
    const runs = repository.checkRuns.filter(run => run.sha === sha && (name === null || run.name === name))
    const shape = (run: CheckRun) => checkRunShape(places, repository, run)
    return page(call, runs, shape, check_runs => ({ total_count: runs.length, check_runs }))
  }),
]

/** GitHub keeps so many of a commit and context. */
const STATUSES = 1000

function checkStatus(
  { statuses }: Repository,
  sha: string,
  { context = 'default', description }: StatusBody,
) {
  if ((description ?? '').length > 140)
    throw invalid('Status', 'description', 'custom', 'description is too long (maximum is 140 characters)')
  if (/[\u{10000}-\u{10ffff}]/u.test(description ?? ''))
    throw invalid('Status', 'description', 'custom', "description doesn't accept 4-byte Unicode")
  if (statuses.filter(status => status.sha === sha && status.context === context).length >= STATUSES)
    throw invalid(
      'Status',
      'base',
      'custom',
      'This SHA and context has reached the maximum number of statuses.',
    )
}

function mergeRun(run: CheckRun, body: Partial<RunBody>, now: string): CheckRun {
  const isDone = body.conclusion !== undefined || body.status === 'completed'
  return Object.assign(run, {
    name: body.name ?? run.name,
    status: isDone ? 'completed' : (body.status ?? run.status),
    conclusion: body.conclusion ?? run.conclusion,
    details: body.details_url ?? run.details,
    external: body.external_id ?? run.external,
    started: body.started_at ?? run.started,
    completed: body.completed_at ?? (isDone ? now : run.completed),
    output: { ...run.output, ...body.output },
  })
}
