// One job: its workspace, its steps in order, and what has to be done after them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { loadAction, parseUses, type Metadata } from './action.ts'
import { asText, holds, interpolate, type Contexts } from './expressions.ts'
import type { Job, Scalars, Step, Workflow } from './grammar.ts'
import { createMasks, type Masks } from './masks.ts'
import { standInFor } from './stand-ins.ts'
import { runPhase, type Effects } from './step.ts'
import type { Conclusion, JobRun, RunOptions, StepRun } from './types.ts'

interface Post {
  name: string
  condition: string
  run: () => Promise<Effects>
}

/** The contexts that a workflow gives its jobs. */
export type JobContexts = Contexts & { github: Record<string, unknown> }

/** What the steps of a job share. */
class JobState {
  readonly options: RunOptions
  readonly id: string
  readonly contexts: Record<string, unknown> & {
    steps: Record<string, unknown>
    github: Record<string, unknown>
  }
  readonly workspace: string
  readonly temp: string
  readonly masks: Masks = createMasks()
  readonly env: Record<string, string> = {}
  readonly path: string[] = []
  readonly posts: Post[] = []
  readonly stop = new AbortController()
  status: Conclusion = 'success'

  constructor(options: RunOptions, id: string, directory: string, contexts: JobContexts) {
    this.options = options
    this.id = id
    this.workspace = join(directory, 'work', 'repository')
    this.temp = join(directory, 'temp')
    this.contexts = {
      ...contexts,
      steps: {},
      job: { status: 'success' },
      runner: {
        os: 'Linux',
        arch: 'X64',
        temp: this.temp,
        tool_cache: join(directory, 'tools'),
        name: 'local runner',
      },
    }
  }

  get standing() {
    return { status: this.status, workspace: this.workspace }
  }

  text(value: string, more: Contexts = {}): string {
    return asText(interpolate(value, { ...this.contexts, ...more }, this.standing))
  }

  texts(values: Scalars | undefined, more: Contexts = {}): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values ?? {}).map(([key, value]) => [key, this.text(asText(value), more)]),
    )
  }
}

