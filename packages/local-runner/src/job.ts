// One job: its workspace, its steps in order, and what has to be done before and after them.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asText, holds, interpolate } from './expressions.ts'
import type { Job, Workflow } from './grammar.ts'
import { JobState, textsIn, type JobContexts, type Scope } from './job-state.ts'
import { measure, nameOf, runStep } from './step.ts'
import type { JobRun, RunOptions, StepRun } from './types.ts'
import { prepare, type Prepared } from './uses.ts'

export async function runJob(
  workflow: Workflow,
  job: Job,
  { id, name }: { id: string; name: string },
  contexts: JobContexts,
  options: RunOptions,
): Promise<JobRun> {
  const started = performance.now()
  const directory = await mkdtemp(join(tmpdir(), 'job-'))
  const state = new JobState(options, id, directory, contexts)
  for (const secret of Object.values(options.secrets ?? {})) state.masks.add(secret)
  const cancel = () => state.cancel()
  if (options.signal?.aborted) cancel()
  options.signal?.addEventListener('abort', cancel, { once: true })
  const limit = setTimeout(cancel, Number(job['timeout-minutes'] ?? 360) * 60_000)
  try {
    await Promise.all([
      mkdir(state.workspace, { recursive: true }),
      mkdir(state.temp, { recursive: true }),
      mkdir(join(directory, 'home')),
    ])
    const scope = jobScope(workflow, job, state)
    options.listener?.({ kind: 'job-started', job: name, steps: (job.steps ?? []).map(nameOf) })
    const steps = await runSteps(job, state, scope)
    const texts = Object.entries(textsIn(state, scope, job.outputs))
    const isForgiven = state.status === 'failure' && isTrue(job['continue-on-error'], state)
    const run: JobRun = {
      id,
      name,
      conclusion: isForgiven ? 'success' : state.status,
      // The runner drops what would show a secret to other jobs.
      outputs: Object.fromEntries(texts.filter(([, value]) => !state.masks.holds(value))),
      steps,
      duration: performance.now() - started,
    }
    options.listener?.({ kind: 'job-ended', job: run })
    return run
  } finally {
    clearTimeout(limit)
    options.signal?.removeEventListener('abort', cancel)
    await rm(directory, { recursive: true, force: true })
  }
}

function jobScope(workflow: Workflow, job: Job, state: JobState): Scope {
  const scope: Scope = {
    contexts: { ...state.contexts, steps: {} },
    get status() {
      return state.status
    },
    fail: () => state.fail(),
    env: {},
    defaults: { ...workflow.defaults?.run, ...job.defaults?.run },
  }
  Object.assign(scope.env, textsIn(state, scope, workflow.env), state.options.env)
  Object.assign(scope.env, textsIn(state, scope, job.env, { env: scope.env }))
  return scope
}

/** First what the actions want to do before all steps, then the steps, then what they left to do, backwards. */
async function runSteps(job: Job, state: JobState, scope: Scope): Promise<StepRun[]> {
  const runs: StepRun[] = []
  const prepared = new Map<number, Prepared>()
  for (const [index, step] of (job.steps ?? []).entries()) {
    const found = await prepare(state, step)
    if (found === undefined) continue
    prepared.set(index, found)
    const { pre } = found
    if (pre === undefined || !holds(pre.condition, scope.contexts, scope)) continue
    const run = await measure(state, `Pre ${nameOf(step)}`, '', print => pre.run(scope, step, print))
    if (run.conclusion === 'failure') state.fail()
    runs.push(run)
  }
  for (const [index, step] of (job.steps ?? []).entries())
    runs.push(await runStep(state, scope, step, { index, prepared: prepared.get(index) }))
  for (const post of state.posts.toReversed()) {
    if (!holds(post.condition, scope.contexts, scope)) continue
    const stop = new AbortController()
    state.running = { stop, survives: () => true }
    const run = await measure(state, `Post ${post.name}`, '', print => post.run(print, stop.signal))
    if (run.conclusion === 'failure') state.fail()
    runs.push(run)
  }
  return runs
}

const isTrue = (flag: boolean | string | undefined, state: JobState) =>
  asText(interpolate(asText(flag ?? false), state.contexts, state)) === 'true'
