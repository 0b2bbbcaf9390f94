// A whole workflow: jobs in the order of their needs, each with its matrix.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asText, holds, interpolate } from './expressions.ts'
import { loadWorkflow, type Job } from './grammar.ts'
import { runJob, type JobContexts } from './job.ts'
import { combinations } from './matrix.ts'
import type { Conclusion, JobRun, RunOptions, WorkflowRun } from './types.ts'

/** Thrown: Error for a workflow that is not valid, or that needs what this machine cannot do. */
export async function runWorkflow(options: RunOptions): Promise<WorkflowRun> {
  const workflow = await loadWorkflow(options.workflow)
  const directory = await mkdtemp(join(tmpdir(), 'run-'))
  const done = new Map<string, JobRun[]>()
  try {
    const github = await githubContext(options, directory, workflow.name ?? options.workflow)
    for (const id of order(workflow.jobs, options.job)) {
      const job = workflow.jobs[id]
      if (job === undefined) continue
      const needs = [job.needs ?? []].flat()
      const contexts: JobContexts = {
        github,
        env: options.env ?? {},
        vars: options.vars ?? {},
        secrets: { GITHUB_TOKEN: github['token'], ...options.secrets },
        inputs: {},
        matrix: {},
        strategy: {},
        needs: Object.fromEntries(
          needs.map(need => [
            need,
            {
              result: worst(done.get(need) ?? []),
              outputs: Object.fromEntries((done.get(need) ?? []).flatMap(run => Object.entries(run.outputs))),
            },
          ]),
        ),
      }
      done.set(
        id,
        await runCombinations(
          workflow,
          job,
          id,
          contexts,
          options,
          worst(needs.flatMap(need => done.get(need) ?? [])),
        ),
      )
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  const jobs = [...done.values()].flat()
  return {
    name: workflow.name ?? options.workflow,
    conclusion: worst(jobs.filter(({ conclusion }) => conclusion !== 'skipped')),
    jobs,
  }
}

async function runCombinations(
  workflow: Awaited<ReturnType<typeof loadWorkflow>>,
  job: Job,
  id: string,
  contexts: JobContexts,
  options: RunOptions,
  before: Conclusion,
): Promise<JobRun[]> {
  if (job.uses !== undefined) throw new Error(`Job ${id}: reusable workflows cannot be run here yet.`)
  if (job.services !== undefined || job.container !== undefined)
    throw new Error(`Job ${id}: services and containers cannot be run here.`)
  const status = options.signal?.aborted ? 'cancelled' : before === 'skipped' ? 'failure' : before
  const skipped: JobRun = {
    id,
    name: job.name ?? id,
    conclusion: 'skipped',
    outputs: {},
    steps: [],
    duration: 0,
  }
  if (!holds(job.if, contexts, { status })) {
    options.listener?.({ kind: 'job-ended', job: skipped })
    return [skipped]
  }
  const given = job.strategy?.matrix
  const matrix = typeof given === 'string' ? interpolate(given, contexts, { status }) : given
  const runs: JobRun[] = []
  for (const combination of combinations(matrix)) {
    const values = Object.values(combination).map(asText)
    const name =
      asText(interpolate(job.name ?? id, { ...contexts, matrix: combination }, { status })) +
      (values.length > 0 && job.name === undefined ? ` (${values.join(', ')})` : '')
    runs.push(await runJob(workflow, job, id, name, { ...contexts, matrix: combination }, options))
    if (runs.at(-1)?.conclusion === 'failure' && String(job.strategy?.['fail-fast'] ?? true) === 'true') break
  }
  return runs
}

/** Jobs after what they need; only `wanted` and its needs where it is given. */
function order(jobs: Readonly<Record<string, Job>>, wanted: string | undefined): string[] {
  const sorted: string[] = []
  const visit = (id: string) => {
    if (sorted.includes(id)) return
    if (jobs[id] === undefined) throw new Error(`There is no job ${JSON.stringify(id)}.`)
    for (const need of [jobs[id].needs ?? []].flat()) visit(need)
    sorted.push(id)
  }
  for (const id of wanted === undefined ? Object.keys(jobs) : [wanted]) visit(id)
  return sorted
}

function worst(runs: readonly { conclusion: Conclusion }[]): Conclusion {
  const ranked = ['cancelled', 'failure', 'skipped'] as const
  return ranked.find(conclusion => runs.some(run => run.conclusion === conclusion)) ?? 'success'
}

async function githubContext(
  options: RunOptions,
  directory: string,
  workflow: string,
): Promise<Record<string, unknown>> {
  const { event = { name: 'push' }, ref = 'refs/heads/main', repository, sha, actor = 'octocat' } = options
  const eventPath = join(directory, 'event.json')
  const payload = { repository: { full_name: repository, default_branch: 'main' }, ...event.payload }
  await writeFile(eventPath, JSON.stringify(payload))
  return {
    actor,
    api_url: options.apiUrl ?? 'https://api.github.com',
    event: payload,
    event_name: event.name,
    event_path: eventPath,
    graphql_url: `${options.apiUrl ?? 'https://api.github.com'}/graphql`,
    ref,
    ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository,
    repository_owner: repository.split('/')[0],
    run_attempt: '1',
    run_id: String(Date.now()),
    run_number: '1',
    server_url: options.serverUrl ?? 'https://github.com',
    sha,
    token: options.secrets?.['GITHUB_TOKEN'] ?? '',
    triggering_actor: actor,
    workflow,
    workspace: '',
  }
}