export async function runJob(
  workflow: Workflow,
  job: Job,
  id: string,
  name: string,
  contexts: JobContexts,
  options: RunOptions,
): Promise<JobRun> {
  const started = performance.now()
  const directory = await mkdtemp(join(tmpdir(), 'job-'))
  const state = new JobState(options, id, directory, contexts)
  for (const secret of Object.values(options.secrets ?? {})) state.masks.add(secret)
  const cancel = () => {
    state.status = 'cancelled'
    state.stop.abort()
  }
  options.signal?.addEventListener('abort', cancel, { once: true })
  const limit = setTimeout(cancel, Number(job['timeout-minutes'] ?? 360) * 60_000)
  const steps: StepRun[] = []
  try {
    await Promise.all([
      mkdir(state.workspace, { recursive: true }),
      mkdir(state.temp, { recursive: true }),
      mkdir(join(directory, 'home')),
    ])
    Object.assign(state.env, state.texts(workflow.env), state.texts(job.env))
    options.listener?.({ kind: 'job-started', job: id, steps: (job.steps ?? []).map(nameOf) })
    for (const [index, step] of (job.steps ?? []).entries())
      steps.push(await runStep(state, workflow, job, step, index))
    for (const post of state.posts.toReversed()) {
      if (holds(post.condition, state.contexts, state.standing))
        steps.push(await measured(state, `Post ${post.name}`, '', post.run))
    }
    const outputs = Object.entries(job.outputs ?? {}).map(([key, value]) => [key, state.text(value)] as const)
    // The runner drops what would show a secret to other jobs.
    const kept = outputs.filter(([, value]) => !state.masks.holds(value))
    const failed = state.status === 'failure' && job['continue-on-error'] === true
    const run: JobRun = {
      id,
      name,
      conclusion: failed ? 'success' : state.status,
      outputs: Object.fromEntries(kept),
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

const nameOf = ({ name, uses, run = '' }: Step) => name ?? uses ?? `Run ${run.split('\n')[0] ?? ''}`

async function runStep(
  state: JobState,
  workflow: Workflow,
  job: Job,
  step: Step,
  index: number,
): Promise<StepRun> {
  const env = { ...state.env, ...state.texts(step.env, { env: state.env }) }
  const contexts = { ...state.contexts, env }
  const name = state.text(nameOf(step), { env })
  const id = step.id ?? `__${index}`
  const isWanted = holds(step.if, contexts, state.standing)
  const run = isWanted
    ? await measured(state, name, id, print => perform(state, workflow, job, step, id, env, print))
    : skipped(name, id)
  if (run.outcome === 'failure' && holdsFlag(state, step['continue-on-error'])) run.conclusion = 'success'
  if (run.conclusion === 'failure' && state.status === 'success') state.status = 'failure'
  if (step.id !== undefined) {
    const { outputs, outcome, conclusion } = run
    state.contexts.steps[step.id] = { outputs, outcome, conclusion }
  }
  state.contexts['job'] = { status: state.status }
  return run
}

const holdsFlag = (state: JobState, flag: boolean | string | undefined) =>
  state.text(asText(flag ?? false)) === 'true'
const skipped = (name: string, id: string): StepRun => ({
  id,
  name,
  outcome: 'skipped',
  conclusion: 'skipped',
  outputs: {},
  summary: '',
  annotations: [],
  log: [],
  duration: 0,
})

async function measured(
  state: JobState,
  name: string,
  id: string,
  body: (print: (line: string) => void) => Promise<Effects>,
): Promise<StepRun> {
  const started = performance.now()
  const run = skipped(name, id)
  const { listener } = state.options
  listener?.({ kind: 'step-started', job: state.id, step: name })
  const print = (line: string) => {
    run.log.push(line)
    listener?.({ kind: 'line', job: state.id, step: name, line })
  }
  try {
    const { exitCode, outputs, env, path, summary, annotations } = await body(print)
    Object.assign(state.env, env)
    state.path.unshift(...path)
    const outcome = exitCode === undefined ? 'cancelled' : exitCode === 0 ? 'success' : 'failure'
    Object.assign(run, { outcome, outputs, summary, annotations })
  } catch (error) {
    const message = state.masks.hide(error instanceof Error ? error.message : String(error))
    print(`error: ${message}`)
    run.annotations.push({ level: 'error', message, properties: {} })
    run.outcome = 'failure'
  }
  run.conclusion = run.outcome
  run.duration = performance.now() - started
  listener?.({ kind: 'step-ended', job: state.id, step: run })
  return run
}

async function perform(
  state: JobState,
  workflow: Workflow,
  job: Job,
  step: Step,
  id: string,
  env: Record<string, string>,
  print: (line: string) => void,
): Promise<Effects> {
  if (step.run !== undefined) return runScript(state, workflow, job, step, env, print)
  const uses = parseUses(step.uses ?? '')
  const given = state.texts(step.with, { env })
  const { root, sha, actions = {} } = state.options
  const mapped = uses.repository === '' ? state.workspace : actions[uses.repository]
  const standIn = mapped === undefined ? standInFor(uses.repository) : undefined
  if (standIn !== undefined) {
    print(`[stand-in for ${uses.repository}]`)
    const outputs = await standIn({ root, sha, workspace: state.workspace, inputs: given, print })
    return { exitCode: 0, outputs, env: {}, path: [], state: {}, summary: '', annotations: [] }
  }
  if (mapped === undefined)
    throw new Error(`There is no action ${step.uses} on this machine, and no stand-in for it.`)
  const directory = resolve(mapped, uses.path)
  return runNodeAction(state, await loadAction(directory), directory, {
    id,
    name: nameOf(step),
    given,
    env,
    print,
  })
}

async function runScript(
  state: JobState,
  workflow: Workflow,
  job: Job,
  step: Step,
  env: Record<string, string>,
  print: (line: string) => void,
): Promise<Effects> {
  const defaults = { ...workflow.defaults?.run, ...job.defaults?.run }
  const shell = step.shell ?? defaults.shell
  const file = join(state.temp, `script-${performance.now()}.sh`)
  await writeFile(file, state.text(step.run ?? '', { env }))
  const shells: Record<string, [string, ...string[]]> = {
    bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', file],
    sh: ['sh', '-e', file],
    python: ['python3', file],
  }
  const argv = shell === undefined ? (['bash', '-e', file] as const) : shells[shell]
  if (argv === undefined)
    throw new Error(`The shell ${shell} cannot be run here; there are bash, sh and python.`)
  const cwd = resolve(
    state.workspace,
    state.text(step['working-directory'] ?? defaults['working-directory'] ?? '.', { env }),
  )
  return phase(state, [...argv], cwd, env, print)
}

interface ActionStep {
  id: string
  name: string
  given: Record<string, string>
  env: Record<string, string>
  print: (line: string) => void
}

async function runNodeAction(
  state: JobState,
  { inputs = {}, runs }: Metadata,
  directory: string,
  { name, given, env, print }: ActionStep,
): Promise<Effects> {
  if (!/^node\d+$/.test(runs.using))
    throw new Error(`An action that runs by ${runs.using} cannot be run here yet.`)
  const values: Record<string, string> = { ...given }
  for (const [key, rule] of Object.entries(inputs)) values[key] ??= state.text(asText(rule.default ?? ''))
  const variables = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`INPUT_${key.replaceAll(' ', '_').toUpperCase()}`, value]),
  )
  const node = state.options.node ?? process.execPath
  const saved: Record<string, string> = {}
  const start = (file: string, say: (line: string) => void) => {
    const states = Object.fromEntries(Object.entries(saved).map(([key, value]) => [`STATE_${key}`, value]))
    return phase(
      state,
      [node, join(directory, file)],
      state.workspace,
      { ...env, ...variables, ...states, GITHUB_ACTION_PATH: directory },
      say,
    )
  }
  if (runs.pre !== undefined) Object.assign(saved, (await start(runs.pre, print)).state)
  const { post } = runs
  if (post !== undefined)
    state.posts.push({ name, condition: runs['post-if'] ?? 'always()', run: () => start(post, print) })
  const effects = await start(runs.main ?? '', print)
  Object.assign(saved, effects.state)
  return effects
}

function phase(
  state: JobState,
  argv: [string, ...string[]],
  cwd: string,
  env: Record<string, string>,
  print: (line: string) => void,
): Promise<Effects> {
  const { temp, masks, stop, options, path, workspace } = state
  const variables = Object.entries(state.contexts.github).filter(
    ([key, value]) => typeof value === 'string' && key !== 'token',
  )
  const full: Record<string, string> = {
    PATH: [...path, process.env['PATH'] ?? ''].join(delimiter),
    HOME: join(temp, '..', 'home'),
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ...Object.fromEntries(variables.map(([key, value]) => [`GITHUB_${key.toUpperCase()}`, String(value)])),
    GITHUB_WORKSPACE: workspace,
    GITHUB_JOB: state.id,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: join(temp, '..', 'tools'),
    RUNNER_NAME: 'local runner',
    ...env,
  }
  const directory = join(temp, `_files-${performance.now()}`)
  return runPhase({
    argv,
    cwd,
    env: full,
    directory,
    masks,
    signal: stop.signal,
    ladder: options.ladder ?? [7500, 2500],
    print,
  })
}
