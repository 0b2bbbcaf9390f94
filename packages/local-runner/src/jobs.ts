// The jobs of a workflow, one after the other in the order of their needs, each with its matrix or the workflow that it calls.
import { asText, holds, interpolate } from './expressions.ts'
import { loadWorkflow, type Job, type Workflow } from './grammar.ts'
import { runJob } from './job.ts'
import type { JobContexts } from './job-state.ts'
import { combinations } from './matrix.ts'
import { bindCall, callOutputs, calledFile } from './reusable.ts'
import type { Conclusion, JobRun, RunOptions } from './types.ts'
import { refuseForeign } from './uses.ts'

/** What became of a job with all its combinations, as those that need it see it. */
export interface Done {
  runs: JobRun[]
  result: Conclusion
  outputs: Record<string, string>
}

/** GitHub lets workflows call each other so deep. */
const DEEPEST = 10

/**
 * @param contexts without `needs`, `matrix` and `strategy`
 * @param prefix of the names of jobs in a called workflow
 */
export async function runJobs(
  workflow: Workflow,
  options: RunOptions,
  contexts: JobContexts,
  prefix: readonly string[] = [],
): Promise<Map<string, Done>> {
  const done = new Map<string, Done>()
  const ids = order(workflow.jobs, prefix.length === 0 ? options.job : undefined)
  if (prefix.length === 0) {
    await refuseUnknown(workflow, ids, options)
    options.listener?.({ kind: 'run-started', jobs: ids })
  }
  for (const id of ids) {
    const job = workflow.jobs[id] ?? {}
    const needs = [job.needs ?? []].flat()
    const known = needs.map(need => [need, done.get(need)] as const)
    const before = worst(known.map(([, need]) => ({ conclusion: need?.result ?? 'success' })))
    const own: JobContexts = {
      ...contexts,
      matrix: {},
      strategy: {},
      needs: Object.fromEntries(
        known.map(([need, { result, outputs } = none]) => [need, { result, outputs }]),
      ),
    }
    done.set(id, await runOne({ workflow, job, id, prefix, options }, own, before))
  }
  return done
}

const none: Done = { runs: [], result: 'skipped', outputs: {} }

interface Which {
  workflow: Workflow
  job: Job
  id: string
  prefix: readonly string[]
  options: RunOptions
}

async function runOne(which: Which, contexts: JobContexts, before: Conclusion): Promise<Done> {
  const { job, id, options, prefix } = which
  const status = options.signal?.aborted ? 'cancelled' : before === 'skipped' ? 'failure' : before
  const nameOf = (name: string) => [...prefix, name].join(' / ')
  if (!holds(job.if, contexts, { status })) {
    const run = idle(id, nameOf(job.name ?? id), 'skipped')
    options.listener?.({ kind: 'job-ended', job: run })
    return { runs: [run], result: 'skipped', outputs: {} }
  }
  const given = job.strategy?.matrix
  const matrix = typeof given === 'string' ? interpolate(given, contexts, { status }) : given
  const isFailFast = asText(job.strategy?.['fail-fast'] ?? true) === 'true'
  const rows = combinations(matrix)
  const all: Done[] = []
  for (const [index, row] of rows.entries()) {
    const strategy = { 'fail-fast': isFailFast, 'job-index': index, 'job-total': rows.length }
    const own = { ...contexts, matrix: row, strategy }
    const values = Object.values(row).map(asText)
    const title = asText(interpolate(job.name ?? id, own, { status }))
    const name = nameOf(
      values.length > 0 && job.name === undefined ? `${title} (${values.join(', ')})` : title,
    )
    if (isFailFast && all.some(({ result }) => result === 'failure')) {
      all.push({ runs: [idle(id, name, 'cancelled')], result: 'cancelled', outputs: {} })
    } else all.push(await (job.uses === undefined ? runPlain(which, own, name) : runCalled(which, own, name)))
  }
  return {
    runs: all.flatMap(({ runs }) => runs),
    result: all.some(({ result }) => result === 'failure') ? 'failure' : worst(all.map(asConclusion)),
    outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)) as Record<string, string>, // oxlint-disable-line no-unsafe-type-assertion -- the later ones win
  }
}

async function runPlain(
  { workflow, job, id, options }: Which,
  contexts: JobContexts,
  name: string,
): Promise<Done> {
  const run = await runJob(workflow, job, { id, name }, contexts, options)
  return { runs: [run], result: run.conclusion, outputs: run.outputs }
}

async function runCalled(
  { job, id, prefix, options }: Which,
  contexts: JobContexts,
  name: string,
): Promise<Done> {
  const called = await loadWorkflow(calledFile(job.uses ?? '', options))
  const done = await runJobs(called, options, bindCall(called, job, id, contexts), [...prefix, name])
  const runs = [...done.values()].flatMap(one => one.runs)
  const conclusion = worst([...done.values()].map(asConclusion).filter(one => one.conclusion !== 'skipped'))
  return { runs, result: conclusion, outputs: callOutputs(called, done, contexts) }
}

/** Before anything is done: what nobody on this machine can run. */
async function refuseUnknown(
  workflow: Workflow,
  ids: readonly string[],
  options: RunOptions,
  depth = 1,
): Promise<void> {
  if (depth > DEEPEST) throw new Error(`Workflows call each other more than ${DEEPEST} deep.`)
  for (const id of ids) {
    const job = workflow.jobs[id]
    if (job?.services !== undefined || job?.container !== undefined)
      throw new Error(`Job ${id}: services and containers cannot be run here.`)
    for (const { uses } of job?.steps ?? []) if (uses !== undefined) refuseForeign(uses, options)
    if (job?.uses !== undefined) {
      const called = await loadWorkflow(calledFile(job.uses, options))
      await refuseUnknown(called, Object.keys(called.jobs), options, depth + 1)
    }
  }
}

const idle = (id: string, name: string, conclusion: Conclusion): JobRun => ({
  id,
  name,
  conclusion,
  outputs: {},
  steps: [],
  duration: 0,
})

const asConclusion = ({ result }: Done) => ({ conclusion: result })

export function worst(runs: readonly { conclusion: Conclusion }[]): Conclusion {
  const ranked = ['cancelled', 'failure', 'skipped'] as const
  return ranked.find(conclusion => runs.some(run => run.conclusion === conclusion)) ?? 'success'
}

/** Jobs after what they need; only `wanted` and its needs where it is given. */
function order(jobs: Readonly<Record<string, Job>>, wanted: string | undefined): string[] {
  const sorted: string[] = []
  const visit = (id: string) => {
    if (sorted.includes(id)) return
    const job = jobs[id]
    if (job === undefined)
      throw new Error(`There is no job ${JSON.stringify(id)}. Write one of: ${Object.keys(jobs).join(', ')}.`)
    for (const need of [job.needs ?? []].flat()) visit(need)
    sorted.push(id)
  }
  for (const id of wanted === undefined ? Object.keys(jobs) : [wanted]) visit(id)
  return sorted
}
